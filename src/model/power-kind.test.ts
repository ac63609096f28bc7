import { expect, it } from 'vitest';
import { isPowerKind, powerKindOf, powerKinds, powerLabelOf, wordsOfPower } from './power-kind.ts';
import { Run } from './run.ts';

it.each(powerKinds)('a run that says %s says it again, with a label unless it is measured', (kind) => {
  const run = Run.of({ power: kind });
  expect(powerKindOf(run)).toBe(kind);
  expect(run.labels).toEqual(kind === 'measured' ? {} : { power: kind });
  expect(wordsOfPower).toContain(`\`${kind}\``);
});

it.each([undefined, '', 'modeled', 'Measured', 'on', 42, ['modelled']])(
  '%j is no word of power and no label',
  (value) => {
    expect(isPowerKind(value)).toBe(false);
    expect(powerLabelOf(value)).toBeUndefined();
    expect(Run.of({ power: value as string }).labels).toEqual({});
  },
);
