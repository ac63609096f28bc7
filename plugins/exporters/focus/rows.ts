import type { Attributes } from '@opentelemetry/api';
import {
  type Bound,
  boundOf,
  findFigure,
  findRegion,
  isExtrapolated,
  knownFigures,
  noTime,
  type PowerKind,
  powerKindOf,
  predictedCpu,
  predictedPower,
  runLabelsOf,
} from 'wattline/figures';
import { describeRun, numberOf, RejectedError, type Run, type Skipped } from 'wattline/plugin';
import { type ChargePeriod, chargePeriodOf } from './charge-period.ts';
import { atMeter, type Bounded, type Charge, chargesOf } from './charges.ts';
import { problemsOf, type Row } from './column-rules.ts';
import { runIdOf } from './run-id.ts';
import type { Config } from './settings.ts';

const cloudNames: Readonly<Record<string, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Microsoft Azure' };

const energyNames: Readonly<Record<PowerKind, string>> = {
  measured: 'Energy',
  modelled: 'Modelled energy',
  predicted: 'Predicted energy',
};

/** What identifies the machine of a run, the best first, and what FOCUS calls such a thing. */
const resources = [
  { attribute: 'cloud.resource_id', type: 'Cloud Resource' },
  { attribute: 'host.id', type: 'Host' },
  { attribute: 'container.id', type: 'Container' },
] as const;

/**
 * Returns the rows of a run: one of its energy and one of its CPU time, as far as their costs are known. Calls `skip` for
 * what has no row. Throws `RejectedError` where a row would break the rules of its columns.
 */
export function rowsOf(run: Run, config: Config, skip: (skipped: Skipped) => void): Row[] {
  const charges = chargesOf(run, config.currency, skip);
  if (charges.length === 0) return [];
  const period = chargePeriodOf(run);
  if (!period) {
    const { reason, problem } = run.isDated ? outOfRange(run) : noTime(run);
    skip({ item: 'run', reason, message: `no rows: ${problem}` });
    return [];
  }
  const common = commonOf(run, period, config);
  return charges.map((charge) => {
    const row = { ...common, ...chargedOf(charge, run, common.RegionId, config) };
    const problems = problemsOf(row);
    if (problems.length === 0) return row;
    throw new RejectedError(`${describeRun(run)} has no valid FOCUS row of ${charge.sku}: ${problems.join('; ')}`);
  });
}

function outOfRange(run: Run): ReturnType<typeof noTime> {
  return { reason: 'no_time', problem: `${describeRun(run)} was not between the years 1970 and 9999` };
}

/** What the rows of a run have in common. */
function commonOf(run: Run, period: ChargePeriod, config: Config) {
  const { attributes } = run.resource;
  const region = textOf(runLabelsOf(run), 'region');
  const provider = config.provider_name;
  return {
    BillingAccountId: config.billing_account_id,
    BillingAccountName: config.billing_account_name ?? null,
    BillingCurrency: config.currency,
    BillingPeriodEnd: period.billingEnd,
    BillingPeriodStart: period.billingStart,
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: period.end,
    ChargePeriodStart: period.start,
    HostProviderName: hostProviderOf(attributes, region, config),
    InvoiceIssuerName: config.invoice_issuer_name ?? provider,
    ProviderName: provider,
    PublisherName: provider,
    RegionId: region,
    RegionName: region,
    ...resourceOf(attributes),
    ServiceCategory: config.service_category,
    ServiceName: config.service_name,
    ServiceProviderName: provider,
    SubAccountId: textOf(attributes, 'cloud.account.id'),
    Tags: tagsOf(run, attributes, config),
    x_RunId: runIdOf(run, period),
  } as const;
}

/** What the row of one charge has of its own; emissions and energy stand in that of energy alone, so that they add up. */
function chargedOf(charge: Charge, run: Run, region: string | null, { invoiced }: Config) {
  const { attributes } = run.resource;
  const { sku, unit, consumed, priced, unitPrice, cost, factor, isIncluded } = charge;
  const isEnergy = sku === 'energy';
  const carbon = isEnergy ? findFigure(run, knownFigures.emissions.name)?.value : undefined;
  const state = isIncluded ? undefined : attributes[`factor.${factor}.state`];
  const power = powerKindOf(run);
  const what = isEnergy ? energyNames[power] : run.cpu === undefined ? 'CPU time' : 'Predicted CPU time';
  const included = isIncluded ? ', included in the price of its CPU time' : '';
  return {
    BilledCost: invoiced ? cost : 0,
    ChargeDescription: `${what} of ${describeRun(run)}${included}${invoiced ? '' : ' (estimate)'}`,
    ConsumedQuantity: consumed,
    ConsumedUnit: unit,
    ContractedCost: cost,
    ContractedUnitPrice: unitPrice,
    EffectiveCost: cost,
    ListCost: cost,
    ListUnitPrice: unitPrice,
    PricingCategory: state === 'live' || state === 'cached' ? 'Dynamic' : 'Standard',
    PricingQuantity: priced,
    PricingUnit: unit,
    SkuId: sku,
    SkuPriceId: region === null ? sku : `${sku}/${region}`,
    // The record may be that of marginal emissions, which stand in no row.
    x_CarbonFactorId:
      carbon === undefined || attributes['factor.intensity.method'] === 'marginal'
        ? null
        : textOf(attributes, 'factor.intensity.id'),
    x_CarbonKg: carbon ?? null,
    x_CpuKind: isEnergy ? null : (run.cpu ?? 'measured'),
    x_EnergyKwh: isEnergy ? atMeter(consumed, run) : null,
    ...boundsOf(charge, run),
    x_PowerKind: isEnergy ? power : null,
    x_PriceFactorId: isIncluded ? null : textOf(attributes, `factor.${factor}.id`),
  } as const;
}

/** The bounds of a charge, and what is claimed of them; all null where it rests on no prediction with an interval. */
function boundsOf({ sku, bounds: { lower, upper } }: Charge, run: Run) {
  const isEnergy = sku === 'energy';
  const stated = isEnergy ? predictedPower : predictedCpu;
  const kwh = ({ consumed }: Bounded) => (isEnergy && consumed !== undefined ? atMeter(consumed, run) : null);
  const carbon = (bound: Bound) => {
    const definition = isEnergy ? boundOf(knownFigures.emissions, bound) : undefined;
    return (definition && findFigure(run, definition.name)?.value) ?? null;
  };
  const isBounded = [lower, upper].some(({ cost, consumed }) => cost !== undefined || consumed !== undefined);
  const isPredicted = isEnergy ? run.power !== undefined : run.cpu !== undefined;
  return {
    x_CarbonKgLower: carbon('lower'),
    x_CarbonKgUpper: carbon('upper'),
    x_EffectiveCostLower: lower.cost ?? null,
    x_EffectiveCostUpper: upper.cost ?? null,
    x_EnergyKwhLower: kwh(lower),
    x_EnergyKwhUpper: kwh(upper),
    x_Extrapolated: isPredicted ? (String(isExtrapolated(run.attributes, stated)) as 'true' | 'false') : null,
    x_IntervalLevel: isBounded ? (numberOf(run.attributes, stated.level) ?? null) : null,
  } as const;
}

function hostProviderOf(attributes: Attributes, region: string | null, config: Config): string {
  const cloud = textOf(attributes, 'cloud.provider');
  if (cloud !== null) return cloudNames[cloud] ?? cloud;
  if (config.host_provider_name !== undefined) return config.host_provider_name;
  const known = region === null ? undefined : findRegion(region)?.cloud;
  return known === undefined ? config.provider_name : (cloudNames[known] ?? known);
}

function resourceOf(attributes: Attributes): Pick<Row, 'ResourceId' | 'ResourceName' | 'ResourceType'> {
  for (const { attribute, type } of resources) {
    const id = textOf(attributes, attribute);
    if (id === null) continue;
    const name = attribute === 'container.id' ? 'container.name' : 'host.name';
    return { ResourceId: id, ResourceName: textOf(attributes, name), ResourceType: type };
  }
  return { ResourceId: null, ResourceName: null, ResourceType: null };
}

function tagsOf(run: Run, attributes: Attributes, { tags, extra_tags }: Config): string | null {
  const known: Attributes = { ...attributes, ...run.labels };
  const own = tags.flatMap((name) => {
    const value = known[name];
    if (value === undefined || value === '') return [];
    return [[name, typeof value === 'object' ? JSON.stringify(value) : value] as const];
  });
  const all = { ...extra_tags, ...Object.fromEntries(own) };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length ? JSON.stringify(Object.fromEntries(sorted)) : null;
}

function textOf(attributes: Attributes, name: string): string | null {
  const value = attributes[name];
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
