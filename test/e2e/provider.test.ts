import { afterEach, expect, it, vi } from 'vitest';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { FakeService, type ServiceRequest } from '../kit/fake-service.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, startWattline } from '../kit/wattline-process.ts';

const HALF_HOUR = 1800;
const text = (time: number) => `${new Date(time * 1000).toISOString().slice(0, 16)}Z`;

/** The Carbon Intensity API of Great Britain with forecasts of 266 g/kWh. */
function carbonIntensity({ path }: ServiceRequest) {
  const [from, to] = path
    .split('/')
    .slice(2)
    .map((part) => Date.parse(part) / 1000) as [number, number];
  const data = [];
  for (let time = from; time < to; time += HALF_HOUR) {
    const intensity = { forecast: 266, actual: null, index: 'moderate' };
    data.push({ from: text(time), to: text(time + HALF_HOUR), intensity });
  }
  return { json: { data } };
}

/** One minute at 1 kW that has just ended: 60,000 J. */
const runNow = (name: string) => {
  const end = Date.now() / 1000;
  return { name, power_watts: [1000, 1000], step_seconds: 60, start_time: end - 60, end_time: end, duration: 60 };
};

const configuration = (port: number, endpoint: string) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  co2: { region: eu-west-2, provider: uk_carbon_intensity, dataset: electricity_maps }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
providers:
  uk_carbon_intensity: { endpoint: '${endpoint}', refresh: 1s, timeout: 1s }
service:
  pipelines:
    metrics: { receivers: [file], processors: [co2], exporters: [prometheus] }
`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('emissions are by the intensity of the hour, and say when it is no longer of its own time', async () => {
  const service = await new FakeService(carbonIntensity).start();
  const port = await freePort();
  const wattline = await startWattline({ config: configuration(port, service.url) });
  closing.push(
    () => service.stop(),
    async () => expect(await wattline.stop()).toBe(0),
  );
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  const scrape = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());

  /** Emissions and the state of the run's intensity, once it has been through the pipeline. */
  const emissionsOf = async (run: { readonly name: string }) => {
    await wattline.write({ [`results/test_results_${run.name}.json`]: JSON.stringify({ scenarios: [run] }) });
    return vi.waitUntil(
      async () => {
        const found = (await scrape()).find(
          ({ name, labels }) => name === 'co2_emissions_kg' && labels.scenario === run.name,
        );
        return found && { kilograms: found.value, state: found.labels.state };
      },
      { timeout: 10_000 },
    );
  };

  const kilograms = (60_000 / 3.6e6) * 0.266;
  expect(await emissionsOf(runNow('first'))).toEqual({ kilograms: expect.closeTo(kilograms, 15), state: 'live' });
  const requests = { provider: 'uk_carbon_intensity', outcome: 'success' };
  expect(seriesValue(await scrape(), 'wattline_provider_requests_total', requests)).toBe(1);

  await service.stop();
  let count = 0;
  const cached = await vi.waitUntil(
    async () => {
      const found = await emissionsOf(runNow(`later-${count++}`));
      return found.state === 'live' ? undefined : found;
    },
    { timeout: 10_000 },
  );
  expect(cached).toEqual({ kilograms: expect.closeTo(kilograms, 15), state: 'cached' });

  const [longAgo] = twoRuns.scenarios;
  expect((await emissionsOf({ ...longAgo, name: 'long-ago' })).state).toBe('fallback');
  expect(
    seriesValue(await scrape(), 'wattline_provider_state', { provider: 'uk_carbon_intensity', state: 'none' }),
  ).toBe(1);
});
