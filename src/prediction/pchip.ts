/** A piecewise cubic through knots, with the last slope beyond them. */
export interface Cubic {
  /** In rising order. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** The slope at each knot. */
  readonly slopes: readonly number[];
}

/**
 * Returns the cubic Hermite interpolant through knots, at least two and in rising order of x, that overshoots none of them
 * (PCHIP: F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300–304; the ends by three points, as in C. Moler,
 * Numerical Computing with MATLAB, chapter 3, and as scipy's `PchipInterpolator` has them).
 */
export function pchip(xs: readonly number[], ys: readonly number[]): Cubic {
  const widths = xs.slice(1).map((x, i) => x - (xs[i] as number));
  const rises = widths.map((width, i) => ((ys[i + 1] as number) - (ys[i] as number)) / width);
  const last = widths.length - 1;
  if (last === 0) return { xs, ys, slopes: [rises[0] as number, rises[0] as number] };
  const slopes = xs.map((_, i) => {
    if (i === 0) return endSlope(widths[0], widths[1], rises[0], rises[1]);
    if (i > last) return endSlope(widths[last], widths[last - 1], rises[last], rises[last - 1]);
    return innerSlope(widths[i - 1] as number, widths[i] as number, rises[i - 1] as number, rises[i] as number);
  });
  return { xs, ys, slopes };
}

/** Returns the value of a cubic at x; beyond its knots it goes on as a line. */
export function cubicAt({ xs, ys, slopes }: Cubic, x: number): number {
  const last = xs.length - 1;
  const end = x <= (xs[0] as number) ? 0 : x >= (xs[last] as number) ? last : undefined;
  if (end !== undefined) return (ys[end] as number) + (slopes[end] as number) * (x - (xs[end] as number));
  let right = 1;
  while ((xs[right] as number) <= x) right++;
  const left = right - 1;
  const [x0, y0, y1] = [xs[left] as number, ys[left] as number, ys[right] as number];
  const width = (xs[right] as number) - x0;
  const t = (x - x0) / width;
  const [d0, d1] = [(slopes[left] as number) * width, (slopes[right] as number) * width];
  return y0 + t * (d0 + t * (3 * (y1 - y0) - 2 * d0 - d1 + t * (d0 + d1 - 2 * (y1 - y0))));
}

/** The weighted harmonic mean of the slopes on both sides; none at a turn. */
function innerSlope(before: number, after: number, left: number, right: number): number {
  if (Math.sign(left) * Math.sign(right) <= 0) return 0;
  const [w1, w2] = [2 * after + before, after + 2 * before];
  return (w1 + w2) / (w1 / left + w2 / right);
}

/** The slope of the parabola through the three points at an end, kept from overshooting. */
function endSlope(width = 0, next = 0, rise = 0, nextRise = 0): number {
  const slope = ((2 * width + next) * rise - width * nextRise) / (width + next);
  if (Math.sign(slope) !== Math.sign(rise)) return 0;
  if (Math.sign(rise) !== Math.sign(nextRise) && Math.abs(slope) > 3 * Math.abs(rise)) return 3 * rise;
  return slope;
}
