import { expect, it } from 'vitest';
import { SeriesLabels } from './series.ts';

it('keeps what targets are called only while that is not too long, whatever senders make up', () => {
  const labels = new SeriesLabels({ resourceLabels: new Map(), replicaLabels: new Set() });
  const targetOf = (instance: string) =>
    labels.read([
      ['__name__', 'up'],
      ['instance', instance],
    ]).target;
  const first = targetOf('node-1:9100');
  expect(targetOf('node-1:9100')).toBe(first);
  for (let n = 0; n < 17; n++) targetOf(`${n}${'x'.repeat(1024 * 1024)}`);
  expect(targetOf('node-1:9100')).not.toBe(first);
  expect(targetOf('node-1:9100')).toEqual(first);
});
