import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { SegmentQueue } from '../../../plugins/extensions/file-storage/segment-queue.ts';
import { joinFiles, splitFiles } from '../arbitraries/stored-files.ts';
import { hold, holdSame, type Target } from '../target.ts';
import { fuzzFolder } from '../temporary.ts';
import { records } from './queue-records.ts';

const SLOTS = 4096;
const MARKS = 4 * SLOTS;
const folder = fuzzFolder();
const mark = fc.constantFrom('WAIT', 'WAIT', 'WAIT', 'GONE', 'LOST', '\0\0\0\0', 'WAI\0');

/** What a queue is after it was opened. */
interface Opened {
  readonly keys: readonly number[];
  readonly entries: readonly Uint8Array[];
  readonly lost: number;
}

/** Queues on disk after damage: their entries that are sound, and a count of the rest. */
const target: Target<Opened> = {
  name: 'queue',
  weight: 0.03,
  generated: fc
    .tuple(records, fc.array(mark, { maxLength: 8 }), fc.constantFrom(MARKS, MARKS, MARKS, 12, 0))
    .map(([all, marks, size]) => joinFiles(all, Buffer.from(marks.join('')), size)),
  words: ['WATR', 'WAIT', 'GONE', 'LOST', Buffer.alloc(4), Buffer.alloc(16)],
  async read(bytes) {
    const [all, marks] = splitFiles(bytes, MARKS);
    const place = join(folder.path, 'a.queue');
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    writeFileSync(join(place, '0000000000000001.records'), all);
    writeFileSync(join(place, '0000000000000001.marks'), marks);
    return open(place);
  },
  isRefusal: () => false,
  async check({ keys, entries, lost }, bytes) {
    const [all, marks] = splitFiles(bytes, MARKS);
    for (const [index, data] of entries.entries()) {
      const number = (keys[index] as number) - 1;
      hold(number < SLOTS && isRecord(all, number, data), () => `entry ${number} is none that was written`);
      const own = marks.toString('latin1', 4 * number, 4 * number + 4);
      hold(own !== 'GONE' && own !== 'LOST', () => `entry ${number} is back though it is marked as ${own}`);
    }
    // What was marked as waiting waits still, or is counted.
    const waiting = [...marks.toString('latin1').matchAll(/WAIT/g)].filter(({ index }) => index % 4 === 0);
    hold(keys.length + lost >= waiting.length, () => `${keys.length} entries and ${lost} lost, of ${waiting.length}`);
    const again = await open(join(folder.path, 'a.queue'));
    holdSame(again, { keys, entries, lost: 0 }, 'opened again it is not the same');
    await empty(join(folder.path, 'a.queue'));
    return keys.length + lost;
  },
  most: { steps: 5000, memory: 500, made: 5 },
  close: () => folder.remove(),
};

export default target;

/** Opens a queue, reads all, and puts aside what is lost, as a start does. */
async function open(place: string): Promise<Opened> {
  const queue = new SegmentQueue(place);
  try {
    const lost = queue.lost.reduce((sum, { entries }) => sum + entries, 0);
    queue.setLostAside();
    const keys = queue.keys();
    return { keys, entries: keys.map((key) => queue.read(key)), lost };
  } finally {
    await queue.close();
  }
}

/** Expects that entries can be added behind what is there, and that nothing is left once all have gone. */
async function empty(place: string): Promise<void> {
  const queue = new SegmentQueue(place);
  const before = queue.keys();
  const key = await queue.add(Buffer.from('more'));
  hold(!before.includes(key) && Buffer.from(queue.read(key)).equals(Buffer.from('more')), 'what is added is not there');
  for (const one of queue.keys()) queue.remove(one);
  await queue.close();
  const again = new SegmentQueue(place);
  const left = again.keys();
  await again.close();
  hold(left.length === 0, () => `${left.length} entries are back after they have gone`);
  const names = readdirSync(place).filter((name) => /\.(?:records|marks)$/.test(name));
  hold(names.length <= 2, () => `${names.join(', ')} are left`);
}

/** Whether a whole record of that number with these data stands anywhere. */
function isRecord(bytes: Buffer, index: number, data: Uint8Array): boolean {
  const head = Buffer.alloc(16);
  head.write('WATR');
  head.writeUInt32BE(index, 4);
  head.writeUInt32BE(data.length, 8);
  head.writeUInt32BE(crc32(data, crc32(head.subarray(4, 12))), 12);
  return bytes.includes(Buffer.concat([head, data]));
}
