import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeWithPeers } from '../kit/peers.ts';
import { type PanelQuery, queriesOf, readDashboards } from './dashboard-files.ts';
import { type FilledServer, type Filling, startFilled } from './filled-server.ts';
import { type Choices, interpolate, stepOf, type TimeRange } from './interpolate.ts';
import { type Figures, latestFigures } from './runs.ts';

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
      },
      { timeout: 40_000, interval: 250 },
    );
  });
  afterAll(() => server?.stop());

  it.each(all)('$dashboard / $panel / $refId returns data', async (query) => {
    const series = await ask(query);
    expect(series.length).toBeGreaterThan(0);
    for (const { values } of series) for (const [, value] of values) expect(Number.isFinite(Number(value))).toBe(true);
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

  it.each(['scenario', 'region', 'encoder'] as const)('offers the values of %s', async (label) => {
    for (const dashboard of dashboards.values()) {
      const variable = dashboard.templating.list?.find(({ name }) => name === label);
      if (!variable) continue;
      const [, selector = '', name] = /^label_values\((.+), (\w+)\)$/.exec(String(variable.query)) ?? [];
      expect(name).toBe(label);
      const query = new URLSearchParams({ 'match[]': selector, start: String(range.from), end: String(range.to) });
      const answer = await fetch(`${server.url}/api/v1/label/${label}/values?${query}`);
      const { data } = (await answer.json()) as { data: string[] };
      expect(data.sort()).toEqual([...new Set(latestFigures.flatMap((run) => run[label] ?? []))].sort());
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

  it('tells measured from predicted energy cost', async () => {
    const name = 'Energy cost a run, measured and predicted, by scenario';
    const isPredicted = ({ power }: Figures) => power === 'predicted';
    closeTo(
      await last(find('prediction-quality', name)),
      sumsBy('scenario', 'energy', (run) => !isPredicted(run)),
    );
    const predicted = await last(find('prediction-quality', name, 'B'));
    expect(predicted['3 streams @ 2500k']).toEqual(near(sumOf('energy', isPredicted)));
  });

  it('gives what was applied to each region', async () => {
    const ratios = await last(find('grid-and-tariffs', `CO₂ a \${currency:text} of energy, by region`));
    closeTo(ratios, { 'us-east-1': 0.45 / 0.13, 'eu-west-1': 0.28 / 0.2, 'eu-north-1': 0.12 / 0.08 });
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
