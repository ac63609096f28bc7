import { describe, expect, it } from 'vitest';
import { normalNumbers } from '../../../test/kit/advice.ts';
import { Run } from '../../model/run.ts';
import { type Alternative, type Alternatives, alternativesIn, DEFAULT_TOLERANCE } from './alternatives.ts';
import type { Encode } from './encodes.ts';
import { type Setting, settingsIn } from './setting.ts';

const run = Run.of({ scenario: 'x' });
const options = { tolerance: DEFAULT_TOLERANCE };

/** What a setting truly comes to; its runs vary around that. */
interface Truth {
  readonly preset: string;
  readonly vmaf: number;
  readonly usd: number;
  readonly bits?: number;
  /** Standard deviations of the VMAF, and of the USD as a part of them. */
  readonly vmafNoise?: number;
  readonly noise?: number;
}

type Draw = () => number;

/** Draws from the normal distribution with mean 0 and variance 1. */
function normal(seed: number): Draw {
  const draw = normalNumbers(seed);
  return () => draw(1);
}

/** Draws with the same mean and variance that are seldom high, as the time of an encode on a busy machine. */
function skewed(seed: number): Draw {
  const draw = normal(seed);
  const sigma = 0.6;
  const [mean, variance] = [Math.exp(sigma ** 2 / 2), (Math.exp(sigma ** 2) - 1) * Math.exp(sigma ** 2)];
  return () => (Math.exp(sigma * draw()) - mean) / Math.sqrt(variance);
}

function settingsOf(truths: readonly Truth[], repeats: number, draw: Draw = () => 0): Setting[] {
  const encodes = truths.flatMap(({ preset, vmaf, usd, bits = 1e6, vmafNoise = 0, noise = 0 }) =>
    Array.from({ length: repeats }, (): Encode & { settings: { preset: string } } => {
      const cost = usd * (1 + noise * draw());
      const score = vmaf + vmafNoise * draw();
      const amounts = { usd: cost, energy: cost * 1e5, co2: cost / 10 };
      return { run, vmaf: score, ...amounts, bits, bitsPerSecond: undefined, settings: { preset } };
    }),
  );
  return settingsIn({ content: 'x', name: 'x', encodes });
}

function named(found: Alternatives): string[] | string {
  if ('reason' in found) return found.reason;
  return found.map(({ from, to }: Alternative) => `${from.name} > ${to.name}`);
}

describe('an alternative', () => {
  const slow = { preset: 'slow', vmaf: 93, usd: 4 };
  const fast = { preset: 'fast', vmaf: 92.5, usd: 1 };

  it.each([
    ['is as good, and cheaper', [slow, fast], 3, {}, ['slow > fast']],
    ['may be worse by the tolerance', [slow, { ...fast, vmaf: 92 }], 3, {}, ['slow > fast']],
    ['is not worse by more', [slow, { ...fast, vmaf: 91.9 }], 3, {}, 'best_already'],
    ['is as good as is wanted', [slow, { ...fast, vmaf: 88 }], 3, { vmaf: 88 }, ['slow > fast']],
    ['is not worse than is wanted', [slow, fast], 3, { vmaf: 92.8 }, 'best_already'],
    ['holds what is wanted', [slow, fast], 3, { vmaf: 94 }, 'no_equal_quality'],
    ['is one that runs have shown', [slow, fast], 2, {}, 'too_few_runs'],
    ['is another one', [slow], 3, {}, 'one_setting'],
    ['delivers no more bits', [slow, { ...fast, bits: 1.02e6 }], 3, {}, 'best_already'],
    ['may deliver what rate control leaves open', [slow, { ...fast, bits: 1.005e6 }], 3, {}, ['slow > fast']],
    [
      'may deliver more for few views',
      [slow, { ...fast, bits: 2e6 }],
      3,
      { views: 10, joulesPerBit: 1e-3 },
      ['slow > fast'],
    ],
    ['may not for many', [slow, { ...fast, bits: 2e6 }], 3, { views: 1000, joulesPerBit: 1e-3 }, 'best_already'],
    [
      'is the cheapest of several',
      [slow, fast, { preset: 'faster', vmaf: 92.2, usd: 0.5 }],
      3,
      {},
      ['slow > faster', 'fast > faster'],
    ],
  ] as const)('%s', (_, truths, repeats, more, expected) => {
    expect(named(alternativesIn(settingsOf(truths, repeats), { ...options, ...more }))).toEqual(expected);
  });

  it('is no worse in what is not the goal', () => {
    const [dear, cheap] = settingsOf([slow, fast], 3) as [Setting, Setting];
    const energy = { mean: 1e6, deviation: 0, runs: 3 };
    const dirty = { ...cheap, spreads: { ...cheap.spreads, energy } };
    expect(named(alternativesIn([dear, dirty], options))).toBe('best_already');
  });
});

describe('noise', () => {
  const trials = 1000;
  const nine = Array.from({ length: 9 }, (_, i) => ({ preset: `p${i}`, vmaf: 93, usd: 1, noise: 0.05 }));
  const uneven = nine.map((one, i) => ({ ...one, noise: 0.005 * 1.5 ** i }));
  const two = nine.slice(0, 2);
  // One is half as dear, and just as much worse as makes it unequal.
  const worse = [
    { preset: 'slow', vmaf: 93, usd: 2, vmafNoise: 0.3, noise: 0.01 },
    { preset: 'fast', vmaf: 92 - 1e-9, usd: 1, vmafNoise: 0.3, noise: 0.01 },
  ];

  it.each([
    ['of nine settings that cost the same', nine, 3, normal],
    ['of nine, five runs each', nine, 5, normal],
    ['of nine that vary differently', uneven, 3, normal],
    ['of nine that are seldom dear', nine, 5, skewed],
    ['of two settings', two, 3, normal],
    ['of two that are seldom dear', two, 3, skewed],
    ['of the quality', worse, 3, normal],
    ['of the quality, ten runs each', worse, 10, normal],
  ])('gives wrong advice in 5 % of cases at most: %s', (_, truths, repeats, distribution) => {
    const draw = distribution(16);
    let wrong = 0;
    for (let trial = 0; trial < trials; trial++) {
      if (!('reason' in alternativesIn(settingsOf(truths, repeats, draw), options))) wrong++;
    }
    expect(wrong / trials).toBeLessThanOrEqual(0.05);
  });

  it('does not hide the best of nine, where it is a fifth cheaper than the next', () => {
    const presets = [4, 2, 1.25, 1].map((usd, i) => ({
      preset: `p${i}`,
      vmaf: 93 - 0.2 * i,
      usd,
      noise: 0.02,
      vmafNoise: 0.02,
    }));
    const draw = normal(17);
    let found = 0;
    for (let trial = 0; trial < 200; trial++) {
      const advice = named(alternativesIn(settingsOf(presets, 5, draw), options));
      if (['p0 > p3', 'p1 > p3', 'p2 > p3'].every((one) => advice.includes(one))) found++;
    }
    expect(found / 200).toBeGreaterThan(0.95);
  });

  it('is said to be why there is no advice', () => {
    const noisy = two.map((one, i) => ({ ...one, usd: 1 + 0.01 * i }));
    expect(named(alternativesIn(settingsOf(noisy, 3, normal(3)), options))).toBe('within_noise');
  });
});
