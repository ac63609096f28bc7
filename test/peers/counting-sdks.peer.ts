import { describe, expect, it } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { programOf, type Recipe } from './cache.ts';
import { peers } from './peers.ts';
import { counting, type StartedWattline, startPipeline, usdPerCoreHour } from './wattline.ts';

const job = { scenario: 'job' };

/** Runs a program that sends counters to Wattline until it ends by itself, and returns what it printed. */
async function send(sdk: Recipe, { address }: StartedWattline, ...args: readonly string[]): Promise<string> {
  const child = startProcess(programOf(sdk), args, {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=job,service.instance.id=jobs.job-0.main,host.name=node-a',
    },
  });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${sdk.name} ended with ${code}: ${child.stderr()}`);
  return child.stdout();
}

describe.each([
  ['Go', peers.go],
  ['Java', peers.java],
])('the SDK of %s', (_language, sdk) => {
  it('of a job that ends before its first interval all CPU time counts', async () => {
    const wattline = await startPipeline();
    const used = (await send(sdk, wattline, 'burn', '0.5')).trim().split('\n').map(Number).at(-1) ?? Number.NaN;
    expect(used).toBeGreaterThanOrEqual(0.5);
    expect((await wattline.value('cpu_core_seconds_total', job)) / used).toBeCloseTo(1, 9);
    const usd = await wattline.value('cost_compute_load_aware_usd_total', job);
    expect(usd / ((used / 3600) * usdPerCoreHour)).toBeCloseTo(1, 9);
  });

  it('of two jobs, one after the other, both count', async () => {
    const wattline = await startPipeline();
    let used = 0;
    for (const seconds of ['0.2', '0.4']) {
      used += Number((await send(sdk, wattline, 'burn', seconds)).trim().split('\n').at(-1));
    }
    expect((await wattline.value('cpu_core_seconds_total', job)) / used).toBeCloseTo(1, 9);
  });

  it('a restart does not bill again what a meter has counted since boot', async () => {
    const wattline = await startPipeline();
    await send(sdk, wattline, 'observe', '126000000', '126000300');
    await send(sdk, wattline, 'observe', '126000400', '126000500');
    expect(await wattline.value('energy_joules_total', job)).toBeCloseTo(500, 6);
  });

  it("an application's own joules count from its start, and from that of the next", async () => {
    const wattline = await startPipeline({ processors: counting({ counted_from_start: ['hw.energy'] }) });
    await send(sdk, wattline, 'add', '100', '200', '50');
    expect(await wattline.value('energy_joules_total', job)).toBeCloseTo(350, 6);
    await send(sdk, wattline, 'add', '400');
    expect(await wattline.value('energy_joules_total', job)).toBeCloseTo(750, 6);
  });
});
