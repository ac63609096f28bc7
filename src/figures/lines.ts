import { countOf } from '../count.ts';
import { currencyOf } from '../factors/currency.ts';
import { tabledText } from '../factors/regions.ts';
import { type Factor, readTimeText } from '../model/factor.ts';
import type { Line } from '../model/line.ts';
import type { Integrated } from '../model/series.ts';
import type { SampleKind } from './measure.ts';
import { eachSegment, holesIn } from './segments.ts';
import type { Part } from './weigh.ts';

/** How a signal was integrated and its samples came about, in one line; `unit` is the signal's times seconds. */
export function integralLine(name: string, unit: string, measured: Integrated, kind: SampleKind): Line {
  const { series, sampling, span, value } = measured;
  const { length, step } = series;
  const rule = length === 1 ? 'a single sample' : sampling === 'instant' ? 'trapezoidal rule' : 'means of intervals';
  const note = `${kind}, ${rule}, ${countOf(length, 'sample')} over ${span} s${holesText(measured)}`;
  const isPlain = length > 1 && step !== undefined && !series.values.some(Number.isNaN);
  const expression = isPlain
    ? `(${terms(series.values, sampling === 'instant')}) * ${step}`
    : pieces(measured, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  return { name, expression, value, unit, note };
}

/** What a bound of a prediction, the same at all times, comes to over the time of the prediction, in one line. */
export function boundLine(name: string, unit: string, { series, span, value }: Integrated, note: string): Line {
  const bound = series.values.find((one) => !Number.isNaN(one));
  return { name, expression: `${bound} * ${span}`, value, unit, note };
}

function holesText(measured: Integrated): string {
  const seconds = holesIn(measured);
  return seconds === 0 ? '' : `, without ${seconds} s of holes, where samples are more than two steps apart`;
}

/** What a signal came to while a factor held, in one line. */
export function partLine(name: string, unit: string, measured: Integrated, { from, to, value }: Part): Line {
  const { start } = measured.series;
  const offset = (time: number) => time - start[0] - start[1] / 1e9;
  const note = `from ${timeText(from, 'the start')} to ${timeText(to, 'the end')}`;
  return { name, expression: pieces(measured, offset(from), offset(to)) || '0', value, unit, note };
}

/** A factor with its record, what a table says in its place, and remarks of its own, in one line. */
export function factorLine(name: string, factor: Factor, ...remarks: readonly string[]): Line {
  const { value, unit, source, year, method, state, version, readAt, id } = factor;
  const read = readAt === undefined ? [] : [`read ${readTimeText(readAt)}`];
  const known = [...(year === undefined ? [] : [year]), ...(method ? [method] : [])];
  const record = [source, ...known, state, ...(version ? [version] : []), ...read];
  const tabled = tabledText(id);
  const remedy =
    tabled !== undefined && factor.quantity === 'intensity' ? '; `dataset: electricity_maps` takes it' : '';
  const notes = [`${id}: ${record.join(', ')}`, tabled && `${tabled}${remedy}`, ...remarks];
  return { name, value, unit, note: notes.filter((note) => note !== undefined).join('\n') };
}

/** A factor in lines: where it was converted, also what it was in the other currency, and the rate. */
export function factorLines(name: string, factor: Factor, ...remarks: readonly string[]): Line[] {
  const own = factorLine(name, factor, ...remarks);
  if (!factor.converted) return [own];
  const { from, rate } = factor.converted;
  const currency = currencyOf(from.unit)?.toLowerCase();
  const [amount, perUsd] = [`${name}_${currency}`, `${name}_${currency}_per_usd`];
  return [factorLine(amount, from), factorLine(perUsd, rate), { ...own, expression: `${amount} / ${perUsd}` }];
}

function terms(values: Float64Array, halvesEnds: boolean): string {
  const last = values.length - 1;
  return Array.from(values, (value, i) => (halvesEnds && (i === 0 || i === last) ? `${value} / 2` : `${value}`)).join(
    ' + ',
  );
}

/** The straight pieces of a series between two offsets, as a sum of means times seconds. */
function pieces({ series, sampling, duration }: Integrated, opens: number, closes: number): string {
  const sum: string[] = [];
  eachSegment(series, sampling, duration, (from, first, to, last) => {
    const [a, b] = [Math.max(from, opens), Math.min(to, closes)];
    if (b <= a) return;
    const at = (offset: number) => first + ((last - first) / (to - from)) * (offset - from);
    const [p, q] = [a === from ? first : at(a), b === to ? last : at(b)];
    sum.push(p === q ? `${p} * ${b - a}` : `(${p} + ${q}) / 2 * ${b - a}`);
  });
  return sum.join(' + ');
}

function timeText(time: number, otherwise: string): string {
  return Number.isFinite(time) ? new Date(time * 1000).toISOString() : otherwise;
}
