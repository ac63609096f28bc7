import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { type Addend, add, type Counter } from './counters.ts';
import { LabelSet } from './label-sets.ts';
import { Room, type RoomOptions } from './room.ts';

function addend(scenario: string, value: number, boundary = 'host'): Addend {
  const set = new LabelSet({ scenario, boundary });
  const more = { name: 'x_total', unit: 'J', description: '', labels: set.labels, value };
  return [set.keyOf('x_total'), { ...more, start: timeAt(0), end: timeAt(1) }];
}

function roomOf(options: Partial<RoomOptions> = {}) {
  const counters = new Map<string, Counter>();
  const reasons: string[] = [];
  const skip: RoomOptions['skip'] = ({ reason }) => void reasons.push(reason);
  const room = new Room({ limit: 2, labelValueLengthLimit: 10, overflow: 'fold', skip, ...options });
  const take = (addends: readonly Addend[]) => {
    for (const [key, more] of room.place(addends, (known) => counters.has(known))) {
      counters.set(key, add(counters.get(key), more));
    }
  };
  const values = () => Array.from(counters.values(), ({ labels, value }) => [labels, value]);
  return { room, counters, reasons, take, values };
}

describe('amounts whose counter would be one too many', () => {
  it('are added to one that keeps the labels of few values, while the others go on', () => {
    const { take, values, reasons } = roomOf();
    take([addend('a', 1), addend('b', 2), addend('c', 4), addend('d', 8), addend('d', 16, 'gpu')]);
    take([addend('a', 32)]);
    expect(values()).toEqual([
      [{ scenario: 'a', boundary: 'host' }, 33],
      [{ scenario: 'b', boundary: 'host' }, 2],
      [{ boundary: 'host', overflow: 'true' }, 12],
      [{ boundary: 'gpu', overflow: 'true' }, 16],
    ]);
    expect(reasons).toEqual(Array(3).fill('series_limit_folded'));
  });

  it('are not counted where that is configured', () => {
    const { take, values, reasons } = roomOf({ overflow: 'refuse' });
    take([addend('a', 1), addend('b', 2), addend('c', 4)]);
    expect(values()).toHaveLength(2);
    expect(reasons).toEqual(['series_limit']);
  });

  it('leave every sum right and the number of counters bounded, in whatever lists they come', () => {
    const one = fc.record({ scenario: fc.nat(30), value: fc.nat(1000), boundary: fc.constantFrom('host', 'gpu') });
    fc.assert(
      fc.property(
        fc.array(fc.array(one, { maxLength: 20 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 9 }),
        (lists, limit) => {
          const { room, counters, take } = roomOf({ limit });
          for (const list of lists)
            take(list.map(({ scenario, value, boundary }) => addend(`s${scenario}`, value, boundary)));
          expect(counters.size).toBe(room.taken);
          expect(counters.size).toBeLessThanOrEqual(limit + 2);
          for (const boundary of ['host', 'gpu']) {
            const sent = lists.flat().filter((sent) => sent.boundary === boundary);
            const counted = [...counters.values()].filter(({ labels }) => labels.boundary === boundary);
            const sum = (values: readonly { value: number }[]) => values.reduce((all, { value }) => all + value, 0);
            expect(sum(counted)).toBe(sum(sent));
          }
        },
      ),
    );
  });
});

it('a label that is too long counts as one too many', () => {
  const long = 'long'.repeat(5);
  const fold = roomOf();
  fold.take([addend(long, 1)]);
  expect(fold.values()).toEqual([[{ boundary: 'host', overflow: 'true' }, 1]]);
  expect(fold.reasons).toEqual(['label_too_long_folded']);
  const refuse = roomOf({ overflow: 'refuse' });
  refuse.take([addend(long, 1), addend('a', 1, long)]);
  expect(refuse.values()).toEqual([]);
  expect(refuse.reasons).toEqual(['label_too_long', 'label_too_long']);
});
