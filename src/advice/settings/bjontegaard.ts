import { type Cubic, cubicAt, pchip } from '../../prediction/index.ts';

/** A measured encode: its quality, and an amount of it that is above 0, such as bits or joules. */
export interface QualityPoint {
  readonly vmaf: number;
  readonly amount: number;
}

/** The logarithm of an amount over VMAF, between the least and the largest that was measured. */
export type QualityCurve = Cubic;

/** By which part an amount differs on average over a range of VMAF: 0.1 is 10 % more. */
export interface MeanChange {
  readonly change: number;
  readonly fromVmaf: number;
  readonly toVmaf: number;
}

/**
 * Returns the curve through measured encodes; undefined where they are fewer than two, two of them have the same VMAF, or an
 * amount is not above 0.
 */
export function qualityCurve(points: readonly QualityPoint[]): QualityCurve | undefined {
  const sorted = [...points].sort((a, b) => a.vmaf - b.vmaf);
  const isUsable = sorted.every(
    ({ vmaf, amount }, i) => amount > 0 && (i === 0 || vmaf > (sorted[i - 1] as QualityPoint).vmaf),
  );
  if (sorted.length < 2 || !isUsable) return undefined;
  return pchip(
    sorted.map(({ vmaf }) => vmaf),
    sorted.map(({ amount }) => Math.log(amount)),
  );
}

/** Returns the amount at a VMAF; undefined outside of what was measured. */
export function amountAt(curve: QualityCurve, vmaf: number): number | undefined {
  const [from, to] = rangeOf(curve);
  return vmaf < from || vmaf > to ? undefined : Math.exp(cubicAt(curve, vmaf));
}

/** Returns the least and the largest VMAF of a curve. */
export function rangeOf({ xs }: QualityCurve): readonly [number, number] {
  return [xs[0] as number, xs.at(-1) as number];
}

/**
 * Returns by which part a curve is above another on average, over the VMAF that both were measured at; undefined where that
 * is none. Of bits it is the BD-rate, of joules the BD-energy (G. Bjøntegaard, Calculation of average PSNR differences between
 * RD-curves, ITU-T VCEG-M33, 2001; with piecewise cubics as in JCTVC-L1100).
 */
export function meanChange(anchor: QualityCurve, test: QualityCurve): MeanChange | undefined {
  const [fromA, toA] = rangeOf(anchor);
  const [fromB, toB] = rangeOf(test);
  const [from, to] = [Math.max(fromA, fromB), Math.min(toA, toB)];
  if (from >= to) return undefined;
  const mean = (integral(test, from, to) - integral(anchor, from, to)) / (to - from);
  return { change: Math.expm1(mean), fromVmaf: from, toVmaf: to };
}

/** The integral of a cubic within its knots: piece by piece by Simpson's rule, which is exact for cubics. */
function integral(cubic: Cubic, from: number, to: number): number {
  const ends = [from, ...cubic.xs.filter((x) => x > from && x < to), to];
  return ends.slice(1).reduce((sum, end, i) => {
    const start = ends[i] as number;
    const middle = cubicAt(cubic, (start + end) / 2);
    return sum + ((end - start) / 6) * (cubicAt(cubic, start) + 4 * middle + cubicAt(cubic, end));
  }, 0);
}
