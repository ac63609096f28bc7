import { expect, it } from 'vitest';
import { JULY, madeRun } from '../../test/kit/advice.ts';
import { Run } from '../model/run.ts';
import { timesOf } from './times-of-runs.ts';

it('is from the first start to the last end, of however many runs', () => {
  const [early, late] = [JULY, JULY + 3600].map((start) => madeRun({ start, watts: 1 })) as [Run, Run];
  const many = Array.from({ length: 300_000 }, (_, i) => (i === 7 ? early : late));
  expect(timesOf(many)).toEqual({ from: JULY, until: JULY + 4200 });
  expect(timesOf([Run.of({ scenario: 'undated' })])).toBeUndefined();
});
