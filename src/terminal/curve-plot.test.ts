import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CurvePlot, drawPlot } from './curve-plot.ts';
import { plotsToSvg } from './curve-svg.ts';
import { ticksOf } from './ticks.ts';

const plot: CurvePlot = {
  title: 'power [W] by <streams>',
  xLabel: 'streams',
  yLabel: 'power [W]',
  curve: Array.from({ length: 121 }, (_, i) => ({ x: i / 30, y: 10 + i / 4, lower: 5 + i / 4, upper: 15 + i / 4 })),
  points: [
    { x: 0, y: 12 },
    { x: 4, y: 44 },
  ],
};

describe('ticks', () => {
  it('are round, within the range, and about as many as wanted', () => {
    expect(ticksOf(0, 4, 4)).toEqual([0, 1, 2, 3, 4]);
    expect(ticksOf(0, 0.9, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ticksOf(3, 3, 5)).toEqual([3]);
    const number = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (from, length) => {
        fc.pre(length > from * 1e-6);
        const ticks = ticksOf(from, from + length, 5);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(6);
        const slack = 1e-6 * length;
        expect(ticks.every((one) => one >= from - slack && one <= from + length + slack)).toBe(true);
      }),
    );
  });
});

describe('a plot in the terminal', () => {
  const lines = drawPlot(plot).split('\n');

  it('has the title, the points at their places, the curve within its band, and axes with numbers', () => {
    expect(lines[0]).toBe('power [W] by <streams>');
    expect(lines.filter((line) => line.includes('●'))).toHaveLength(2);
    // Rows from 45 at the top to 0: the first run is at 12, below the second at 44.
    expect(lines.findIndex((line) => line.endsWith('●'))).toBe(1);
    expect(lines.findIndex((line) => line.includes('│●'))).toBe(11);
    expect(lines.some((line) => /░+─+░*/.test(line))).toBe(true);
    expect(lines.find((line) => line.includes('└'))).toContain('┬');
    expect(lines.at(-3)).toMatch(/^ +0 +1 +2 +3 +4$/);
    expect(lines.at(-2)?.trim()).toBe('streams');
  });

  it('is drawn of a single point without a curve', () => {
    expect(drawPlot({ ...plot, curve: [], points: [{ x: 3, y: 0 }] })).toContain('●');
  });
});

describe('a plot in SVG', () => {
  it('has each run, the curve and the band, and what is special in XML escaped', () => {
    const svg = plotsToSvg([plot, { ...plot, curve: plot.curve.map(({ x, y }) => ({ x, y })) }]);
    expect(svg.match(/<circle class="run" cx="[\d.]+" cy="[\d.]+" r="4"\/>\n/g)).toHaveLength(4);
    expect(svg.match(/<polyline class="curve"/g)).toHaveLength(2);
    expect(svg.match(/<polygon class="band"/g)).toHaveLength(1);
    expect(svg).toContain('power [W] by &lt;streams&gt;');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('places the first run at the left end of the axis, and the last at its right end', () => {
    const svg = plotsToSvg([plot]);
    expect(svg).toContain('<circle class="run" cx="72" ');
    expect(svg).toContain('<circle class="run" cx="696" ');
  });
});
