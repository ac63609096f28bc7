import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import table from './regions.json' with { type: 'json' };
import {
  builtinNames,
  clouds,
  datasets,
  fallbackRegion,
  findRegion,
  type Region,
  regionNames,
  tabledFactor,
  tabledText,
} from './regions.ts';

const co2 = createRequire(import.meta.url)('@tgwf/co2/data');
const all = regionNames.map((name) => findRegion(name) as Region);
const namesOf = (cloud: string) => all.filter((region) => region.cloud === cloud).map(({ name }) => name);

describe('the first eight regions', () => {
  it.each([
    ['us-east-1', 0.13, 0.45],
    ['us-west-2', 0.1, 0.3],
    ['eu-west-1', 0.2, 0.28],
    ['eu-north-1', 0.08, 0.12],
    ['eu-central-1', 0.155, 0.342],
    ['eu-south-1', 0.162, 0.275],
    ['ap-northeast-1', 0.135, 0.535],
    ['ap-southeast-1', 0.145, 0.483],
  ])('%s costs %d USD/kWh and emits %d kg/kWh', (name, usd, kg) => {
    const price = { unit: 'USD/kWh', year: name.startsWith('ap-') ? 2024 : 2025, state: 'static' };
    expect(findRegion(name)?.price).toMatchObject({ ...price, id: `price/${name}/builtin`, value: usd });
    expect(findRegion(name)?.intensity).toMatchObject({
      ...{ id: `intensity/${name}/builtin`, value: kg, unit: 'kg/kWh', method: 'location', year: 2025 },
    });
  });

  it.each([
    ['us-east-1', 0.0899, 0.418],
    ['us-west-2', 0.0805, 0.204],
    ['eu-west-1', 0.228, 0.301],
    ['eu-north-1', 0.0682, 0.02],
    ['eu-central-1', undefined, undefined],
    ['eu-south-1', undefined, undefined],
    ['ap-northeast-1', undefined, undefined],
    ['ap-southeast-1', undefined, undefined],
  ])('%s: tables with a source say %d USD/kWh and %d kg/kWh where these differ', (name, usd, kg) => {
    const { price, intensity } = findRegion(name) as Region;
    expect([tabledFactor(price?.id)?.value, tabledFactor(intensity?.id)?.value]).toEqual([usd, kg]);
  });

  it('have the prices that tables say as other clouds have them in the same place', () => {
    const neighbours = { 'us-east-1': 'eastus', 'us-west-2': 'us-west1', 'eu-west-1': 'northeurope' };
    for (const [name, other] of Object.entries({ ...neighbours, 'eu-north-1': 'swedencentral' })) {
      const { id, ...known } = tabledFactor(`price/${name}/builtin`) ?? {};
      expect(id).toBe(`price/${name}/table`);
      expect({ ...known, id: `price/${other}/table` }).toEqual(findRegion(other)?.price);
    }
  });

  it('come with what tables say in words', () => {
    expect(tabledText('intensity/eu-north-1/builtin')).toBe(
      'a table says 0.02 kg/kWh: Electricity Maps, zone SE-SE3, yearly average, by way of CO2.js 0.19.0, 2025',
    );
  });

  it('are the only ones of which tables say something else', () => {
    const differing = datasets.flatMap((dataset) =>
      regionNames.filter((name) => {
        const { price, intensity, pue } = findRegion(name, dataset) as Region;
        return (
          tabledText(intensity?.id) !== undefined ||
          (!price?.id.endsWith('builtin') && tabledText(price?.id)) ||
          tabledText(pue?.id)
        );
      }),
    );
    expect(differing).toEqual(['us-east-1', 'us-west-2', 'eu-west-1', 'eu-north-1']);
    for (const id of [
      undefined,
      'price/fallback/builtin',
      'price/x/builtin',
      'price/us-east-1/configured',
      'pue/us-east-1/builtin',
    ]) {
      expect(tabledFactor(id)).toBeUndefined();
    }
  });

  it('come first, in their own order', () => {
    expect(regionNames.slice(0, 8)).toEqual(builtinNames);
    expect(builtinNames).toEqual(Object.keys(table.aws).slice(0, 8));
  });
});

describe('the table', () => {
  it('has every region of the three clouds, and no name twice', () => {
    expect(clouds.map((cloud) => namesOf(cloud).length)).toEqual([41, 45, 68]);
    expect(new Set(regionNames).size).toBe(154);
  });

  // Microsoft Learn, "Azure regions list", of 2025-09-23; then Azure operated by 21Vianet, Azure Government, and those of Jio.
  it('has the regions of Azure by the names of Microsoft', () => {
    const known = `australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth
      brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral denmarkeast eastasia eastus eastus2
      francecentral francesouth germanynorth germanywestcentral indonesiacentral israelcentral italynorth japaneast
      japanwest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth northcentralus northeurope norwayeast
      norwaywest polandcentral qatarcentral southafricanorth southafricawest southcentralus southeastasia southindia
      spaincentral swedencentral switzerlandnorth switzerlandwest uaecentral uaenorth uksouth ukwest westcentralus
      westeurope westindia westus westus2 westus3
      chinaeast chinaeast2 chinanorth chinanorth2 chinanorth3
      usgovvirginia usgovarizona usgovtexas usdodcentral usdodeast
      jioindiawest jioindiacentral`;
    expect(namesOf('azure').sort()).toEqual(known.split(/\s+/).sort());
  });

  it.each([
    ['usgovvirginia', 'eastus'],
    ['usgovarizona', 'westus3'],
    ['usgovtexas', 'southcentralus'],
    ['usdodcentral', 'centralus'],
    ['usdodeast', 'eastus2'],
    ['jioindiawest', 'westindia'],
    ['jioindiacentral', 'centralindia'],
  ])('places %s where %s is, with the average PUE of Microsoft', (name, neighbour) => {
    const [{ country, zone, price, pue }, other] = [name, neighbour].map((one) => findRegion(one) as Region) as [
      Region,
      Region,
    ];
    expect([country, zone, price?.value, price?.source]).toEqual([
      ...[other.country, other.zone, other.price?.value, other.price?.source],
    ]);
    expect(pue).toMatchObject({ value: 1.18, source: 'Microsoft, average of its data centres', year: 2023 });
  });

  // The partitions aws, aws-cn, aws-us-gov and aws-eusc of the AWS SDK for JavaScript 3.981.
  it('has the regions of AWS by the names of its SDK', () => {
    const known = `af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
      ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1
      ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1
      me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2
      cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1`;
    expect(namesOf('aws').sort()).toEqual(known.split(/\s+/).sort());
  });

  it.each(all.map((region) => [region.name, region] as const))('is sound in the row of %s', (name, region) => {
    expect(region.country).toMatch(/^[A-Z]{3}$/);
    expect(region.zone).toMatch(/^[A-Z]{2}(-[A-Z0-9]+)*$/);
    expect(region.pue).toMatchObject({ id: `pue/${name}/table`, quantity: 'pue', unit: '1' });
    expect(region.pue?.value).toBeGreaterThan(1);
    expect(region.pue?.value).toBeLessThan(1.5);
    for (const factor of [region.price, region.intensity, region.pue]) {
      if (!factor) continue;
      expect(factor.source.length).toBeGreaterThan(3);
      expect(factor.year).toBeGreaterThanOrEqual(2022);
      expect(factor.state).toBe('static');
    }
    expect(region.price?.value ?? 0.1).toBeGreaterThan(0.03);
    expect(region.price?.value ?? 0.1).toBeLessThan(0.33);
    expect(region.intensity?.value).toBeGreaterThan(0.01);
    expect(region.intensity?.value).toBeLessThan(0.9);
  });

  it('knows no price for three', () => {
    expect(all.filter(({ price }) => !price).map(({ name }) => name)).toEqual([
      'ca-west-1',
      'northamerica-northeast2',
      'canadacentral',
    ]);
  });

  it('has value, source and year of every number in the row itself', () => {
    const number = { value: expect.any(Number), source: expect.any(String), year: expect.any(Number) };
    const rows = Object.values(table).flatMap((cloud) => Object.entries<object>(cloud));
    for (const [name, { country, zone, ...numbers }] of rows as [string, Record<string, unknown>][]) {
      expect([typeof country, typeof zone], name).toEqual(['string', 'string']);
      const wanted = Object.entries(numbers).map(([quantity, found]) => [quantity, found === null ? null : number]);
      expect(numbers, name).toEqual(Object.fromEntries(wanted));
      expect(Object.keys(numbers), name).toEqual(expect.arrayContaining(['price', 'pue']));
    }
    expect(rows).toHaveLength(154);
  });

  it('has ids that name one value each', () => {
    const factors = datasets.flatMap((dataset) =>
      regionNames.flatMap((name) => {
        const { price, intensity, pue } = findRegion(name, dataset) as Region;
        return [price, intensity, pue].filter((factor) => factor !== undefined);
      }),
    );
    const byId = new Map(factors.map((factor) => [factor.id, factor]));
    for (const factor of factors) expect(byId.get(factor.id)).toEqual(factor);
    expect(byId.size).toBe(151 + 154 + 8 + 154 + 154);
  });
});

describe('the intensity of a region', () => {
  it('is the built-in one, else that of its zone', () => {
    expect(findRegion('us-east-1')?.intensity?.id).toBe('intensity/us-east-1/builtin');
    expect(findRegion('us-east-2')?.intensity).toEqual({
      id: 'intensity/us-east-2/electricity_maps',
      quantity: 'intensity',
      value: 0.418,
      unit: 'kg/kWh',
      source: 'Electricity Maps, zone US-MIDA-PJM, yearly average, by way of CO2.js 0.19.0',
      year: 2025,
      method: 'location',
      state: 'static',
    });
  });

  it('is that of the dataset alone where one is named', () => {
    const valueIn = (name: string, dataset: (typeof datasets)[number]) => findRegion(name, dataset)?.intensity?.value;
    expect(valueIn('eu-north-1', 'electricity_maps')).toBe(0.02);
    expect(valueIn('eu-central-1', 'ember')).toBeCloseTo(0.34206, 12);
    for (const name of regionNames) {
      const { country = '', zone = '' } = findRegion(name) as Region;
      const grams = co2.electricityMaps.yearly2025.data[zone].carbonIntensity;
      expect(grams.unit).toBe('gCO2eq/kWh');
      expect(valueIn(name, 'electricity_maps')).toBe(grams.value / 1000);
      expect(valueIn(name, 'ember')).toBe(co2.averageIntensity.data[country] / 1000);
    }
  });

  it('has no year where Ember names none', () => {
    expect(findRegion('eu-central-1', 'ember')?.intensity).toMatchObject({
      id: 'intensity/eu-central-1/ember',
      source: 'Ember, country DEU, average of its latest year, by way of CO2.js 0.19.0',
      year: undefined,
    });
  });

  it('is an average, never a marginal one', () => {
    const marginal: Record<string, number> = co2.marginalIntensity.data;
    for (const dataset of datasets) {
      for (const name of regionNames) {
        const { country = '', intensity } = findRegion(name, dataset) as Region;
        expect(intensity?.method).toBe('location');
        expect(intensity?.value).not.toBe((marginal[country] as number) / 1000);
      }
    }
  });
});

describe('what a configuration says of a region', () => {
  it('comes before what is known, one factor at a time', () => {
    const region = findRegion('eu-west-1', 'builtin', { usd_per_kwh: 0.11, source: 'our contract', year: 2026 });
    expect(region).toMatchObject({ cloud: 'aws', country: 'IRL', zone: 'IE' });
    expect(region?.price).toMatchObject({
      id: 'price/eu-west-1/configured',
      value: 0.11,
      source: 'our contract',
      year: 2026,
    });
    expect(region?.intensity).toBe(findRegion('eu-west-1')?.intensity);
    expect(region?.pue?.value).toBe(1.11);
    const own = { kg_per_kwh: 0, pue: 1.3 };
    for (const dataset of datasets) {
      expect(findRegion('eu-west-1', dataset, own)?.intensity).toMatchObject({ value: 0, source: 'configuration' });
      expect(findRegion('eu-west-1', dataset, own)?.pue).toMatchObject({ id: 'pue/eu-west-1/configured', value: 1.3 });
    }
  });

  it('makes a region of its own, with the intensity of the place that it names', () => {
    const valueAt = (own: object, dataset?: (typeof datasets)[number]) =>
      findRegion('my-dc', dataset, own)?.intensity?.value;
    expect(valueAt({ zone: 'FR', country: 'DEU' })).toBe(0.031);
    expect(valueAt({ country: 'DEU' })).toBeCloseTo(0.34206, 12);
    expect(valueAt({ zone: 'FR', country: 'DEU' }, 'ember')).toBeCloseTo(0.34206, 12);
    expect(valueAt({ country: 'DEU' }, 'electricity_maps')).toBeUndefined();
    expect(valueAt({ zone: 'XX', country: 'XXX' })).toBeUndefined();
    expect(valueAt({ zone: 'constructor' })).toBeUndefined();
    const bare = findRegion('my-dc', 'builtin', {}) as Region;
    expect([bare.cloud, bare.price, bare.intensity, bare.pue]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('places a region elsewhere, which then has no built-in intensity', () => {
    expect(findRegion('us-east-1', 'builtin', { zone: 'US-NW-PACW' })?.intensity?.value).toBe(0.204);
    expect(findRegion('us-east-1', 'builtin', { zone: 'XX' })?.intensity).toBeUndefined();
  });
});

it('knows no other name', () => {
  expect(findRegion('mars-north-1')).toBeUndefined();
  expect(findRegion('US-EAST-1')).toBeUndefined();
  expect(findRegion('constructor')).toBeUndefined();
  expect(fallbackRegion.price.value).toBe(0.12);
  expect(fallbackRegion.intensity.value).toBe(0.5);
});

/** Whether CO2.js is loaded in a new process after the evaluation of an expression on `findRegion`. */
async function loadsTables(expression: string): Promise<unknown> {
  const script = `
    import Module from 'node:module';
    import { findRegion } from './src/factors/regions.ts';
    const value = ${expression};
    const isLoaded = Object.keys(Module._cache).some((file) => file.includes('@tgwf/co2'));
    console.log(JSON.stringify([isLoaded, value]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('../../', import.meta.url),
  });
  return JSON.parse(stdout);
}

describe('the tables of CO2.js', () => {
  it('are not loaded for the first eight regions, nor for prices', async () => {
    const names = JSON.stringify(builtinNames);
    expect(await loadsTables(`${names}.map((name) => findRegion(name).intensity.value).length`)).toEqual([false, 8]);
    expect(await loadsTables("findRegion('eu-west-3').price.value")).toEqual([false, 0.1024]);
  });

  it('are loaded for the intensity of any other, and for another dataset', async () => {
    expect(await loadsTables("findRegion('eu-west-3').intensity.value")).toEqual([true, 0.031]);
    expect(await loadsTables("findRegion('us-east-1', 'electricity_maps').intensity.value")).toEqual([true, 0.418]);
  });

  it('are those of the version that the records name', () => {
    const { dependencies } = createRequire(import.meta.url)('../../package.json');
    expect(findRegion('eu-west-3')?.intensity?.source).toContain(`CO2.js ${dependencies['@tgwf/co2']}`);
  });
});
