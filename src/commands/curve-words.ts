import { countOf } from '../count.ts';
import type { GroupModel } from '../prediction/index.ts';
import { amount } from './quantities.ts';

const NAMES = { linear: 'line', power: 'power law', monotone: 'monotone cubic' } as const;

/** Says which curve a group has, and how it borrows it where it does. */
export function curveInWords({ curve, borrowed }: GroupModel): string {
  const name = NAMES[curve.kind];
  if (!borrowed) return name;
  const how = borrowed.by === 'scale' ? `times ${amount(borrowed.amount)}` : `plus ${amount(borrowed.amount)}`;
  return `${name} of ${countOf(borrowed.groups, 'group')} ${how}`;
}
