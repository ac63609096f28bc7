import { expect, it } from 'vitest';
import { joulesBetween, sendPower } from './python-sdk.ts';
import { counting, type StartedWattline, startPipeline, usdPerKwh } from './wattline.ts';

const JOULES_PER_KWH = 3.6e6;

/** Sends levels to Wattline from a resource of which the SDK learns by `OTEL_RESOURCE_ATTRIBUTES`, where all is text. */
function send(
  wattline: StartedWattline,
  attributes: Readonly<Record<string, string | number>>,
  watts: readonly number[],
) {
  const resource = Object.entries({ 'service.name': 'job', ...attributes }).map(([key, value]) => `${key}=${value}`);
  return sendPower(
    { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${wattline.address}`, OTEL_RESOURCE_ATTRIBUTES: resource.join(',') },
    watts,
  );
}

const job = { scenario: 'job' };

it('a resource that says when it took place is a run, and has its price', async () => {
  const wattline = await startPipeline({ processors: counting() });
  const now = Math.floor(Date.now() / 1000);
  await send(wattline, { 'run.start_time': now - 60, 'run.end_time': now + 60 }, [120]);
  const joules = await wattline.value('energy_joules', job);
  expect(joules).toBeCloseTo(120 * 120, 6);
  expect(await wattline.value('cost_energy_load_aware', job)).toBeCloseTo((joules / JOULES_PER_KWH) * usdPerKwh, 12);
  expect(await wattline.value('energy_joules_total', job)).toBeNaN();
});

it('requests with one run.id are one run', async () => {
  const wattline = await startPipeline({ processors: counting({ run_expiration: '5s' }) });
  const points = await send(wattline, { 'run.id': 'one' }, [100, 200, 400]);
  expect(points).toHaveLength(3);
  await expect.poll(() => wattline.value('energy_joules', job)).toBeGreaterThan(0);
  const joules = joulesBetween(points);
  expect((await wattline.value('energy_joules', job)) / joules).toBeCloseTo(1, 5);
  const usd = await wattline.value('cost_energy_load_aware', job);
  expect(usd / ((joules / JOULES_PER_KWH) * usdPerKwh)).toBeCloseTo(1, 5);
  expect(await wattline.value('energy_joules_total', job)).toBeNaN();
});

it('a resource that says neither is a stream', async () => {
  const wattline = await startPipeline();
  const points = await send(wattline, { 'host.name': 'node-a' }, [100, 200, 400]);
  const joules = await wattline.value('energy_joules_total', { scenario: 'node-a' });
  expect(joules / joulesBetween(points)).toBeCloseTo(1, 5);
  expect(await wattline.value('energy_joules', job)).toBeNaN();
});
