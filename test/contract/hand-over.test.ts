import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedConfiguration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { figuresOf, type LabelledFigure, labelledFigures } from '../../src/figures/index.ts';
import { Loader } from '../../src/loader.ts';
import type { Consumer } from '../../src/plugin/contract.ts';
import { type Factor, figure, Run } from '../../src/plugin/index.ts';
import { projectRoot } from '../kit/checkout.ts';
import { asTheSdkHasThem, asTheyAre, clone, connect, exportedFrom } from '../kit/connected-stages.ts';
import { liveMetric, liveRun } from '../kit/live-streams.ts';
import { twoRuns } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';

const { signal } = new AbortController();
const quickstart = join(projectRoot, 'config/quickstart/test_results_quickstart.json');
const ready = ['quickstart', 'once', 'explain', 'check', 'custom-processor/custom-processor', 'development', 'edge'];

/** Every processor that takes runs of results files, each with what makes it do the most. */
const everyProcessor = `
receivers:
  file: { include: [results.json] }
processors:
  attributes/first:
    actions:
      - { action: extract, key: scenario, pattern: '@ (?P<bitrate>\\d+k)$' }
      - { action: insert, key: region, value: eu-north-1 }
      - { action: insert, key: run.orders, value: 7 }
  predictor: { predict: always, training: { min_distinct_streams: 2 } }
  energy: { fill: predicted, pue: 1.3 }
  cost:
    usd_per_core_hour: 0.5
    price:
      - usd_per_kwh: 0.11
      - { effective_from: 2024-01-15T10:51:00Z, usd_per_kwh: 0.22 }
  co2:
    market: { kg_per_kwh: 0.05, source: a contract, year: 2026 }
    intensity: [{ kg_per_kwh: 0.4 }, { effective_from: 2024-01-15T10:56:00Z, kg_per_kwh: 0.2 }]
  sci:
    embodied: { total_kg: 1000, share: { reserved_vcpus: 2, total_vcpus: 8 } }
    functional_units: [stream_hour, { name: order, attribute: run.orders }]
  unit_cost:
  savings: { baseline: 2 streams @ 2500k }
  currency: { rates: [{ date: 2023-01-01, EUR: 0.92, source: a treasury }] }
  filter: { drop: [{ figure: cost_total_load_aware, below: 0.001 }] }
  attributes/last:
    actions:
      - { action: delete, key: run.orders }
      - { action: hash, key: scenario }
exporters: { debug: }
service:
  pipelines:
    metrics:
      receivers: [file]
      processors: [attributes/first, predictor, energy, cost, co2, sci, unit_cost, savings, currency, filter, attributes/last]
      exporters: [debug]
`;

let folder: TemporaryFolder;
beforeAll(async () => {
  const [first, second] = twoRuns.scenarios;
  const scenarios = [
    { ...first, streams: 2 },
    { ...second, streams: 4 },
    { name: '8 streams @ 5000k', streams: 8, region: 'us-west-2', start_time: 1_705_316_400, duration: 60 },
    {
      name: 'cheap',
      streams: 1,
      start_time: 1_705_316_400,
      step_seconds: 5,
      power_watts: [1, 1],
      cpu_usage_cores: [0, 0],
    },
  ];
  folder = await temporaryFolder({ 'results.json': JSON.stringify({ scenarios }), 'every.yaml': everyProcessor });
});
afterAll(() => folder.remove());

const keyOf = ({ definition: { name, unit }, labels }: LabelledFigure) =>
  JSON.stringify([name, unit, Object.entries(labels).sort()]);

/** Figures by name, unit and labels. */
function valuesOf(run: Run): Map<string, number> {
  const all = labelledFigures(run, () => true).map((figure) => [keyOf(figure), figure.value] as const);
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Two lists of runs say the same of themselves, and have the same figures. */
function expectSame(actual: readonly Run[], expected: readonly Run[]): void {
  expect(actual.map(({ resource }) => resource.attributes)).toEqual(
    expected.map(({ resource }) => resource.attributes),
  );
  for (const [index, run] of expected.entries()) {
    const other = actual[index] as Run;
    const [found, wanted] = [valuesOf(other), valuesOf(run)];
    expect([...found.keys()]).toEqual([...wanted.keys()]);
    for (const [key, value] of wanted) {
      const difference = Math.abs((found.get(key) as number) - value);
      expect(difference, key).toBeLessThanOrEqual(1e-12 * Math.abs(value));
    }
    const names = (of: Run) => figuresOf(of).map(({ name }) => name);
    expect(names(other).sort()).toEqual(names(run).sort());
  }
}

function load(file: string, results: string): Promise<LoadedConfiguration> {
  return loadConfiguration([file], {
    loader: new Loader(),
    environment: { WATTLINE_RESULTS: results, OTLP_URL: 'http://collector.example:4318', OTLP_AUTHORIZATION: 'none' },
    set: [`receivers.file.include=["${results}"]`],
  });
}

describe('runs that are handed over as the SDK has them come to the same figures', () => {
  it.each(ready)('in config/%s.yaml', async (name) => {
    const configuration = await load(join(projectRoot, `config/${name}.yaml`), quickstart);
    const expected = await exportedFrom(configuration, asTheyAre);
    expect(expected.length).toBeGreaterThan(5);
    expectSame(await exportedFrom(configuration, asTheSdkHasThem), expected);
  });

  it('in a pipeline of all processors of results', async () => {
    const configuration = await load(join(folder.path, 'every.yaml'), join(folder.path, 'results.json'));
    const expected = await exportedFrom(configuration, asTheyAre);
    const names = new Set(expected.flatMap((run) => figuresOf(run).map(({ name }) => name)));
    expect([expected.length, names.size]).toEqual([3, 30]);
    expectSame(await exportedFrom(configuration, asTheSdkHasThem), expected);
  });

  it('also behind a stage that changes labels and times', async () => {
    const definition = { name: 'price', unit: '{USD}', description: '' };
    const factor: Factor = {
      id: 'price/b',
      quantity: 'price',
      value: 0.2,
      unit: 'USD/kWh',
      source: 'a contract',
      state: 'static',
    };
    const made = Run.of({ scenario: 'a', region: 'b', 'run.end_time': 5 }).with({
      figures: [figure(definition, 1, undefined, factor)],
    });
    const change = (run: Run) => {
      return run.with({
        attributes: { scenario: 'z', bitrate: '5k', 'run.end_time': 9 },
        figures: [figure(definition, 2)],
      });
    };
    expectSame([change(clone(made))], [change(made)]);
    expect(labelledFigures(change(made), () => true)).toMatchObject([
      { value: 1, labels: { scenario: 'a', region: 'b' }, window: { end: [5, 0] } },
      { value: 2, labels: { scenario: 'z', region: 'b', bitrate: '5k' }, window: { end: [9, 0] } },
    ]);
  });

  it('in a pipeline of live streams', async () => {
    const configuration = await loadConfiguration([join(projectRoot, 'config/live.yaml')], {
      loader: new Loader(),
      environment: {},
    });
    const sent = async (between: (next: Consumer) => Consumer) => {
      const { head, stages, exported } = connect(configuration, between);
      for (const stage of stages) await stage.start?.(signal);
      for (let at = 1_766_947_958; at < 1_766_947_968; at++) {
        const power = liveMetric('hw.host.power', 'gauge', [{ at, value: 100 + (at % 7) }], 'W');
        const cpu = liveMetric('process.cpu.time', 'counter', [{ at, value: 2 * (at - 1_766_947_950) }], 's');
        await head.consume([liveRun({ scenario: 'encoder', 'host.name': 'a' }, power, cpu)], signal);
      }
      for (const stage of stages.toReversed()) await stage.shutdown?.(signal);
      return exported.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    };
    const expected = await sent(asTheyAre);
    expect(expected.length).toBeGreaterThan(50);
    expect(await sent(asTheSdkHasThem)).toEqual(expected);
  });
});
