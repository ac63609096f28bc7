import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sendCounters } from './counting-sdk.ts';
import { peers } from './peers.ts';
import { startPipeline } from './wattline.ts';

describe.each([
  ['Go', peers.go],
  ['Java', peers.java],
])('the SDK of %s', (_language, sdk) => {
  it('what a meter of the host counts goes on where the program that reads it has another random id', async () => {
    const wattline = await startPipeline();
    for (const joules of [
      ['126000000', '126000300'],
      ['126000400', '126000500'],
    ]) {
      const resource = { 'service.name': 'job', 'service.instance.id': randomUUID(), 'host.name': 'node-a' };
      await sendCounters(sdk, wattline, resource, 'host', ...joules);
    }
    expect(await wattline.sum('energy_joules_total')).toBeCloseTo(500, 6);
  });

  it('the cards of two services of one host both count', async () => {
    const wattline = await startPipeline();
    for (const [index, card] of ['GPU-1', 'GPU-2'].entries()) {
      const resource = { 'service.name': `service-${index}`, 'host.name': 'node-a' };
      await sendCounters(sdk, wattline, resource, 'card', card, '126000000', '126000400');
    }
    expect(await wattline.sum('energy_joules_total')).toBeCloseTo(800, 6);
  });
});
