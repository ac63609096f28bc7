import type { Attributes } from '@opentelemetry/api';
import { inUsd } from '../factors/conversion.ts';
import { type ExchangeRates, exchangeRates, type RateTable } from '../factors/exchange-rates.ts';
import { whyImplausible } from '../factors/plausible.ts';
import { byRegion, type RegionConfig, type ResolvedRegion, resolveRegion } from '../factors/region.ts';
import { createFactorSeries, type FactorSource } from '../factors/series.ts';
import type { FactorConfig } from '../factors/settings.ts';
import { quantityUnits, type StatedValue } from '../factors/units.ts';
import { describeRun } from '../model/attributes.ts';
import { constantFactor, type Factor, type FactorSeries, type Method, overlay } from '../model/factor.ts';
import type { Run } from '../model/run.ts';
import { noTime } from '../model/stream.ts';
import type { Provider, SourceContext } from '../plugin/contract.ts';
import { measure } from './measure.ts';
import { type Revisions, revisionsByFiles, revisionsByProvider } from './revisions.ts';
import { type FactorLookup, type FindFactors, type FoundFactors, tooLongOf } from './valuation.ts';
import { extentOf } from './weigh.ts';

/** What a processor knows of the price or the intensity of electricity, by its configuration. */
export interface EnergyFactorsOptions {
  readonly quantity: 'price' | 'intensity';
  /** A value for all times and places. */
  readonly constant?: StatedValue | undefined;
  /** Values over time. */
  readonly entries?: FactorConfig | undefined;
  /** The id of a provider, which comes before all others. */
  readonly provider?: string | undefined;
  /** How configured intensities count emissions. */
  readonly method?: Method | undefined;
  /** What prices in other currencies are converted by, in USD. */
  readonly rates?: RateTable | undefined;
  /** Whether factors count that are not plausible. */
  readonly plausible?: 'any' | undefined;
  readonly regions: RegionConfig;
  /** How long a run may be that factors over time are applied to, in seconds. */
  readonly longest: number;
  /** Notes the use of a region's own factor. */
  readonly noteRegional: (place: ResolvedRegion, factor: Factor) => void;
}

/** Prices or intensities of electricity. */
export interface EnergyFactors {
  readonly lookUp: FactorLookup;
  /** What may revise them. */
  readonly revisions: readonly Revisions[];
  start(): Promise<void>;
}

/**
 * Looks up prices or intensities of electricity for runs: those of a provider, and where it knows none those that are
 * configured, else the region's; what stands in for a provider says `fallback`. Averages never stand in for marginal
 * intensities, and what is not plausible counts as not known. Prices are in USD. Throws where the provider is of another quantity; `start` reads files, and rejects where one does not fit.
 */
export function energyFactors(options: EnergyFactorsOptions, ctx: SourceContext): EnergyFactors {
  const provider = options.provider === undefined ? undefined : ctx.provider(options.provider);
  if (provider && provider.quantity !== options.quantity) {
    throw new Error(`provider \`${options.provider}\` knows the ${provider.quantity}, not the ${options.quantity}`);
  }
  const rates = exchangeRates(options.rates);
  const configured = configuredSource(options, rates, ctx);
  const fixed = (place: ResolvedRegion) => configured?.series ?? regionalSeries(place, options, rates);
  const sound = (known: FactorSeries) => plausibleOnly(inUsd(known, rates), options);
  const mayGrow = configured?.refresh !== undefined;
  const lookUp = provider ? byProvider(provider, options, { fixed, sound }, ctx) : byPlace(options, fixed, mayGrow);
  const revisions = [
    ...(provider ? [revisionsByProvider(provider, options.regions)] : []),
    ...revisionsByFiles(configured),
  ];
  return { lookUp, revisions, start: async () => configured?.start() };
}

type SeriesAt = (place: ResolvedRegion) => FactorSeries | undefined;

function byPlace(options: EnergyFactorsOptions, fixed: SeriesAt, mayGrow: boolean): FactorLookup {
  const inRegion = byRegion(options.regions, (place) => {
    const series = fixed(place);
    return { place, found: series && { series, labels: place.labels, mayGrow } };
  });
  const find: FindFactors = (run) => {
    const { place, found } = inRegion(run);
    return found ?? unknownOf(place, options, describeRun(run));
  };
  return async () => find;
}

function byProvider(
  provider: Provider,
  options: EnergyFactorsOptions,
  { fixed, sound }: { readonly fixed: SeriesAt; readonly sound: (known: FactorSeries) => FactorSeries },
  { explain }: SourceContext,
): FactorLookup {
  const asked = { provider, id: options.provider as string, explains: explain !== undefined };
  return async (runs, of, signal) => {
    const found = new Map<Run, FoundFactors>();
    const ask = async (run: Run) => {
      const measured = measure(run, of);
      if (measured.value === undefined) return;
      const obstacle = run.isDated ? tooLongOf(run, measured, options.longest) : noTime(run);
      if (obstacle) {
        found.set(run, obstacle);
        return;
      }
      const place = resolveRegion(run, options.regions);
      const [from, to] = extentOf(measured);
      found.set(run, await askProvider(asked, place, { fixed: fixed(place), sound }, { from, to, signal }));
    };
    await Promise.all(runs.map(ask));
    return (run) => found.get(run) as FoundFactors;
  };
}

function configuredSource(
  options: EnergyFactorsOptions,
  rates: ExchangeRates,
  ctx: SourceContext,
): FactorSource | undefined {
  const { quantity, constant, entries, method, plausible } = options;
  const overTime = entries && createFactorSeries({ quantity, method, rates, plausible }, entries, ctx);
  if (constant === undefined) return overTime;
  const { value, unit } = constant;
  const id = `${quantity}/${ctx.id}/configured`;
  const source = unit === quantityUnits[quantity].unit ? 'configuration' : `configuration; ${value} ${unit}`;
  // What stands in for a file may give way to what that comes to say.
  const mayChange = overTime?.refresh && true;
  const factor: Factor = { id, quantity, value, unit, source, method, state: 'static', mayChange };
  const always = inUsd(constantFactor(factor), rates);
  if (!overTime) return { series: always, start: async () => {} };
  const dated = overTime.series;
  const series: FactorSeries = {
    between: (from, to) => overlay(dated.between(from, to), always, from, to).between(from, to),
    whyUnknown: (from, to) => dated.whyUnknown?.(from, to) ?? always.whyUnknown?.(from, to),
  };
  return { ...overTime, series };
}

/** Returns the region's own factor, and notes its use. */
function regionalSeries(
  place: ResolvedRegion,
  options: EnergyFactorsOptions,
  rates: ExchangeRates,
): FactorSeries | undefined {
  const factor = place.region?.[options.quantity];
  if (!factor) return undefined;
  const series = inUsd(constantFactor(factor), rates);
  const now = Date.now() / 1000;
  const noted = series.constant ?? series.between(now, now)[0]?.factor;
  if (noted) options.noteRegional(place, noted);
  return series;
}

/** Leaves out what is not plausible. */
function plausibleOnly(series: FactorSeries, { quantity, plausible }: EnergyFactorsOptions): FactorSeries {
  if (plausible === 'any') return series;
  const whyNot = (factor: Factor) => whyImplausible(quantity, factor);
  return {
    between: (from, to) => series.between(from, to).filter(({ factor }) => whyNot(factor) === undefined),
    whyUnknown: (from, to) => {
      for (const { factor } of series.between(from, to)) {
        const problem = whyNot(factor);
        if (problem)
          return { reason: 'implausible', problem: `${factor.id} says ${factor.value} ${factor.unit}: ${problem}` };
      }
      return series.whyUnknown?.(from, to);
    },
  };
}

function unknownOf(place: ResolvedRegion, { quantity }: EnergyFactorsOptions, run: string): FoundFactors {
  if (!place.region) return { reason: place.reason, problem: place.problem };
  const { key, noun } = quantityUnits[quantity];
  const problem = `the ${noun} in the region of ${run} is not known; give \`${key}\`, or one for it in \`regions\``;
  return { reason: `no_${quantity}`, problem };
}

/** A provider by its id, and whether somebody wants to know why it does not know a time. */
interface AskedProvider {
  readonly provider: Provider;
  readonly id: string;
  readonly explains: boolean;
}

/** What a provider knows of a time, and the fixed factors where it knows nothing. */
async function askProvider(
  { provider, id, explains }: AskedProvider,
  place: ResolvedRegion,
  { fixed, sound }: { fixed: FactorSeries | undefined; sound: (known: FactorSeries) => FactorSeries },
  { from, to, signal }: { from: number; to: number; signal: AbortSignal },
): Promise<FoundFactors> {
  if (!place.place) return { reason: place.reason, problem: place.problem };
  let why = 'it does not say why';
  const lacks = (reason: string) => {
    why = reason;
  };
  const periods = await provider.factors(place.place, from, to, signal, explains ? lacks : undefined);
  const remark = explains ? `${id} gave ${periods.length > 0 ? 'less than all of it' : 'nothing'}: ${why}` : undefined;
  const known = sound({ between: () => periods });
  const isMarginal = provider.method === 'marginal';
  const labels: Attributes = { ...place.labels, ...(isMarginal && { method: 'marginal' }) };
  const more = { labels, remark, mayGrow: true };
  if (isMarginal || !fixed) return { series: known, ...more };
  const { between } = overlay(known.between(from, to), asFallback(fixed), from, to);
  const whyUnknown: FactorSeries['whyUnknown'] = (...time) =>
    known.whyUnknown?.(...time) ?? fixed.whyUnknown?.(...time);
  return { series: { between, whyUnknown }, ...more };
}

/** The provider may come to know what these stand in for. */
function asFallback(series: FactorSeries): FactorSeries {
  return {
    between: (from, to) =>
      series.between(from, to).map((period) => {
        return { ...period, factor: { ...period.factor, state: 'fallback', mayChange: true } };
      }),
  };
}
