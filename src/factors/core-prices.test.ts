import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCorePrice, listPriceOf, listPrices } from './core-prices.ts';
import { findRegion } from './regions.ts';

describe('the table of list prices', () => {
  it('has each family of a cloud once, of all three', () => {
    const families = listPrices.map(({ cloud, family }) => `${cloud}/${family}`);
    expect(new Set(families).size).toBe(families.length);
    expect([...new Set(listPrices.map(({ cloud }) => cloud))]).toEqual(['aws', 'gcp', 'azure']);
  });

  it.each(listPrices.map((row) => [row.type, row] as const))('is sound in the row of %s', (type, row) => {
    expect(findRegion(row.region)?.cloud).toBe(row.cloud);
    expect(row.date).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
    expect(row.source).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+\/blob\/[0-9a-f]{40}\/\S+$/);
    expect(row.licence).toBe('Apache-2.0');
    expect(row.usd_per_hour / row.vcpus).toBeGreaterThan(0.02);
    expect(row.usd_per_hour / row.vcpus).toBeLessThan(0.1);
    expect(listPriceOf(type)).toMatchObject({
      id: `core_price/${row.cloud}/${row.region}/${row.family}`,
      value: row.usd_per_hour / row.vcpus,
      ...{ quantity: 'core_price', unit: 'USD/core-hour', year: Number(row.date.slice(0, 4)), state: 'static' },
    });
  });

  it('says where a price is from and of which day', () => {
    expect(listPriceOf('m6i.xlarge')?.source).toBe(
      'AWS list price of m6i.2xlarge in us-east-1, on demand, by vCPU, of 2026-02-09, by way of aws/karpenter-provider-aws at 265ee0b',
    );
  });
});

describe('the list price of a type of machine', () => {
  it.each([
    ['m6i.xlarge', 0.048],
    ['c7g.medium', 0.03625],
    ['r8g.48xlarge', 0.05891],
    ['n2-standard-8', 0.048559],
    ['projects/123456/machineTypes/e2-highmem-4', 0.0451998],
    ['Standard_D4s_v5', 0.048],
    ['Standard_F72s_v2', 0.04225],
  ])('%s is %d USD for a vCPU-hour', (type, usd) => {
    expect(listPriceOf(type)?.value).toBeCloseTo(usd, 7);
  });

  it('is that of its family, whatever its size', () => {
    const size = fc.integer({ min: 1, max: 448 });
    fc.assert(
      fc.property(size, (n) => {
        expect(listPriceOf(`m7g.${n}xlarge`)).toBe(listPriceOf('m7g.large'));
        expect(listPriceOf(`c3-standard-${n}`)).toBe(listPriceOf('c3-standard-4'));
        expect(listPriceOf(`Standard_E${n}s_v5`)).toBe(listPriceOf('Standard_E2s_v5'));
      }),
    );
  });

  it.each([
    ...['c6g.metal', 't3.micro', 't3.large', 'm6i', 'n2-highmem-128', 'e2-medium', 'n2-custom-4-8192', 'c4-standard-2'],
    ...['Standard_E4-2s_v5', 'Standard_D4as_v5', 'standard_d4s_v5', 'constructor', ''],
  ])('of %j is not known', (type) => {
    expect(listPriceOf(type)).toBeUndefined();
  });
});

it('the default is at least five times every list price', () => {
  const prices = listPrices.map(({ usd_per_hour, vcpus }) => usd_per_hour / vcpus);
  expect(defaultCorePrice).toMatchObject({ id: 'core_price/default', value: 0.5, year: 2025 });
  expect(Math.max(...prices) * 5).toBeLessThan(defaultCorePrice.value);
});
