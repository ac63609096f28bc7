import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

/** Which of the runs get through, and what the filter says and counts. */
async function filtered(config: object, given: readonly Run[]) {
  const { ctx, runs, skips, ownMetric } = createTestContext({ id: 'filter/own' });
  const filter = plugin.create(ctx, plugin.configSchema.parse(config));
  await filter.consume(given, never);
  const dropped = await ownMetric('wattline_filter_dropped_total', { processor: 'filter/own' });
  return { kept: runs, dropped, skips: skips.map(({ item, reason }) => [item, reason]) };
}

async function meets(condition: object, run: Run): Promise<boolean> {
  return (await filtered({ keep: [condition] }, [run])).kept.length === 1;
}

const run = figuredRun({
  scenario: '2 streams @ 2500k',
  region: 'eu-west-1',
  totalUsd: 0.02,
  attributes: { 'run.avg_fps': 30, 'run.is_live': true, 'run.refused_fields': ['power_watts', 'fps'] },
});

describe('a run meets', () => {
  it.each([
    [{ attribute: 'scenario', equals: '2 streams @ 2500k' }, true],
    [{ attribute: 'scenario', equals: '2 streams' }, false],
    [{ attribute: 'run.avg_fps', equals: '30' }, true],
    [{ attribute: 'run.avg_fps', equals: 30 }, true],
    [{ attribute: 'run.is_live', equals: true }, true],
    [{ attribute: 'run.is_live', equals: 'false' }, false],
    [{ attribute: 'region', in: ['us-east-1', 'eu-west-1'] }, true],
    [{ attribute: 'region', in: ['us-east-1'] }, false],
    [{ attribute: 'region', matches: '^eu-' }, true],
    [{ attribute: 'region', matches: 'west' }, true],
    [{ attribute: 'region', matches: '^west' }, false],
    [{ attribute: 'run.avg_fps', matches: '^3.$' }, true],
    [{ attribute: 'run.avg_fps', above: 29.9, below: 30.1 }, true],
    [{ attribute: 'run.avg_fps', above: 30 }, false],
    [{ attribute: 'run.avg_fps', below: 30 }, false],
    [{ attribute: 'scenario', above: 0 }, false],
    [{ attribute: 'region', exists: true }, true],
    [{ attribute: 'region', exists: false }, false],
    [{ attribute: 'encoder', exists: false }, true],
    [{ attribute: 'encoder', exists: true }, false],
    [{ attribute: 'encoder', matches: '.*' }, false],
    [{ attribute: 'encoder', below: 1 }, false],
    [{ attribute: 'constructor', exists: true }, false],
    [{ attribute: 'run.refused_fields', equals: 'power_watts' }, true],
    [{ attribute: 'run.refused_fields', in: ['cpu_usage_cores'] }, false],
    [{ attribute: 'region', matches: '^eu-', in: ['us-east-1'] }, false],
    [{ figure: 'cost_total_load_aware', above: 0.01 }, true],
    [{ figure: 'cost_total_load_aware', above: 0.02 }, false],
    [{ figure: 'cost_total_load_aware', above: 0.01, below: 0.015 }, false],
    [{ figure: 'cost_total_load_aware', exists: true }, true],
    [{ figure: 'co2_emissions_kg', exists: true }, false],
    [{ figure: 'co2_emissions_kg', exists: false }, true],
    [{ not: { attribute: 'region', matches: '^eu-' } }, false],
    [{ not: { attribute: 'encoder', equals: 'x264' } }, true],
    [
      {
        all: [
          { attribute: 'region', exists: true },
          { figure: 'cost_total_load_aware', below: 1 },
        ],
      },
      true,
    ],
    [
      {
        all: [
          { attribute: 'region', exists: true },
          { attribute: 'encoder', exists: true },
        ],
      },
      false,
    ],
  ])('%j: %j', async (condition, expected) => {
    expect(await meets(condition, run)).toBe(expected);
  });

  it('conditions on its scenario and its region under the names of OpenTelemetry too', async () => {
    const other = Run.of({ 'service.name': 'transcoder', 'cloud.region': 'eu-west-1', region: '' });
    expect(await meets({ attribute: 'scenario', equals: 'transcoder' }, other)).toBe(true);
    expect(await meets({ attribute: 'region', matches: '^eu-' }, other)).toBe(true);
    expect(await meets({ attribute: 'scenario', exists: false }, Run.of({}))).toBe(true);
  });
});

describe('a filter', () => {
  const named = (...scenarios: string[]) => scenarios.map((scenario) => figuredRun({ scenario, totalUsd: 1 }));

  it('keeps what meets one condition of `keep` and none of `drop`, as it is, and counts the rest without a word', async () => {
    const runs = named('a', 'b', 'c', 'd');
    const config = {
      keep: ['a', 'b', 'c'].map((equals) => ({ attribute: 'scenario', equals })),
      drop: [{ attribute: 'scenario', in: ['b', 'x'] }],
    };
    const { kept, dropped, skips } = await filtered(config, runs);
    expect(kept).toHaveLength(2);
    expect(kept[0]).toBe(runs[0]);
    expect(kept[1]).toBe(runs[2]);
    expect([dropped, skips]).toEqual([2, []]);
    expect((await filtered({ drop: config.drop }, runs)).kept).toEqual([runs[0], runs[2], runs[3]]);
  });

  it('counts 0 from the start', async () => {
    expect((await filtered({ drop: [{ attribute: 'a', exists: true }] }, [])).dropped).toBe(0);
  });

  it('says where a figure is not there to be compared, but not where that is what is asked', async () => {
    const bare = [Run.of({ scenario: 'a' })];
    const compared = await filtered({ keep: [{ figure: 'co2_emissions_kg', above: 0 }] }, bare);
    expect([compared.dropped, compared.skips]).toEqual([1, [['co2_emissions_kg', 'no_figure']]]);
    for (const exists of [{ exists: true, above: 0 }, { exists: false }]) {
      expect((await filtered({ keep: [{ figure: 'co2_emissions_kg', ...exists }] }, bare)).skips).toEqual([]);
    }
  });

  it('lets slices of `live` that it drops go on without their metrics', async () => {
    const slice = figuredRun({ scenario: 'a', totalUsd: 1, attributes: { 'stream.id': 'x', 'stream.part': 1 } });
    const { kept, dropped } = await filtered({ drop: [{ attribute: 'scenario', equals: 'a' }] }, [slice]);
    expect(kept.map(({ resource, scopeMetrics }) => ({ resource, scopeMetrics }))).toEqual([
      { resource: slice.resource, scopeMetrics: [] },
    ]);
    expect(dropped).toBe(1);
  });

  it('takes of emissions by several methods those by location', async () => {
    const emissions = { name: 'co2_emissions_kg', unit: 'kg{CO2e}', description: '' };
    const figures = ['market', 'location'].map((method, index) => figure(emissions, index, { method }));
    const both = Run.of({ scenario: 'a' }, { figures });
    expect(await meets({ figure: 'co2_emissions_kg', above: 0.5 }, both)).toBe(true);
  });

  it('drops live metrics by the attributes of their resource', async () => {
    const points = [{ at: 1, value: 5, attributes: { zone: 'package' } }];
    const power = (host: string) =>
      liveRun({ 'host.name': host }, liveMetric('kepler_node_cpu_watts', 'gauge', points, 'W'));
    const { kept } = await filtered({ drop: [{ attribute: 'host.name', matches: '^test-' }] }, [
      power('test-1'),
      power('node-1'),
    ]);
    expect(kept.map(({ resource }) => resource.attributes['host.name'])).toEqual(['node-1']);
  });
});

const value = fc.constantFrom<string | number | boolean>('a', 'b', '1', 1, 2, true);
const ofAttribute = fc.record(
  {
    equals: value,
    in: fc.array(value, { minLength: 1, maxLength: 3 }),
    matches: fc.constantFrom('a', '^1$', '.', '[^b]'),
    exists: fc.constant(true),
    above: fc.constantFrom(0, 1),
    below: fc.constantFrom(1, 2, 3),
  },
  { requiredKeys: [] },
);
const ofFigure = fc.record(
  { exists: fc.constant(true), above: fc.constantFrom(0, 1), below: fc.constantFrom(1, 2) },
  { requiredKeys: [] },
);
const orExists = (tests: object) => (Object.keys(tests).length ? tests : { exists: false });
const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom('scenario', 'x', 'y'), ofAttribute)
      .map(([attribute, tests]) => ({ attribute, ...orExists(tests) })),
    ofFigure.map((tests) => ({ figure: 'cost_total_load_aware', ...orExists(tests) })),
    tie('condition').map((not) => ({ not })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
  ),
}));
const runs = fc.array(
  fc
    .record(
      { scenario: fc.constantFrom('a', 'b', '1'), x: value, y: value, totalUsd: fc.constantFrom(0.5, 1, 1.5) },
      { requiredKeys: [] },
    )
    .map(({ totalUsd, ...attributes }) => figuredRun({ attributes, ...(totalUsd !== undefined && { totalUsd }) })),
  { minLength: 1, maxLength: 6 },
);

describe('of any condition', () => {
  const keptBy = async (config: object, all: readonly Run[]) => (await filtered(config, all)).kept;

  it('keeping it is dropping what is not it, and every run is either kept or dropped', async () => {
    await fc.assert(
      fc.asyncProperty(condition, runs, async (one, all) => {
        const { kept, dropped } = await filtered({ keep: [one] }, all);
        expect(await keptBy({ drop: [{ not: one }] }, all)).toEqual(kept);
        const others = await keptBy({ drop: [one] }, all);
        expect(await keptBy({ keep: [{ not: one }] }, all)).toEqual(others);
        expect(all.filter((one) => kept.includes(one) !== others.includes(one))).toEqual(all);
        expect(dropped).toBe(others.length);
      }),
    );
  });

  it('a list is met by what meets one, `all` by what meets each, as by one filter after the other', async () => {
    await fc.assert(
      fc.asyncProperty(condition, condition, runs, async (a, b, all) => {
        const [ofA, ofB] = [await keptBy({ keep: [a] }, all), await keptBy({ keep: [b] }, all)];
        expect(await keptBy({ keep: [a, b] }, all)).toEqual(all.filter((r) => ofA.includes(r) || ofB.includes(r)));
        const both = await keptBy({ keep: [{ all: [a, b] }] }, all);
        expect(both).toEqual(all.filter((r) => ofA.includes(r) && ofB.includes(r)));
        expect(await keptBy({ keep: [b] }, ofA)).toEqual(both);
        expect(await keptBy({ drop: [{ all: [a, b] }] }, all)).toEqual(
          await keptBy({ keep: [{ not: a }, { not: b }] }, all),
        );
      }),
    );
  });
});

describe('a configuration is refused', () => {
  it.each([
    ['without conditions', {}],
    ['with an empty list', { keep: [] }],
    ['with a condition about nothing', { keep: [{ equals: 1 }] }],
    ['with a condition about two things', { keep: [{ attribute: 'a', figure: 'b', above: 1 }] }],
    ['with a condition without a test', { keep: [{ attribute: 'a' }] }],
    ['with a figure that is compared as text', { keep: [{ figure: 'a', equals: 1 }] }],
    ['with tests beside `all`', { keep: [{ all: [{ attribute: 'a', exists: true }], above: 1 }] }],
    ['with tests beside `not`', { drop: [{ not: { attribute: 'a', exists: true }, exists: true }] }],
    ['with tests of what must not exist', { drop: [{ attribute: 'a', exists: false, equals: 1 }] }],
    ['with a backtracking expression', { drop: [{ attribute: 'a', matches: '(?=a)' }] }],
    ['with a mistake further in', { drop: [{ all: [{ not: { attribute: 'a', equal: 1 } }] }] }],
  ])('%s', (_, config) => {
    expect(plugin.configSchema.safeParse(config).success).toBe(false);
  });
});
