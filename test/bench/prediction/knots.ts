import { fitCurve, valueAt } from '../../../src/prediction/curves.ts';
import { isotonic } from '../../../src/prediction/isotonic.ts';
import { merged, type Observation } from '../../../src/prediction/observation.ts';
import { cubicAt, pchip } from '../../../src/prediction/pchip.ts';
import { randomNumbers } from '../../kit/random-numbers.ts';

/** What it costs or saves that a cubic has 16 knots at most. */
export interface KnotRow {
  readonly observations: number;
  /** The standard deviation of the noise, in % of the rise of the curve. */
  readonly noise: number;
  /** Mean distance from the curve without the noise, in % of its rise: as it is, and with a knot at each x. */
  readonly asItIs: number;
  readonly knotAtEach: number;
}

const DRAWS = 40;
const TESTS = 100;
/** From 0 to 1: straight, levelling off, ever steeper, with a knee, and with two levels. */
const SHAPES: readonly ((x: number) => number)[] = [
  (x) => x,
  (x) => Math.sqrt(x),
  (x) => x ** 2,
  (x) => Math.min(1, x / 0.4),
  (x) => 1 / (1 + Math.exp(-12 * (x - 0.5))),
];

/** Measures it on made-up observations of continuous x, the same at every time. */
export function measureKnots(): KnotRow[] {
  return [0, 2, 10].flatMap((noise) => [20, 50, 200, 2000].map((observations) => measureRow(observations, noise)));
}

function measureRow(observations: number, noise: number): KnotRow {
  const random = randomNumbers(observations);
  let [asItIs, knotAtEach] = [0, 0];
  for (const shape of SHAPES) {
    for (let draw = 0; draw < DRAWS; draw++) {
      const seen = Array.from({ length: observations }, (): Observation => {
        const x = random();
        return { x, y: 1 + shape(x) + (noise / 100) * normal(random) };
      });
      const points = merged(seen);
      const each = pchip(
        points.map(({ x }) => x),
        isotonic(points),
      );
      const curve = fitCurve('monotone', seen);
      for (let test = 0; test < TESTS; test++) {
        const x = random();
        asItIs += Math.abs(valueAt(curve, x) - 1 - shape(x));
        knotAtEach += Math.abs(cubicAt(each, x) - 1 - shape(x));
      }
    }
  }
  const percent = 100 / (SHAPES.length * DRAWS * TESTS);
  return { observations, noise, asItIs: asItIs * percent, knotAtEach: knotAtEach * percent };
}

/** A number of the standard normal distribution, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
