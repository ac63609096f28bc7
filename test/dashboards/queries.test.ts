import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeWithPeers } from '../kit/peers.ts';
import { type PanelQuery, queriesOf, readDashboards } from './dashboard-files.ts';
import { type FilledServer, type Filling, startFilled } from './filled-server.ts';
import { type Choices, interpolate, stepOf, type TimeRange } from './interpolate.ts';
import { liveHost } from './live-host.ts';
import { cloudBounds, type Figures, LIVE_KG_PER_KWH, latestFigures, latestJoules, MARKET_KG_PER_KWH } from './runs.ts';

/** Seconds; short, so that a line has a point every 3 s. */
const RANGE = 900;
const EUR = 0.92;
const dashboards = readDashboards();
const all = [...dashboards].flatMap(([name, dashboard]) => queriesOf(name, dashboard));

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Pairs of a time in seconds and a value as text. */
  readonly values: readonly (readonly [number, string])[];
}

type Figure = 'total' | 'energy' | 'compute' | 'co2';

describeWithPeers('against VictoriaMetrics', ['victoria-metrics'], () => {
  describe('scraping', () => suite('scraped by VictoriaMetrics'));
  describe('pushed to', () => suite('pushed to VictoriaMetrics'));
});

describeWithPeers('against Prometheus', ['prometheus'], () => suite('scraped by Prometheus'));

function suite(filling: Filling): void {
  let server: FilledServer;
  let range: TimeRange;

  const ask = async (query: PanelQuery, choices?: Choices, at = range) => {
    const dashboard = dashboards.get(query.dashboard);
    if (!dashboard) throw new Error(`there is no dashboard ${query.dashboard}`);
    return request(server.url, query, interpolate(query.expression, dashboard, at, choices), at);
  };
  const find = (dashboard: string, panel: string, refId = 'A') => {
    const found = all.find((query) => query.dashboard === dashboard && query.panel === panel && query.refId === refId);
    if (!found) throw new Error(`${dashboard} has no query ${refId} in the panel ${panel}`);
    return found;
  };
  /** The last value of each series, by the values of its labels. */
  const last = async (query: PanelQuery, choices?: Choices, at = range) =>
    Object.fromEntries(
      (await ask(query, choices, at)).map(({ metric, values }) => [
        Object.values(metric).join(' '),
        Number(values.at(-1)?.[1]),
      ]),
    );

  beforeAll(async () => {
    server = await startFilled(filling);
    await vi.waitFor(
      async () => {
        const to = Math.floor(Date.now() / 1000);
        range = { from: to - RANGE, to };
        const compute = await last(find('cost-energy-monitoring', 'Energy against compute cost', 'B'));
        expect(compute['']).toEqual(near(sumOf('compute')));
        expect(await ask(find('pipeline-operation', 'Received since the start', 'B')), 'a refusal').not.toEqual([]);
        expect(await ask(find('pipeline-operation', 'Received since the start', 'C')), 'a rejection').not.toEqual([]);
        expect(await ask(find('pipeline-operation', 'Received')), 'two scrapes').not.toEqual([]);
        expect(await ask(find('live-totals', 'Cost an hour')), 'a slice after the first').not.toEqual([]);
        expect(await last(find('live-totals', 'Cost in the time range')), 'two of its values').not.toEqual({ '': 0 });
      },
      { timeout: 40_000, interval: 250 },
    );
  });
  afterAll(() => server?.stop());

  it.each(all)('$dashboard / $panel / $refId returns data', async (query) => {
    // Rates need two values of their counter, and the newest lie behind the time range that the tests began with.
    await vi.waitFor(
      async () => {
        const to = Math.floor(Date.now() / 1000);
        const series = await ask(query, {}, { from: to - RANGE, to });
        expect(series.length).toBeGreaterThan(0);
        for (const { values } of series) {
          for (const [, value] of values) expect(Number.isFinite(Number(value))).toBe(true);
        }
      },
      { timeout: 40_000, interval: 250 },
    );
  });

  it('adds up the latest figure of each run, once', async () => {
    const gauge = find('cost-energy-monitoring', 'Total cost');
    expect((await last(gauge))['']).toEqual(near(sumOf('total')));
    expect((await last(gauge, { currency: String(EUR) }))['']).toEqual(near(sumOf('total') * EUR));
    expect((await last(find('cost-energy-monitoring', 'Total cost', 'budget'), { currency: String(EUR) }))['']).toBe(
      EUR,
    );
    expect((await last(find('cost-energy-monitoring', 'Total CO₂')))['']).toEqual(near(sumOf('co2')));
    for (const panel of ['Cost distribution', 'Total cost by scenario']) {
      closeTo(await last(find('cost-energy-monitoring', panel)), sumsBy('scenario', 'total'));
    }
    const breakdown = 'Energy against compute cost';
    expect((await last(find('cost-energy-monitoring', breakdown)))['']).toEqual(near(sumOf('energy')));
    expect((await last(find('cost-energy-monitoring', breakdown, 'B')))['']).toEqual(near(sumOf('compute')));
    closeTo(await last(find('cost-energy-monitoring', 'CO₂ emissions')), sumsBy('scenario', 'co2'));
  });

  it.each(['total', 'energy', 'compute', 'co2'] as const)('gives one row a run, with its %s', async (figure) => {
    const rows = (await ask(find('cost-energy-monitoring', 'Runs', figure))).map(({ metric, values }) => ({
      ...metric,
      [figure]: Number(values.at(-1)?.[1]),
    }));
    const expected = latestFigures.filter((run) => run[figure] !== undefined);
    expect(rows).toHaveLength(expected.length);
    for (const { scenario, region, encoder, bitrate, power, ...figures } of expected) {
      const labels = Object.entries({ scenario, region, encoder, bitrate, power }).filter(([, value]) => value);
      const value = near(figures[figure] as number);
      expect(rows).toContainEqual({ ...Object.fromEntries(labels), [figure]: value });
    }
  });

  it('filters by scenario, region and encoder', async () => {
    const gauge = find('cost-energy-monitoring', 'Total CO₂');
    const both = ['2 streams @ 2500k', '3 streams @ 2500k'];
    expect((await last(gauge, { scenario: both }))['']).toEqual(
      near(sumOf('co2', ({ scenario }) => both.includes(scenario))),
    );
    expect((await last(gauge, { region: ['eu-north-1'] }))['']).toEqual(near(0.00012));
    expect((await last(gauge, { encoder: ['libx265'], scenario: both }))['']).toEqual(
      near(sumOf('co2', ({ encoder }) => encoder === 'libx265')),
    );
    expect(await last(gauge, { scenario: ['.*'] }), 'a name is a name, not an expression').toEqual({});
  });

  /** The values that a variable of a dashboard offers; undefined where it has none of that name. */
  const offered = async (title: string, label: string) => {
    const variable = dashboards.get(title)?.templating.list?.find(({ name }) => name === label);
    if (!variable) return undefined;
    const [, selector = '', name] = /^label_values\((.+), (\w+)\)$/.exec(String(variable.query)) ?? [];
    expect(name).toBe(label);
    const query = new URLSearchParams({ 'match[]': selector, start: String(range.from), end: String(range.to) });
    const answer = await fetch(`${server.url}/api/v1/label/${label}/values?${query}`);
    return ((await answer.json()) as { data: string[] }).data.sort();
  };

  it.each(['scenario', 'region', 'encoder'] as const)('offers the values of %s', async (label) => {
    for (const title of dashboards.keys()) {
      const runs: readonly Partial<Figures>[] = title.startsWith('live-') ? [liveHost] : latestFigures;
      const values = await offered(title, label);
      if (values) expect(values).toEqual([...new Set(runs.flatMap((run) => run[label] ?? []))].sort());
    }
  });

  it('says UP while there are signs of life, and DOWN two minutes after the last', async () => {
    const status = find('cost-energy-monitoring', 'Exporter status');
    expect(await last(status)).toEqual({ '': 1 });
    expect(await last(status, {}, { from: range.from + 400, to: range.to + 400 })).toEqual({ '': 0 });
    expect(await last(status, {}, { from: range.from - RANGE, to: range.from }), 'before there was any').toEqual({
      '': 0,
    });
  });

  it('tells measured, modelled and predicted energy cost from each other', async () => {
    const name = 'Energy cost a run, measured, modelled and predicted, by scenario';
    const isOf = (kind: Figures['power']) => (run: Figures) => run.power === kind;
    const costs = (refId: string) => last(find('prediction-quality', name, refId));
    closeTo(await costs('A'), sumsBy('scenario', 'energy', isOf(undefined)));
    expect((await costs('B'))['3 streams @ 2500k']).toEqual(near(sumOf('energy', isOf('predicted'))));
    closeTo(await costs('C'), sumsBy('scenario', 'energy', isOf('modelled')));
    // The night batch has three streams too, and was predicted before it was measured: it counts in both.
    const predicted = sumOf('energy', isOf('predicted')) * (1 + 0.08 / 0.2);
    const known = sumOf('energy', ({ power }) => power !== 'predicted');
    const share = await last(find('prediction-quality', 'Predicted share of energy cost'));
    expect(share['']).toEqual(near(predicted / (predicted + known)));
    expect(await last(find('prediction-quality', 'Runs with energy cost', 'C'))).toEqual({ '': 1 });
  });

  it('says how much was measured, and what is assumed of the rest', async () => {
    const basis = (panel: string, refId?: string) => last(find('figures-and-factors', panel, refId));
    const [two, four] = [45 / 120.5, 55 / 180.3];
    expect(await basis('Coverage by scenario, lowest first')).toMatchObject({
      '2 streams @ 2500k power': near(two),
      '4 streams @ 5000k cpu': near(four),
      'warm-up cpu': 1,
    });
    const joules = (origin: keyof (typeof latestJoules)[number]) =>
      latestJoules.reduce((sum, run) => sum + (run[origin] ?? 0), 0);
    const kinds = { measured: joules('measured'), modelled: joules('modelled'), predicted: joules('predicted') };
    const [known, assumed] = [kinds.measured + kinds.modelled + kinds.predicted, joules('assumed')];
    closeTo(await basis('Energy, by how its power came about'), kinds);
    expect((await basis('Energy, by how its power came about', 'B'))['']).toEqual(near(assumed));
    expect((await basis('Energy that is assumed'))['']).toEqual(near(assumed / (known + assumed)));
    expect((await basis('Cost that is assumed'))['']).toEqual(near((assumed / 3.6e6) * 0.13));
  });

  it('shows runs with an interval between their bounds, and no others', async () => {
    const column = async (refId: string) => {
      const rows = await ask(find('figures-and-factors', 'Runs with an interval', refId));
      return rows.map(({ metric, values }) => [metric.scenario, Number(values.at(-1)?.[1])]);
    };
    const { lower, upper } = cloudBounds;
    const own = latestFigures.find(({ scenario }) => scenario === 'cloud batch');
    const ends = [
      ['lower', 'total', 'upper', lower.total, own?.total, upper.total],
      ['lower_kg', 'kg', 'upper_kg', lower.co2, own?.co2, upper.co2],
    ] as const;
    for (const [least, middle, most, ...expected] of ends) {
      const rows = await Promise.all(
        [least, middle, most].map(async (refId) => Object.fromEntries(await column(refId))),
      );
      // The night batch was predicted and then measured.
      for (const row of rows) expect(Object.keys(row).sort()).toEqual(['3 streams @ 2500k', 'cloud batch']);
      expect(rows.map((row) => row['cloud batch'])).toEqual(expected.map((value) => near(value as number)));
      const [from, value, to] = rows.map((row) => row['3 streams @ 2500k'] as number) as [number, number, number];
      expect(from).toBeLessThan(value * (1 + 1e-9));
      expect(value).toBeLessThan(to * (1 + 1e-9));
    }
  });

  it('has emissions by location alone in its sums, and those by market and marginal ones beside them', async () => {
    const basis = (panel: string, refId?: string) => last(find('figures-and-factors', panel, refId));
    const panel = 'CO₂ by location and by market, by region';
    const ofLine = latestJoules[2]?.predicted as number;
    const joules = { 'us-east-1': 5932.5, 'eu-west-1': ofLine, 'eu-north-1': 3600, 'eu-central-1': 1800 };
    const market = Object.entries(joules).map(([region, value]) => [region, (value / 3.6e6) * MARKET_KG_PER_KWH]);
    const isOfBoth = ({ state }: Figures) => state === undefined;
    closeTo(await basis(panel), sumsBy('region', 'co2', isOfBoth));
    closeTo(await basis(panel, 'B'), Object.fromEntries(market));
    expect(await basis(panel, 'C')).toEqual({ 'us-west-2': 0.7 });
    const counted = await ask(find('figures-and-factors', 'Runs by what their emissions rest on'));
    // Predicted and measured runs of the same labels count each; two tries of the same run count once.
    expect(counted.map(({ metric, values }) => ({ ...metric, runs: Number(values.at(-1)?.[1]) }))).toEqual(
      expect.arrayContaining([
        { method: 'location', state: 'static', runs: 6 },
        { method: 'market', state: 'static', runs: 6 },
        { method: 'location', state: 'fallback', runs: 1 },
        { method: 'marginal', state: 'static', runs: 1 },
      ]),
    );
  });

  it('shows the record of each factor', async () => {
    const rows = (await ask(find('figures-and-factors', 'Factors in use'))).map(({ metric, values }) => ({
      ...metric,
      value: Number(values.at(-1)?.[1]),
    }));
    const contract = { unit: 'kg/kWh', source: 'wind farm contract', year: '2025', method: 'market', state: 'static' };
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ quantity: 'intensity', processor: 'co2', value: MARKET_KG_PER_KWH, ...contract }),
        expect.objectContaining({
          quantity: 'price',
          processor: 'cost',
          value: 0.13,
          unit: 'USD/kWh',
          state: 'static',
        }),
        expect.objectContaining({ processor: 'co2/live', value: LIVE_KG_PER_KWH, state: 'live' }),
        expect.objectContaining({ quantity: 'embodied', processor: 'sci' }),
      ]),
    );
  });

  it('tells what live streams use by the hour', async () => {
    const expectAbout = (value: number, expected: number) => expect(value / expected).toBeCloseTo(1, 0);
    // A rate over few samples is rough, and more of them arrive between two queries of the same time range.
    await vi.waitFor(
      async () => {
        const to = Math.floor(Date.now() / 1000);
        const at = { from: to - RANGE, to };
        const live = (panel: string, refId?: string) => last(find('live-totals', panel, refId), {}, at);
        const total = async (panel: string, refId?: string) => (await live(panel, refId))[''] ?? 0;
        const watts = await total('Power');
        expect(watts).toBeGreaterThan(0);
        expectAbout(await total('Cost an hour, energy and compute'), (watts / 1000) * 0.25);
        expectAbout(await total('Cost an hour, energy and compute', 'B'), (await total('CPU in use')) * 0.5);
        expectAbout(await total('CO₂ an hour'), (watts / 1000) * LIVE_KG_PER_KWH);
        expect(await total('Cost in the time range')).toBeGreaterThan(0);
        const { encoder = 0, ...others } = await live('Power by scenario');
        expectAbout(encoder, watts);
        expect(others).toEqual({});
      },
      { timeout: 40_000, interval: 250 },
    );
  });

  it('tells what hosts, namespaces and pods use, and offers their names', async () => {
    const [host, namespace] = [liveHost['k8s.node.name'], liveHost['k8s.namespace.name']];
    const pod = liveHost['k8s.pod.name'];
    await vi.waitFor(
      async () => {
        const to = Math.floor(Date.now() / 1000);
        const at = { from: to - RANGE, to };
        const live = (panel: string, choices?: Choices) => last(find('live-hosts', panel), choices, at);
        expect(await live('Hosts reporting')).toEqual({ '': 1 });
        for (const [panel, name] of [
          ['Power by host', host],
          ['Cost an hour by host', host],
          ['CPU in use by namespace', namespace],
          ['Top scenarios this month', liveHost.scenario],
        ] as const) {
          expect(Object.keys(await live(panel)), panel).toEqual([name]);
        }
        // What a machine draws when nothing runs is of no namespace.
        for (const panel of ['Cost an hour by namespace', 'Top namespaces this month', 'Power by namespace']) {
          expect(Object.keys(await live(panel)).sort(), panel).toEqual(['', namespace]);
        }
        const byPod = await live('Power by pod');
        expect(Object.keys(byPod).sort()).toEqual(['', pod]);
        const { watts, idleWatts } = liveHost;
        expect((byPod[pod] ?? 0) / (byPod[''] ?? 0)).toBeCloseTo((watts - idleWatts) / idleWatts, 6);
        for (const refId of ['cost', 'joules', 'co2']) {
          const pods = await last(find('live-hosts', 'Pods this month', refId), {}, at);
          expect(Object.keys(pods), refId).toContain(`${namespace} ${pod}`);
        }
        expect(await live('Power now', { host_name: ['node-2'] })).toEqual({});
        expect(await live('Power now', { k8s_pod_name: ['another'] })).toEqual({});
        const cost = (panel: string) => last(find('live-totals', panel), {}, at);
        const [energy = 0, compute = 0] = [
          (await cost('Cost an hour, energy and compute'))[''],
          (await last(find('live-totals', 'Cost an hour, energy and compute', 'B'), {}, at))[''],
        ];
        expect(((await live('Cost an hour'))[''] ?? 0) / (energy + compute)).toBeCloseTo(1, 0);
      },
      { timeout: 40_000, interval: 250 },
    );
    for (const [label, name] of Object.entries({ host_name: host, k8s_namespace_name: namespace, k8s_pod_name: pod })) {
      expect(await offered('live-hosts', label)).toEqual([name]);
    }
  });

  it('gives what was applied to each region', async () => {
    const ratios = await last(find('grid-and-tariffs', `CO₂ a \${currency:text} of energy, by region`));
    const perUsd = { 'us-east-1': 0.45 / 0.13, 'eu-west-1': 0.28 / 0.2, 'eu-north-1': 0.12 / 0.08 };
    closeTo(ratios, { ...perUsd, 'eu-central-1': 0.342 / 0.155 });
    const shares = await last(find('grid-and-tariffs', 'Energy in the total cost, by region'));
    const north = ({ region }: Figures) => region === 'eu-north-1';
    expect(shares['eu-north-1']).toEqual(near(sumOf('energy', north) / sumOf('total', north)));
    closeTo(await last(find('grid-and-tariffs', 'Energy cost, by region')), sumsBy('region', 'energy'));
    closeTo(await last(find('grid-and-tariffs', 'CO₂ emissions, by region')), sumsBy('region', 'co2'));
  });
}

async function request(url: string, query: PanelQuery, expression: string, range: TimeRange): Promise<Series[]> {
  const path = query.instant ? 'query' : 'query_range';
  const times = query.instant
    ? { time: String(range.to) }
    : { start: String(range.from), end: String(range.to), step: String(stepOf(range)) };
  const body = new URLSearchParams({ query: expression, ...times });
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${expression}\n${text}`);
  const { data } = JSON.parse(text) as { data: { result: (Series & { value: Series['values'][number] })[] } };
  return data.result.map(({ metric, value, values }) => ({ metric, values: values ?? [value] }));
}

function sumOf(figure: Figure, wanted: (run: Figures) => boolean = () => true): number {
  return latestFigures.filter(wanted).reduce((sum, run) => sum + (run[figure] ?? 0), 0);
}

function sumsBy(
  label: 'scenario' | 'region',
  figure: Figure,
  wanted: (run: Figures) => boolean = () => true,
): Record<string, number> {
  const runs = latestFigures.filter((run) => wanted(run) && run[figure] !== undefined);
  return Object.fromEntries(
    runs.map((run) => [run[label], sumOf(figure, (other) => wanted(other) && other[label] === run[label])]),
  );
}

function closeTo(values: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  const close = Object.entries(expected).map(([key, value]) => [key, near(value)]);
  expect(values).toEqual(Object.fromEntries(close));
}

/** Databases keep about 12 digits of small values. */
function near(value: number): unknown {
  return expect.closeTo(value, 10 - Math.floor(Math.log10(value)));
}
