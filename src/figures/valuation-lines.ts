import type { FigureDefinition } from '../model/figure.ts';
import type { Line } from '../model/line.ts';
import type { Run } from '../model/run.ts';
import type { Integrated } from '../model/series.ts';
import type { Signal } from '../model/signals.ts';
import { boundNote, isBound } from './bounds.ts';
import { boundLine, factorLines, integralLine, partLine } from './lines.ts';
import { sampleKindOf } from './measure.ts';
import type { Part } from './weigh.ts';

/** What a valuation makes of a signal: a figure, of an integral by a divisor. */
interface Explained {
  readonly signal: Signal;
  readonly figure: Pick<FigureDefinition, 'name' | 'unit'>;
  readonly integral: Pick<FigureDefinition, 'name' | 'unit'>;
  readonly divisor: number;
}

/** How a run came to the value of a figure, by the parts that its factors have; the line of the figure is the last. */
export function valuationLines(
  { signal, figure, integral, divisor }: Explained,
  run: Run,
  measured: Integrated,
  parts: readonly Part[],
  pue: number,
  value: number,
  remark: string | undefined,
): Line[] {
  // Emissions of one run may be there by location and by the market.
  const method = parts[0]?.factor.method === 'market' ? '_market' : '';
  const name = `${figure.name}${method}`;
  const quantityOf = (index: number) => {
    const quantity = `${parts[index]?.factor.quantity}${method}`;
    return parts.length === 1 ? quantity : `${quantity}_${index + 1}`;
  };
  const expressionOf = (amounts: readonly (string | number)[]) =>
    amounts
      .map((amount, index) => `${amount} / ${divisor}${pue === 1 ? '' : ' * pue'} * ${quantityOf(index)}`)
      .join(' + ');
  const { unit } = figure;
  if (isBound(signal)) {
    // The lines of the figure itself have said what the factors are.
    const amounts = parts.map((part) => (parts.length === 1 ? integral.name : part.value));
    const own = boundLine(integral.name, integral.unit, measured, boundNote(run, signal));
    return [own, { name, expression: expressionOf(amounts), value, unit, note: own.note }];
  }
  const lines = [integralLine(integral.name, integral.unit, measured, sampleKindOf(run, signal))];
  // The processor that has given a run its PUE has said where it is from.
  if (pue !== 1 && run.attributes['factor.pue.id'] === undefined) {
    lines.push({ name: 'pue', value: pue, unit: '1', note: 'of the run' });
  }
  const standIn = parts.findIndex(({ factor: { state } }) => state === 'fallback' || state === 'cached');
  const amounts = parts.map((part, index) => {
    const quantity = quantityOf(index);
    const amount = parts.length === 1 ? integral.name : `${integral.name}_${quantity}`;
    if (parts.length > 1) lines.push(partLine(amount, integral.unit, measured, part));
    lines.push(...factorLines(quantity, part.factor, ...(index === standIn && remark !== undefined ? [remark] : [])));
    return amount;
  });
  const note = parts.length > 1 ? `split where the ${parts[0]?.factor.quantity} changes` : undefined;
  return [...lines, { name, expression: expressionOf(amounts), value, unit, note }];
}
