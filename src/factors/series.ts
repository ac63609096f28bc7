import { constantFactor, type Factor, type FactorSeries, type Method, readTimeText } from '../model/factor.ts';
import type { Context } from '../plugin/contract.ts';
import { foreignCurrency, inUsd, whyNoRate } from './conversion.ts';
import { unitIn } from './currency.ts';
import type { ExchangeRates } from './exchange-rates.ts';
import { overlapping, periodSeries } from './periods.ts';
import { whyImplausible } from './plausible.ts';
import { effectiveFrom, type FactorConfig, type FactorEntry } from './settings.ts';
import { tariffSeries } from './tariff.ts';
import { quantityUnits, type SeriesQuantity, statedValue } from './units.ts';
import { WatchedFile } from './watched-file.ts';

/** The quantity of configured values. */
export interface FactorOptions {
  readonly quantity: SeriesQuantity;
  /** How a configured intensity counts emissions. */
  readonly method?: Method | undefined;
  /** What prices in other currencies are converted by. */
  readonly rates?: ExchangeRates | undefined;
  /** Whether values of files count that are not plausible. */
  readonly plausible?: 'any' | undefined;
}

/** A series that may have to read files first. */
export interface FactorSource {
  /** Has no values of files before `start`. */
  readonly series: FactorSeries;
  /** Reads the files. Rejects where one cannot be read or is not valid. */
  start(): Promise<void>;
  /**
   * Reads the files again that have changed, and resolves with whether any has; undefined where there are none. Rejects
   * where one cannot be read or is not valid: its values stay as they were until it changes once more.
   */
  readonly refresh?: (() => Promise<boolean>) | undefined;
}

/** The parts of a component's context that a series needs. */
export type FactorContext = Pick<Context, 'id' | 'resolvePath'>;

/**
 * Returns the series that a configuration with `factorSettings` states. Every entry holds from its `effective_from` to that of
 * the next; before the first nothing is known. Prices are in USD. Ids of factors are `quantity/component/effective_from`, followed by the
 * band of a tariff or the file: one id for all rows of a file, whose values differ by time.
 */
export function createFactorSeries(options: FactorOptions, config: FactorConfig, ctx: FactorContext): FactorSource {
  const entries = config.map((entry) => ({ from: effectiveFrom(entry), ...createEntry(options, entry, ctx) }));
  const sorted = entries.sort((a, b) => a.from - b.from);
  const spans = sorted.map((entry, index) => ({ ...entry, to: sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY }));
  const series: FactorSeries = {
    between: (from, to) =>
      overlapping(spans, from, to).flatMap((span) =>
        span.series.between(Math.max(from, span.from), Math.min(to, span.to)).map((period) => ({
          from: Math.max(period.from, span.from),
          to: Math.min(period.to, span.to),
          factor: period.factor,
        })),
      ),
    whyUnknown(from, to) {
      const reasons = overlapping(spans, from, to).map((span) =>
        span.series.whyUnknown?.(Math.max(from, span.from), Math.min(to, span.to)),
      );
      return reasons.find((reason) => reason !== undefined);
    },
  };
  const files = spans.flatMap(({ file }) => file ?? []);
  return {
    series: inUsd(series, options.rates ?? new Map()),
    async start() {
      for (const file of files) await file.refresh();
    },
    ...(files.length && { refresh: changesOf(files) }),
  };
}

/**
 * Returns what reads all files again that have changed, also where one of them is not valid: that others have changed is
 * said the next time then.
 */
function changesOf(files: readonly WatchedFile[]): () => Promise<boolean> {
  let isUnsaid = false;
  return async () => {
    const results = await Promise.allSettled(files.map((file) => file.refresh()));
    isUnsaid ||= results.some((result) => result.status === 'fulfilled' && result.value);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const hasChanged = isUnsaid;
    isUnsaid = false;
    return hasChanged;
  };
}

function createEntry(
  { quantity, method, rates = new Map(), plausible }: FactorOptions,
  entry: FactorEntry,
  ctx: FactorContext,
): { readonly series: FactorSeries; readonly file?: WatchedFile } {
  const units = quantityUnits[quantity];
  const { tariff, file, time_zone: timeZone, unit, area, year, source = file ?? 'configuration' } = entry;
  const { currency } = entry as { readonly currency?: string };
  const id = [quantity, ctx.id, entry.effective_from ?? 'always'].join('/');
  const record = { quantity, year, method, state: 'static' } as const;
  const factorOf = (value: number, unit: string, name?: string): Factor => {
    return { ...record, id: name === undefined ? id : `${id}/${name}`, value, unit, source };
  };
  /** The record of a price in another currency names that too. */
  const statedOf = (value: number, unit: string, name?: string): Factor => {
    const factor = factorOf(value, unit, name);
    return foreignCurrency(factor) ? { ...factor, source: `${source}; ${value} ${unit}` } : factor;
  };
  if (tariff) {
    const ofRates = currency === undefined ? units.unit : unitIn(currency, units.unit);
    return { series: tariffSeries(tariff, timeZone ?? 'UTC', (rate, name) => statedOf(rate, ofRates, name)) };
  }
  if (file === undefined) {
    const stated = statedValue(units, entry);
    return { series: constantFactor(statedOf(stated?.value as number, stated?.unit as string)) };
  }
  let read = periodSeries([]);
  let extent: readonly [from: number, to: number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const watched = new WatchedFile(ctx.resolvePath(file), async (path) => {
    const { readFactorFile } = await import('./factor-file.ts');
    const judge = (value: number, unit: string) =>
      plausible ? undefined : whyImplausible(quantity, { value, unit }, rates);
    const periods = await readFactorFile(path, { units, unit, currency, timeZone, area, judge });
    const missing = periods.map(({ unit = '' }) => whyNoRate(unit, rates)).find((one) => one !== undefined);
    if (missing) throw new Error(`${path}: ${missing}`);
    const readAt = Date.now() / 1000;
    extent = [periods[0]?.from ?? Number.NEGATIVE_INFINITY, periods.at(-1)?.to ?? Number.POSITIVE_INFINITY];
    read = periodSeries(
      periods.map(({ from, to, value, unit = units.unit }) => {
        const factor: Factor = { ...factorOf(value, unit, file), readAt, mayChange: true };
        // Its values are not named in the source, which would be another one for each row.
        const isForeign = foreignCurrency(factor) !== undefined;
        return { from, to, factor: isForeign ? { ...factor, source: `${source}; ${unit}` } : factor };
      }),
    );
  });
  const whyUnknown: FactorSeries['whyUnknown'] = (from, to) => {
    const [first, last] = extent;
    if (first <= from && to <= last) return undefined;
    const problem = `${file} is about the time from ${readTimeText(first)} to ${readTimeText(last)}`;
    return { reason: 'unknown_factor', problem };
  };
  return { series: { between: (from, to) => read.between(from, to), whyUnknown }, file: watched };
}
