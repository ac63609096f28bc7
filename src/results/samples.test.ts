import { expect, it } from 'vitest';
import { readSamples } from './samples.ts';

const spacing = (timestamps: unknown, timeZone?: string) => ({
  ...{ step: undefined, timestamps, timeZone },
  start: (): never => expect.fail('samples with times of their own asked for a start'),
});

it('needs times with an offset where clocks show an hour twice', () => {
  const local = ['2026-10-25T02:30', '2026-10-25T02:15'];
  expect(readSamples([1, 2], spacing(local, 'Europe/Berlin'))).toEqual({
    reason: 'invalid_timestamps',
    problem: 'timestamp 1 is not after the one before it; times need an offset where clocks change',
  });
  const [earlier, later] = [`${local[0]}+02:00`, `${local[1]}+01:00`];
  expect(readSamples([1, 2], spacing([earlier, later], 'Europe/Berlin'))).toMatchObject({ length: 2 });
});
