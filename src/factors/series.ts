import { constantFactor, type Factor, type FactorSeries, type Method } from '../model/factor.ts';
import type { Context } from '../plugin/contract.ts';
import { overlapping, periodSeries } from './periods.ts';
import { effectiveFrom, type FactorConfig, type FactorEntry } from './settings.ts';
import { tariffSeries } from './tariff.ts';
import { quantityUnits, type SeriesQuantity } from './units.ts';

/** The quantity of configured values. */
export interface FactorOptions {
  readonly quantity: SeriesQuantity;
  /** How a configured intensity counts emissions. */
  readonly method?: Method | undefined;
}

/** A series that may have to read files first. */
export interface FactorSource {
  /** Has no values of files before `start`. */
  readonly series: FactorSeries;
  /** Reads the files, once. Rejects where one cannot be read or is not valid. */
  start(): Promise<void>;
}

/** The parts of a component's context that a series needs. */
export type FactorContext = Pick<Context, 'id' | 'resolvePath'>;

/**
 * Returns the series that a configuration with `factorSettings` states. Every entry holds from its `effective_from` to that of
 * the next; before the first nothing is known. Ids of factors are `quantity/component/effective_from`, followed by the
 * band of a tariff or the file: one id for all rows of a file, whose values differ by time.
 */
export function createFactorSeries(options: FactorOptions, config: FactorConfig, ctx: FactorContext): FactorSource {
  const entries = config.map((entry) => ({ from: effectiveFrom(entry), ...createEntry(options, entry, ctx) }));
  const sorted = entries.sort((a, b) => a.from - b.from);
  const spans = sorted.map((entry, index) => ({ ...entry, to: sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY }));
  return {
    series: {
      between: (from, to) =>
        overlapping(spans, from, to).flatMap((span) =>
          span.series.between(Math.max(from, span.from), Math.min(to, span.to)).map((period) => ({
            from: Math.max(period.from, span.from),
            to: Math.min(period.to, span.to),
            factor: period.factor,
          })),
        ),
    },
    async start() {
      for (const { start } of spans) await start?.();
    },
  };
}

function createEntry(
  { quantity, method }: FactorOptions,
  entry: FactorEntry,
  ctx: FactorContext,
): { readonly series: FactorSeries; start?(): Promise<void> } {
  const units = quantityUnits[quantity];
  const { tariff, file, time_zone: timeZone, unit, area, year, source = file ?? 'configuration' } = entry;
  const id = [quantity, ctx.id, entry.effective_from ?? 'always'].join('/');
  const record = { quantity, unit: units.unit, source, year, method, state: 'static' } as const;
  const factorOf = (value: number, name?: string): Factor => {
    return { ...record, id: name === undefined ? id : `${id}/${name}`, value };
  };
  if (tariff) return { series: tariffSeries(tariff, timeZone ?? 'UTC', factorOf) };
  if (file === undefined) return { series: constantFactor(factorOf(entry[units.key] as number)) };
  let read = periodSeries([]);
  return {
    series: { between: (from, to) => read.between(from, to) },
    async start() {
      const { readFactorFile } = await import('./factor-file.ts');
      const periods = await readFactorFile(ctx.resolvePath(file), { units, unit, timeZone, area });
      read = periodSeries(periods.map(({ from, to, value }) => ({ from, to, factor: factorOf(value, file) })));
    },
  };
}
