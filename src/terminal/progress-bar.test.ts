import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProgress } from './progress-bar.ts';

describe('the line of a progress bar', () => {
  it.each([
    [0, 10e6, 0, '░░░░░░░░░░░░░░░░░░░░░░░░ 0 %  0.0 of 10.0 MB  0.0 MB/s'],
    [5e6, 20e6, 2, '██████░░░░░░░░░░░░░░░░░░ 25 %  5.0 of 20.0 MB  2.5 MB/s  6s left'],
    [19.99e6, 20e6, 10, '███████████████████████░ 99 %  20.0 of 20.0 MB  2.0 MB/s  1s left'],
    [20e6, 20e6, 10, '████████████████████████ 100 %  20.0 of 20.0 MB  2.0 MB/s  delivering the last runs'],
    [30e6, 20e6, 10, '████████████████████████ 100 %  30.0 of 20.0 MB  3.0 MB/s  delivering the last runs'],
    [0, 0, 1, '████████████████████████ 100 %  0.0 of 0.0 MB  0.0 MB/s  delivering the last runs'],
  ])('for %d of %d bytes in %d s is %s', (done, total, seconds, line) => {
    expect(formatProgress(done, total, seconds)).toBe(line);
  });

  it('says how long the rest takes at the rate so far', () => {
    const cases = fc.record({
      rate: fc.integer({ min: 1_000, max: 1e9 }),
      seconds: fc.integer({ min: 1, max: 100_000 }),
      left: fc.integer({ min: 2, max: 59 }),
    });
    fc.assert(
      fc.property(cases, ({ rate, seconds, left }) => {
        const done = rate * seconds;
        const line = formatProgress(done, done + rate * left + rate / 2, seconds);
        expect(line).toMatch(new RegExp(` ${left}s left$`));
      }),
    );
  });
});
