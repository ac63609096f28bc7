import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpuUsage, hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { checkValues } from '../../../src/config/check-values.ts';
import { parseYaml } from '../../../src/config/parse-yaml.ts';
import { formatProblem, type Problem } from '../../../src/errors.ts';
import type { Provider } from '../../../src/plugin/contract.ts';
import { recompute } from '../../../test/kit/arithmetic.ts';
import { createTestContext, figures } from '../../../test/kit/context.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

/** 2026-04-01T00:00:00Z, when the rate of the euro changes. */
const APRIL = Date.parse('2026-04-01') / 1000;
const rates = [
  { date: '2026-01-01', EUR: 0.8, SEK: 10 },
  { date: '2026-04-01', EUR: 0.5 },
];
const series = (start: number, ...values: number[]) => Series.regular([start, 0], 1800, Float64Array.from(values));
/** An hour of 1000 W and one core, half of it before `middle`. */
const runAt = (middle = APRIL, attributes = {}) =>
  Run.of(
    { scenario: 'a run', region: 'us-east-1', ...attributes },
    {
      samples: [
        samplesOf(hostPower, series(middle - 1800, 1000, 1000, 1000)),
        samplesOf(cpuUsage, series(middle - 1800, 1, 1, 1)),
      ],
    },
  );

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({
    'prices.csv': 'from,to,eur_per_mwh\n2026-03-31,2026-04-01,100\n2026-04-01,2026-04-02,-20\n',
    'plain.csv': 'from,to,value\n2026-03-31,2026-04-02,1000\n',
    'slip.csv': 'from,to,eur_per_kwh\n2026-03-31,2026-04-01,0.1\n2026-04-01,2026-04-02,100\n',
    'pounds.csv': 'from,to,gbp_per_kwh\n2026-03-31,2026-04-02,40\n',
  });
});
afterAll(() => folder.remove());

async function costsOf(config: object, run = runAt(), providers: Record<string, Provider> = {}) {
  const { ctx, runs, skips, lines, ownMetric } = createTestContext({ providers, directory: folder.path });
  // `explain` goes another way through the factors, which must come to the same.
  for (const explain of [undefined, ctx.explain]) {
    const stage = plugin.create({ ...ctx, explain }, plugin.configSchema.parse({ rates, ...config }));
    await stage.start?.(new AbortController().signal);
    await stage.consume([run], new AbortController().signal);
  }
  const [first, second] = runs.map(figures);
  expect(first).toEqual(second);
  const { cost_energy_load_aware, cost_compute_load_aware } = second ?? {};
  return {
    cost_energy_load_aware,
    cost_compute_load_aware,
    attributes: runs[0]?.resource.attributes,
    skips,
    lines,
    ownMetric,
  };
}

describe('a price in another currency', () => {
  it.each([
    ['a constant', { eur_per_kwh: 0.2 }],
    ['one by the megawatt-hour', { eur_per_mwh: 200 }],
    ['an entry', { price: [{ eur_per_kwh: 0.2 }] }],
    ['an entry with a currency', { price: [{ currency: 'EUR', per_kwh: 0.2 }] }],
    ['a tariff', { price: [{ currency: 'EUR', time_zone: 'UTC', tariff: { default: 0.2 } }] }],
    ['a region', { regions: { 'us-east-1': { eur_per_kwh: 0.2 } } }],
  ])('is converted at the rate in force: %s', async (_, config) => {
    const { cost_energy_load_aware, attributes, skips } = await costsOf(config);
    expect(cost_energy_load_aware).toBeCloseTo(0.5 * (0.2 / 0.8) + 0.5 * (0.2 / 0.5), 15);
    expect(attributes?.['factor.price.unit']).toBe('USD/kWh');
    const source = 'configuration; 0.2 EUR/kWh at';
    expect(attributes?.['factor.price.source']).toBe(
      `${source} 0.8 EUR per USD of 2026-01-01 + ${source} 0.5 EUR per USD of 2026-04-01`,
    );
    expect(skips).toEqual([]);
  });

  it('may stand in a file, also below zero', async () => {
    const { cost_energy_load_aware, attributes } = await costsOf({ price: [{ file: 'prices.csv' }] });
    expect(cost_energy_load_aware).toBeCloseTo(0.5 * (0.1 / 0.8) - 0.5 * (0.02 / 0.5), 15);
    const source = 'prices.csv; EUR/kWh at';
    expect(attributes?.['factor.price.source']).toBe(
      `${source} 0.8 EUR per USD of 2026-01-01 + ${source} 0.5 EUR per USD of 2026-04-01`,
    );
    const plain = await costsOf({ price: [{ file: 'plain.csv', unit: 'sek_per_mwh' }] });
    expect(plain.cost_energy_load_aware).toBeCloseTo(1 / 10, 15);
  });

  it('may be that of a CPU core', async () => {
    const stated = { eur_per_core_hour: 0.04 };
    for (const config of [stated, { core_price: [stated] }]) {
      const { cost_compute_load_aware } = await costsOf({ ...config, usd_per_kwh: 0 });
      expect(cost_compute_load_aware).toBeCloseTo(0.5 * (0.04 / 0.8) + 0.5 * (0.04 / 0.5), 15);
    }
  });

  it('may be that of a provider', async () => {
    const record = { id: 'price/x/spot', quantity: 'price', value: 2, unit: 'SEK/kWh', source: 'a market' } as const;
    const factors = async () => [{ from: 0, to: 2 * APRIL, factor: { ...record, state: 'live' } as const }];
    const { cost_energy_load_aware, attributes } = await costsOf({ provider: 'spot' }, runAt(), {
      spot: { quantity: 'price', factors },
    });
    expect(cost_energy_load_aware).toBeCloseTo(0.2, 15);
    expect(attributes).toMatchObject({ 'factor.price.state': 'live', 'factor.price.value': 0.2 });
  });

  it('is not known before the first rate, and counted by that reason', async () => {
    const { skips, cost_energy_load_aware } = await costsOf(
      { eur_per_kwh: 0.2 },
      runAt(Date.parse('2026-01-01') / 1000),
    );
    expect(cost_energy_load_aware).toBeUndefined();
    expect(skips[0]).toEqual({
      item: 'cost_energy_load_aware',
      reason: 'no_rate',
      message:
        'no cost_energy_load_aware: no factor is known for 1800 s of the 3600 s of a run; the first rate of EUR is of 2026-01-01',
    });
  });

  it('shows in USD among the prices of regions, and with its rate among the factors', async () => {
    const { ownMetric } = await costsOf({ regions: { 'us-east-1': { eur_per_kwh: 0.2 } } });
    expect(await ownMetric('wattline_price_usd_per_kwh', { region: 'us-east-1' })).toBe(0.4);
    expect(await ownMetric('wattline_factor_value', { factor: 'exchange_rate/EUR/2026-04-01' })).toBe(0.5);
    const id = 'price/us-east-1/configured/EUR/2026-04-01';
    expect(await ownMetric('wattline_factor_value', { factor: id })).toBe(0.4);
  });

  it('is explained with its conversion', async () => {
    const { lines, cost_energy_load_aware } = await costsOf({ eur_per_kwh: 0.2 });
    const text = lines.map(
      ({ name, expression, value }) => `  ${name} = ${expression ? `${expression} = ` : ''}${value}`,
    );
    expect(text.slice(2, 6)).toEqual([
      '  price_1_eur = 0.2',
      '  price_1_eur_per_usd = 0.8',
      '  price_1 = price_1_eur / price_1_eur_per_usd = 0.25',
      expect.stringMatching(/^ {2}energy_joules_price_2 = /),
    ]);
    const energy = recompute(text.join('\n')).find(({ name }) => name === 'cost_energy_load_aware');
    expect(energy?.recomputed).toBeCloseTo(cost_energy_load_aware as number, 15);
  });

  it('comes to the same in whatever currency it is stated', async () => {
    const price = fc.double({ min: 0.001, max: 5, noNaN: true });
    const rate = fc.double({ min: 0.01, max: 1000, noNaN: true });
    await fc.assert(
      fc.asyncProperty(price, rate, async (usd, perUsd) => {
        const own = [{ date: '2020-01-01', EUR: perUsd }];
        const { cost_energy_load_aware: stated } = await costsOf({ usd_per_kwh: usd });
        const { cost_energy_load_aware: converted } = await costsOf({ eur_per_kwh: usd * perUsd, rates: own });
        expect(Math.abs((converted as number) / (stated as number) - 1)).toBeLessThan(1e-12);
      }),
      { numRuns: 20 },
    );
  });
});

/** The problems of a configuration, as line:column, path and message. */
function problemsOf(text: string): string[] {
  const problems: Problem[] = [];
  const root = parseYaml(text, 'a.yaml', problems);
  if (root) checkValues(plugin.configSchema, root, [], problems);
  return problems.map((problem) => formatProblem(problem).replace(/^a\.yaml:| \[CONFIG_\w+\]$/g, ''));
}

const known = 'rates: [{date: 2026-01-01, EUR: 0.5}]\n';
const noRate = (currency: string) =>
  `expected a rate of ${currency} in \`rates\`, such as \`rates: [{ date: 2026-01-01, ${currency}: 1.5 }]\` where one USD is 1.5 ${currency}`;
const tooHigh = (rest: string) => `expected at most 10 USD/kWh${rest}; \`plausible: any\` takes it as it is`;

it.each([
  ['eur_per_kwh: 0.2', `1:14 eur_per_kwh: 0.2 is not valid here; ${noRate('EUR')}`],
  ['price: [{sek_per_mwh: 200}]', `1:23 price[0].sek_per_mwh: 200 is not valid here; ${noRate('SEK')}`],
  ['price: [{currency: SEK, file: a.csv}]', `1:20 price[0].currency: "SEK" is not valid here; ${noRate('SEK')}`],
  [
    'price: [{file: a.csv, unit: sek_per_mwh}]',
    `1:29 price[0].unit: "sek_per_mwh" is not valid here; ${noRate('SEK')}`,
  ],
  [
    'core_price: [{gbp_per_core_hour: 1}]',
    `1:34 core_price[0].gbp_per_core_hour: 1 is not valid here; ${noRate('GBP')}`,
  ],
  ['regions: {a: {eur_per_kwh: 1}}', `1:28 regions.a.eur_per_kwh: 1 is not valid here; ${noRate('EUR')}`],
  [
    'usd_per_kwh: 31',
    `1:14 usd_per_kwh: 31 is not valid here; ${tooHigh('; if it is in cents, that is 0.31; if it is of a MWh, 0.031')}`,
  ],
  [
    `${known}eur_per_kwh: 31`,
    `2:14 eur_per_kwh: 31 is not valid here; ${tooHigh(', and it is 62 at 0.5 EUR per USD of 2026-01-01; if it is in cents, that is 0.31; if it is of a MWh, 0.031')}`,
  ],
  [
    'regions: {a: {usd_per_kwh: 20}}',
    `1:28 regions.a.usd_per_kwh: 20 is not valid here; ${tooHigh('; if it is in cents, that is 0.2; if it is of a MWh, 0.02')}`,
  ],
  [
    'price: [{time_zone: UTC, tariff: {default: 0.2, bands: [{rate: 20, days: [sun]}]}}]',
    `1:64 price[0].tariff.bands[0].rate: 20 is not valid here; ${tooHigh('; if it is in cents, that is 0.2; if it is of a MWh, 0.02')}`,
  ],
  // Each in one line, although what is below 0 is not plausible either.
  ['usd_per_kwh: -20', '1:14 usd_per_kwh: -20 is not valid here; expected a number of at least 0'],
  [
    'rates: [{date: 2026-01-01, EUR: 0}]\neur_per_kwh: 0.2',
    '1:33 rates[0].EUR: 0 is not valid here; expected a number of more than 0',
  ],
  [
    `${known}price: [{currency: EUR}]`,
    '2:9 price[0]: this map is not valid; expected one of `per_kwh`, `tariff` and `file`',
  ],
])('refuses %s', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

it('takes what is not plausible where it says so', async () => {
  expect(problemsOf('usd_per_kwh: 31\nplausible: any')).toEqual([]);
  const { cost_energy_load_aware } = await costsOf({ price: [{ file: 'slip.csv' }], plausible: 'any' });
  expect(cost_energy_load_aware).toBeCloseTo(0.5 * (0.1 / 0.8) + 0.5 * (100 / 0.5), 12);
});

it('refuses a file at the start, with the line', async () => {
  const failure = (config: object) =>
    costsOf(config).catch(({ message }: Error) => message.replace(`${folder.path}/`, ''));
  expect(await failure({ price: [{ file: 'slip.csv' }] })).toBe(
    `slip.csv:3: \`eur_per_kwh\` is 100; ${tooHigh(', and it is 200 at 0.5 EUR per USD of 2026-04-01; if it is in cents, that is 1; if it is of a MWh, 0.1')}`,
  );
  expect(await failure({ price: [{ file: 'pounds.csv' }] })).toBe(
    'pounds.csv: expected a rate of GBP in `rates`, such as `rates: [{ date: 2026-01-01, GBP: 1.5 }]` where one USD is 1.5 GBP',
  );
  expect(await failure({ price: [{ file: 'slip.csv', currency: 'SEK' }] })).toBe(
    'slip.csv:1: found `from`, `to`, `eur_per_kwh`; expected `from`, optionally `to`, and one of `sek_per_kwh`, `sek_per_mwh`, or `value` with its `unit` in the configuration',
  );
});

describe('what a provider says that is not plausible', () => {
  const factor = (value: number) =>
    ({ id: 'price/x/spot', quantity: 'price', value, unit: 'USD/kWh', source: 'a market', state: 'live' }) as const;
  const spot: Provider = {
    quantity: 'price',
    factors: async () => [
      { from: 0, to: APRIL, factor: factor(0.2) },
      { from: APRIL, to: 2 * APRIL, factor: factor(200) },
    ],
  };

  it('costs that reading, and what is configured stands in', async () => {
    const { cost_energy_load_aware, attributes } = await costsOf({ provider: 'spot', usd_per_kwh: 0.4 }, runAt(), {
      spot,
    });
    expect(cost_energy_load_aware).toBeCloseTo(0.5 * 0.2 + 0.5 * 0.4, 15);
    expect(attributes?.['factor.price.state']).toBe('fallback');
  });

  it('is named where nothing stands in, and counts where the configuration says so', async () => {
    const nowhere = runAt(APRIL, { region: 'mars' });
    const { skips } = await costsOf({ provider: 'spot' }, nowhere, { spot });
    expect(skips[0]).toMatchObject({
      reason: 'implausible',
      message: expect.stringContaining('price/x/spot says 200 USD/kWh: expected at most 10 USD/kWh'),
    });
    const { cost_energy_load_aware } = await costsOf({ provider: 'spot', plausible: 'any' }, nowhere, { spot });
    expect(cost_energy_load_aware).toBeCloseTo(0.5 * 0.2 + 0.5 * 200, 12);
  });
});

it('takes no PUE of a run that is not plausible', async () => {
  const run = runAt(APRIL, { 'energy.pue': 140 });
  const { skips, cost_energy_load_aware } = await costsOf({ usd_per_kwh: 0.2 }, run);
  expect(cost_energy_load_aware).toBeUndefined();
  expect(skips[0]).toEqual({
    item: 'cost_energy_load_aware',
    reason: 'implausible_pue',
    message:
      'no cost_energy_load_aware: a run states a PUE of 140; expected at most 3; if it is in percent, that is 1.4; `plausible: any` takes it as it is',
  });
  expect((await costsOf({ usd_per_kwh: 0.2, plausible: 'any' }, run)).cost_energy_load_aware).toBeCloseTo(28, 12);
  expect((await costsOf({ usd_per_kwh: 0.2, priced_energy: 'machine' }, run)).cost_energy_load_aware).toBeCloseTo(
    0.2,
    15,
  );
});
