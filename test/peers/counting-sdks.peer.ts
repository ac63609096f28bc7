import { describe, expect, it } from 'vitest';
import { sendCounters } from './counting-sdk.ts';
import { peers } from './peers.ts';
import { counting, startPipeline, usdPerCoreHour } from './wattline.ts';

const job = { scenario: 'job' };
const resource = { 'service.name': 'job', 'service.instance.id': 'jobs.job-0.main', 'host.name': 'node-a' };

/** The value that a program of the SDKs printed last. */
const lastIn = (output: string) => Number(output.trim().split('\n').at(-1));

describe.each([
  ['Go', peers.go],
  ['Java', peers.java],
])('the SDK of %s', (_language, sdk) => {
  it('of a job that ends before its first interval all CPU time counts', async () => {
    const wattline = await startPipeline();
    const used = lastIn(await sendCounters(sdk, wattline, resource, 'burn', '0.5'));
    expect(used).toBeGreaterThanOrEqual(0.5);
    expect((await wattline.value('cpu_core_seconds_total', job)) / used).toBeCloseTo(1, 9);
    const usd = await wattline.value('cost_compute_load_aware_usd_total', job);
    expect(usd / ((used / 3600) * usdPerCoreHour)).toBeCloseTo(1, 9);
  });

  it('of two jobs, one after the other, both count', async () => {
    const wattline = await startPipeline();
    let used = 0;
    for (const seconds of ['0.2', '0.4']) {
      used += lastIn(await sendCounters(sdk, wattline, resource, 'burn', seconds));
    }
    expect((await wattline.value('cpu_core_seconds_total', job)) / used).toBeCloseTo(1, 9);
  });

  it('a restart does not bill again what a meter has counted since boot', async () => {
    const wattline = await startPipeline();
    await sendCounters(sdk, wattline, resource, 'host', '126000000', '126000300');
    await sendCounters(sdk, wattline, resource, 'host', '126000400', '126000500');
    expect(await wattline.value('energy_joules_total', { scenario: resource['host.name'] })).toBeCloseTo(500, 6);
  });

  it("an application's own joules count from its start, and from that of the next", async () => {
    const wattline = await startPipeline({ processors: counting({ counted_from_start: ['hw.energy'] }) });
    await sendCounters(sdk, wattline, resource, 'add', '100', '200', '50');
    expect(await wattline.value('energy_joules_total', job)).toBeCloseTo(350, 6);
    await sendCounters(sdk, wattline, resource, 'add', '400');
    expect(await wattline.value('energy_joules_total', job)).toBeCloseTo(750, 6);
  });
});
