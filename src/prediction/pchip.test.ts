import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cubicAt, pchip } from './pchip.ts';

/** scipy 1.17.1, `PchipInterpolator(xs, ys)`: its derivatives at the knots, and [x, value] between them. */
const SCIPY: { name: string; xs: number[]; ys: number[]; slopes: number[]; at: [number, number][] }[] = [
  {
    name: 'rise',
    xs: [0, 1, 2, 4, 8],
    ys: [10, 12, 15, 30, 31],
    slopes: [1.5, 2.4, 4.090909090909091, 0.5399999999999999, 0.0],
    at: [
      [0.25, 10.4109375],
      [0.5, 10.887500000000001],
      [0.9, 11.7631],
      [1.25, 12.614488636363637],
      [1.5, 13.288636363636362],
      [1.9, 14.606236363636363],
      [2.5, 18.443693181818183],
      [3.0, 23.38772727272727],
      [3.8, 29.566156363636367],
      [5.0, 30.46],
      [6.0, 30.77],
      [7.6, 30.99144],
    ],
  },
  {
    name: 'uneven',
    xs: [0, 0.5, 3, 10, 10.25, 100],
    ys: [0.1, 7, 7, 8, 200, 201.5],
    slopes: [16.1, 0.0, 0.0, 0.4141393480726678, 0.04999821874112196, 6.938893903907228e-18],
    at: [
      [0.125, 2.3101562500000004],
      [0.25, 4.55625],
      [0.45, 6.879250000000001],
      [1.125, 7.0],
      [1.75, 7.0],
      [2.75, 7.0],
      [4.75, 7.020360526413656],
      [6.5, 7.137628070436415],
      [9.3, 7.737182989642798],
      [10.0625, 38.01397366982981],
      [10.125, 104.01137941029161],
      [10.225, 194.6239193496035],
      [32.6875, 200.8654072060647],
      [55.125, 201.31091751650197],
      [91.025, 201.49838606118814],
    ],
  },
  {
    name: 'ends',
    xs: [1, 2, 3, 10],
    ys: [5, 5.5, 50, 51],
    slopes: [0.0, 0.9888888888888888, 0.37892496008515164, -1.1102230246251565e-16],
    at: [
      [1.25, 5.031770833333333],
      [1.5, 5.126388888888889],
      [1.9, 5.4059],
      [2.25, 12.574425392496009],
      [2.5, 27.826245491100472],
      [2.9, 48.73220707823312],
      [4.75, 50.52925425758383],
      [6.5, 50.831559340074506],
      [9.3, 50.995872272485364],
    ],
  },
  {
    name: 'flat end',
    xs: [0, 1, 2, 3],
    ys: [4, 4, 6, 6],
    slopes: [0.0, 0.0, 0.0, 0.0],
    at: [
      [0.25, 4.0],
      [0.5, 4.0],
      [0.9, 4.0],
      [1.25, 4.3125],
      [1.5, 5.0],
      [1.9, 5.944000000000001],
      [2.25, 6.0],
      [2.5, 6.0],
      [2.9, 6.0],
    ],
  },
  {
    name: 'two',
    xs: [2, 5],
    ys: [1, 10],
    slopes: [3.0, 3.0],
    at: [
      [2.75, 3.25],
      [3.5, 5.5],
      [4.7, 9.100000000000001],
    ],
  },
  {
    name: 'turn',
    xs: [0, 1, 2, 3, 4],
    ys: [1, 3, 2, 2, 5],
    slopes: [3.5, 0.0, 0.0, 0.0, 4.5],
    at: [
      [0.25, 1.8046875],
      [0.5, 2.4375],
      [0.9, 2.9755000000000003],
      [1.25, 2.84375],
      [1.5, 2.5],
      [1.9, 2.0279999999999996],
      [2.25, 2.0],
      [2.5, 2.0],
      [2.9, 2.0],
      [3.25, 2.2578125],
      [3.5, 2.9375],
      [3.9, 4.5515],
    ],
  },
  {
    name: 'sizes',
    xs: [1e-6, 0.001, 1, 1000000.0],
    ys: [1e-9, 0.001, 5, 1000000000.0],
    slopes: [0.9970009950009951, 1.3654713067399868, 7.487276564870889, 1994.9969919959906],
    at: [
      [0.00025075000000000005, 0.00023237144437115957],
      [0.0005005000000000001, 0.00045398776982159356],
      [0.0009001000000000001, 0.0008704714912759611],
      [0.25075, 0.6233060102184556],
      [0.5005, 1.7360395683909031],
      [0.9001, 4.266442020166111],
      [250000.75, 63787510.948458605],
      [500000.5, 251561536.50982437],
      [900000.1, 810472790.8047792],
    ],
  },
  {
    name: 'steep start',
    xs: [0, 1, 3],
    ys: [0, 10, 9],
    slopes: [13.5, 0.0, -1.5],
    at: [
      [0.25, 3.4609375],
      [0.5, 6.6875],
      [0.9, 9.8415],
      [1.5, 9.984375],
      [2.0, 9.875],
      [2.8, 9.271],
    ],
  },
];

const knots = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 12 }).chain((xs) =>
  fc.record({
    xs: fc.constant(xs.toSorted((a, b) => a - b)),
    ys: fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: xs.length, maxLength: xs.length }),
  }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a cubic through knots', () => {
  it.each(SCIPY)('is that of scipy: $name', ({ xs, ys, slopes, at }) => {
    const cubic = pchip(xs, ys);
    const size = Math.max(...ys) / ((xs.at(-1) as number) - (xs[0] as number));
    slopes.forEach((slope, i) => {
      expect(Math.abs((cubic.slopes[i] as number) - slope)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(slope), size));
    });
    for (const [x, value] of at) {
      expect(Math.abs(cubicAt(cubic, x) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
    }
  });

  it('goes through each of them, and beyond them straight on', () => {
    fc.assert(
      fc.property(knots, ({ xs, ys }) => {
        const cubic = pchip(xs, ys);
        xs.forEach((x, i) => {
          expect(cubicAt(cubic, x)).toBe(ys[i]);
        });
        const [last, end, slope] = [xs.at(-1) as number, ys.at(-1) as number, cubic.slopes.at(-1) as number];
        expect(cubicAt(cubic, last + 7)).toBe(end + slope * 7);
        expect(cubicAt(cubic, (xs[0] as number) - 7)).toBe((ys[0] as number) - (cubic.slopes[0] as number) * 7);
      }),
    );
  });

  it('overshoots no knot', () => {
    fc.assert(
      fc.property(knots, share, ({ xs, ys }, part) => {
        const cubic = pchip(xs, ys);
        for (let i = 1; i < xs.length; i++) {
          const [x0, x1] = [xs[i - 1] as number, xs[i] as number];
          const value = cubicAt(cubic, x0 + part * (x1 - x0));
          const [y0, y1] = [ys[i - 1] as number, ys[i] as number];
          const rounding = 1e-12 * Math.max(y0, y1);
          expect(value).toBeGreaterThanOrEqual(Math.min(y0, y1) - rounding);
          expect(value).toBeLessThanOrEqual(Math.max(y0, y1) + rounding);
        }
      }),
    );
  });

  it('keeps a slope between rises so small that their product is none', () => {
    const [middle] = pchip([0, 1, 2], [0, 1e-200, 2e-200]).slopes.slice(1);
    expect(middle).toBeCloseTo(1e-200, 210);
    expect(middle).toBeGreaterThan(0);
  });
});
