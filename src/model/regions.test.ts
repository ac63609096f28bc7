import { expect, it } from 'vitest';
import { fallbackRegion, findRegion, regionNames } from './regions.ts';

it.each([
  ['us-east-1', 0.13, 0.45],
  ['us-west-2', 0.1, 0.3],
  ['eu-west-1', 0.2, 0.28],
  ['eu-north-1', 0.08, 0.12],
  ['eu-central-1', 0.155, 0.342],
  ['eu-south-1', 0.162, 0.275],
  ['ap-northeast-1', 0.135, 0.535],
  ['ap-southeast-1', 0.145, 0.483],
])('%s costs %d USD/kWh and emits %d kg/kWh', (name, usd, kg) => {
  expect(findRegion(name)?.usd_per_kwh.value).toBe(usd);
  expect(findRegion(name)?.kg_per_kwh.value).toBe(kg);
});

it('knows eight regions, and where and when each number is from', () => {
  expect(regionNames).toHaveLength(8);
  for (const region of [...regionNames.map(findRegion), fallbackRegion]) {
    for (const factor of [region?.usd_per_kwh, region?.kg_per_kwh]) {
      expect(factor?.source.length).toBeGreaterThan(3);
      expect(factor?.year).toBeGreaterThan(2020);
    }
  }
});

it('knows no other name', () => {
  expect(findRegion('mars-north-1')).toBeUndefined();
  expect(findRegion('US-EAST-1')).toBeUndefined();
  expect(findRegion('constructor')).toBeUndefined();
});
