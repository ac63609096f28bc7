import { describe, expect, it } from 'vitest';
import { clouds, findRegion, type Region, regionNames } from '../factors/regions.ts';
import { type RegionsOptions, regions } from './regions.ts';

const list = (options: Partial<RegionsOptions> = {}) => regions({ sort: 'name', ...options });
const rowsOf = (text: string) => text.split('\n\n')[0]?.split('\n').slice(1) ?? [];
const namesOf = (text: string) => rowsOf(text).map((row) => row.split(' ')[0]);
const recordsOf = (options: Partial<RegionsOptions>) =>
  JSON.parse(list({ ...options, json: true })) as (Region & { readonly tables?: object })[];

describe('the table of regions', () => {
  it('has a line for each, with who says so and when', () => {
    const lines = list().split('\n');
    const line = (name: string) => lines.find((text) => text.startsWith(`${name} `))?.replace(/ {2,}/g, ' | ');
    expect(line('region')).toBe(
      'region | cloud | country | zone | USD/kWh | kg/kWh | PUE | price from | intensity from | PUE from | tables say',
    );
    expect(line('us-east-1')).toBe(
      'us-east-1 | aws | USA | US-MIDA-PJM | 0.13 | 0.45 | 1.15 | Wattline default, unverified, 2025 | Wattline default, unverified, 2025 | Green Software Foundation, 2024 | 0.0899 USD/kWh (EIA, 2024); 0.418 kg/kWh (Electricity Maps, 2025)',
    );
    expect(line('europe-west9')).toBe(
      'europe-west9 | gcp | FRA | FR | 0.1024 | 0.031 | 1.1 | Eurostat nrg_pc_205, 2025 | Electricity Maps, 2025 | Google, 2024 | –',
    );
    expect(line('brazilsouth')).toBe(
      'brazilsouth | azure | BRA | BR-CS | 0.063 | 0.106 | 1.12 | Statista, unverified, 2024 | Electricity Maps, 2025 | Green Software Foundation, 2022 | –',
    );
    expect(line('eu-west-2')).toContain('| DESNZ and IEA, including taxes, 2023 |');
    expect(line('ca-west-1')).toContain('| – | 0.385 | 1.17 | – | Electricity Maps, 2025 |');
    expect(lines.filter((text) => text.endsWith(' '))).toEqual([]);
  });

  it('says that prices cannot be compared', () => {
    expect(list()).toMatch(/\n\n154 regions\. Prices are .* their bases differ:\ntheir order is indicative\./);
  });

  it('says of every price that is unverified or includes taxes that it is', () => {
    const rows = rowsOf(list());
    for (const { name, price } of recordsOf({})) {
      const [reservation] = /unverified|including taxes/.exec(price?.source ?? '') ?? [];
      const row = rows.find((text) => text.startsWith(`${name} `));
      if (reservation) expect(row).toContain(`, ${reservation}, `);
      else expect(row).not.toMatch(/unverified|taxes/);
    }
  });

  it('has columns that line up', () => {
    const rows = rowsOf(list());
    expect(rows).toHaveLength(154);
    // Dots of prices may stand apart, their last digits may not.
    expect(new Set(rows.map((row) => /^(?:\S+ +){4}\S+/.exec(row)?.[0].length)).size).toBe(1);
  });
});

describe('the order of regions', () => {
  it('is by name, where nothing else is asked for', () => {
    expect(namesOf(list())).toEqual([...regionNames].sort());
  });

  it.each(['price', 'intensity'] as const)('is by %s and then by name, with those last that have none', (sort) => {
    const listed = recordsOf({ sort });
    expect(listed).toHaveLength(154);
    const keys = listed.map((region) => [region[sort]?.value ?? Number.POSITIVE_INFINITY, region.name] as const);
    expect(keys).toEqual([...keys].sort(([a, b], [c, d]) => (a === c ? (b < d ? -1 : 1) : a - c)));
    expect(namesOf(list({ sort }))).toEqual(listed.map(({ name }) => name));
  });

  it('by intensity is of one data set only, and says which', () => {
    const datasetsOf = (options: Partial<RegionsOptions>) =>
      new Set(recordsOf({ sort: 'intensity', ...options }).map(({ intensity }) => intensity?.id.split('/')[2]));
    expect(datasetsOf({})).toEqual(new Set(['electricity_maps']));
    expect(datasetsOf({ dataset: 'ember' })).toEqual(new Set(['ember']));
    expect(list({ sort: 'intensity' })).toMatch(/\nRanked by the intensities of one data set, electricity_maps\.\n$/);
    expect(list({ sort: 'price' })).not.toContain('Ranked by');
    expect(recordsOf({ sort: 'price' })[0]?.name).toBe(recordsOf({ sort: 'price', dataset: 'builtin' })[0]?.name);
  });

  it('ends with the three that have no price', () => {
    expect(namesOf(list({ sort: 'price' })).slice(-3)).toEqual([
      'ca-west-1',
      'canadacentral',
      'northamerica-northeast2',
    ]);
  });
});

it('lists the regions of one cloud', () => {
  for (const cloud of clouds) {
    const listed = recordsOf({ cloud });
    expect(new Set(listed.map((region) => region.cloud))).toEqual(new Set([cloud]));
    expect(namesOf(list({ cloud }))).toEqual(listed.map(({ name }) => name));
  }
  expect(clouds.map((cloud) => recordsOf({ cloud }).length)).toEqual([41, 45, 68]);
});

it('takes intensities from the dataset that is asked for', () => {
  const swedish = (dataset: RegionsOptions['dataset']) =>
    recordsOf({ dataset }).find(({ name }) => name === 'eu-north-1')?.intensity?.value;
  expect([swedish('builtin'), swedish('electricity_maps'), swedish('ember')]).toEqual([0.12, 0.02, 0.03589]);
});

it('gives whole records as JSON', () => {
  expect(recordsOf({}).find(({ name }) => name === 'us-east-1')).toEqual({
    ...{ name: 'us-east-1', cloud: 'aws', country: 'USA', zone: 'US-MIDA-PJM' },
    price: {
      ...{ id: 'price/us-east-1/builtin', quantity: 'price', value: 0.13, unit: 'USD/kWh' },
      ...{ source: 'Wattline default, no source given, unverified', year: 2025, state: 'static' },
    },
    intensity: {
      ...{ id: 'intensity/us-east-1/builtin', quantity: 'intensity', value: 0.45, unit: 'kg/kWh', method: 'location' },
      ...{ source: 'Wattline default, no source given, unverified', year: 2025, state: 'static' },
    },
    pue: {
      ...{ id: 'pue/us-east-1/table', quantity: 'pue', value: 1.15, unit: '1', year: 2024, state: 'static' },
      source: 'Green Software Foundation, Real Time Cloud, as published by Amazon',
    },
    tables: {
      price: {
        ...{ id: 'price/us-east-1/table', quantity: 'price', value: 0.0899, unit: 'USD/kWh', year: 2024 },
        ...{ source: 'EIA, average price to industry, Virginia', state: 'static' },
      },
      intensity: findRegion('us-east-1', 'electricity_maps')?.intensity,
    },
  });
  expect(
    recordsOf({})
      .filter(({ tables }) => tables)
      .map(({ name }) => name),
  ).toEqual([...['eu-north-1', 'eu-west-1', 'us-east-1', 'us-west-2']]);
});
