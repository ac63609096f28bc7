import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnNames, columns, isNullable, problemsOf, type Row } from './column-rules.ts';

const valid: Row = {
  BilledCost: 0,
  BillingAccountId: 'wattline',
  BillingAccountName: null,
  BillingCurrency: 'USD',
  BillingPeriodEnd: '2026-01-01T00:00:00Z',
  BillingPeriodStart: '2025-12-01T00:00:00Z',
  ChargeCategory: 'Usage',
  ChargeClass: null,
  ChargeDescription: null,
  ChargeFrequency: 'Usage-Based',
  ChargePeriodEnd: '2025-12-28T18:54:00Z',
  ChargePeriodStart: '2025-12-28T18:52:38Z',
  ConsumedQuantity: 2,
  ConsumedUnit: 'kWh',
  ContractedCost: 0.5,
  ContractedUnitPrice: 0.25,
  EffectiveCost: 0.5,
  HostProviderName: 'AWS',
  InvoiceIssuerName: 'Wattline',
  ListCost: 0.5,
  ListUnitPrice: 0.25,
  PricingCategory: 'Standard',
  PricingQuantity: 2,
  PricingUnit: 'kWh',
  ProviderName: 'Wattline',
  PublisherName: 'Wattline',
  RegionId: null,
  RegionName: null,
  ResourceId: null,
  ResourceName: null,
  ResourceType: null,
  ServiceCategory: 'Compute',
  ServiceName: 'Measured workload',
  ServiceProviderName: 'Wattline',
  SkuId: 'energy',
  SkuPriceId: 'energy',
  SubAccountId: null,
  Tags: '{"scenario":"a"}',
  x_CarbonFactorId: null,
  x_CarbonKg: 0.9,
  x_EnergyKwh: 2,
  x_CarbonKgLower: null,
  x_CarbonKgUpper: null,
  x_CpuKind: null,
  x_EffectiveCostLower: null,
  x_EffectiveCostUpper: null,
  x_EnergyKwhLower: null,
  x_EnergyKwhUpper: null,
  x_Extrapolated: null,
  x_IntervalLevel: null,
  x_PowerKind: 'measured',
  x_PriceFactorId: null,
  x_RunId: '0123456789abcdef0123456789abcdef',
};

describe('a row', () => {
  it('keeps all rules', () => {
    expect(problemsOf(valid)).toEqual([]);
  });

  it('has all columns that FOCUS 1.2 makes mandatory, and no others than its own', () => {
    const mandatory = `BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart
      ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost
      InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName`;
    expect(columnNames).toEqual(expect.arrayContaining(mandatory.split(/\s+/)));
    const { x_RunId: _, ...without } = valid;
    expect(problemsOf(without)).toEqual([expect.stringMatching(/^x_RunId: /)]);
    expect(problemsOf({ ...valid, Colour: 'red' })).toEqual([expect.stringContaining('Colour')]);
  });

  it('has its columns in the order that FOCUS wants: its own by name, then those with x_ by name', () => {
    const sorted = (own: boolean) => columnNames.filter((name) => name.startsWith('x_') === own).sort();
    expect(columnNames).toEqual([...sorted(false), ...sorted(true)]);
  });

  it.each([
    ['a missing cost', { BilledCost: null }, 'BilledCost'],
    ['a cost that is no number', { EffectiveCost: Number.NaN }, 'EffectiveCost'],
    ['an endless cost', { EffectiveCost: Number.POSITIVE_INFINITY }, 'EffectiveCost'],
    ['a cost as text', { EffectiveCost: '0.5' }, 'EffectiveCost'],
    ['an empty text', { ServiceName: '' }, 'ServiceName'],
    ['a blank text', { BillingAccountName: ' ' }, 'BillingAccountName'],
    ['a currency that is none', { BillingCurrency: 'usd' }, 'BillingCurrency'],
    ['a category that FOCUS does not have', { ServiceCategory: 'Video' }, 'ServiceCategory'],
    ['a charge category that FOCUS does not have', { ChargeCategory: 'Estimate' }, 'ChargeCategory'],
    ['a time with milliseconds', { ChargePeriodEnd: '2025-12-28T18:54:00.000Z' }, 'ChargePeriodEnd'],
    ['a local time', { ChargePeriodEnd: '2025-12-28T18:54:00+01:00' }, 'ChargePeriodEnd'],
    ['a day that is none', { ChargePeriodEnd: '2025-12-32T18:54:00Z' }, 'ChargePeriodEnd'],
    ['an end at the start', { ChargePeriodEnd: valid.ChargePeriodStart }, 'ChargePeriodEnd'],
    ['a billing period that is no month', { BillingPeriodEnd: '2025-12-31T00:00:00Z' }, 'BillingPeriodEnd'],
    [
      'a charge of another month',
      { BillingPeriodStart: '2025-11-01T00:00:00Z', BillingPeriodEnd: '2025-12-01T00:00:00Z' },
      'ChargePeriodStart',
    ],
    ['a negative unit price', { ListUnitPrice: -0.25, ListCost: -0.5 }, 'ListUnitPrice'],
    ['a quantity of nothing', { ConsumedQuantity: 0 }, 'ConsumedQuantity'],
    ['a cost that is not price times quantity', { ListCost: 0.51 }, 'ListCost'],
    ['a contracted cost that is not price times quantity', { ContractedUnitPrice: 0.2 }, 'ContractedCost'],
    ['usage without a price', { ListUnitPrice: null }, 'ListUnitPrice'],
    ['usage without a SKU', { SkuPriceId: null }, 'SkuPriceId'],
    ['a quantity without a unit', { ConsumedUnit: null }, 'ConsumedUnit'],
    ['a unit with a number', { PricingUnit: '3 kWh/h' }, 'PricingUnit'],
    ['a resource without a type', { ResourceId: 'i-1' }, 'ResourceType'],
    ['a region without a name', { RegionId: 'us-east-1' }, 'RegionName'],
    ['tags that are no JSON', { Tags: 'a=b' }, 'Tags'],
    ['tags that are a list', { Tags: '["a"]' }, 'Tags'],
    ['tags of tags', { Tags: '{"a":{"b":1}}' }, 'Tags'],
    ['a power that is none of the three', { x_PowerKind: 'guessed' }, 'x_PowerKind'],
    ['a run id that is none', { x_RunId: 'run 1' }, 'x_RunId'],
  ])('is refused with %s, by the name of the column', (_, change, column) => {
    const problems = problemsOf({ ...valid, ...change });
    expect(problems[0]).toMatch(new RegExp(`^${column}: `));
  });

  it('needs no price where it is no usage', () => {
    const none = { ListUnitPrice: null, ContractedUnitPrice: null, PricingCategory: null };
    expect(problemsOf({ ...valid, ...none, ChargeCategory: 'Credit' })).toEqual([]);
    expect(problemsOf({ ...valid, ...none })).toHaveLength(3);
  });
});

it('is what the README says', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const table = readme.split(/^## /m).find((section) => section.startsWith('Columns\n')) ?? '';
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (\S+) +\| (\S*) +\|/gm)].map(([, ...cells]) => cells);
  const wanted = columnNames.map((name) => [name, columns[name].dataType, isNullable(name) ? 'yes' : 'no']);
  expect(rows).toEqual(wanted);
});
