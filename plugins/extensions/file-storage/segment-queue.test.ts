import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canMount, type SmallDisk, smallDisk } from '../../../test/kit/small-disk.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { SegmentQueue } from './segment-queue.ts';

let folder: TemporaryFolder;
const open: SegmentQueue[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close();
  await folder.remove();
});

const data = (text: string) => new TextEncoder().encode(text);
const texts = (queue: SegmentQueue) => queue.keys().map((key) => new TextDecoder().decode(queue.read(key)));

function openQueue(name = 'a.queue', onVanished?: (message: string) => void): SegmentQueue {
  const queue = new SegmentQueue(join(folder.path, name), onVanished && { onVanished });
  queue.setLostAside();
  open.push(queue);
  return queue;
}

/** Closes a queue as a process ends that is killed: nothing more is written. */
async function reopen(queue: SegmentQueue, name?: string): Promise<SegmentQueue> {
  await queue.close();
  return openQueue(name);
}

const files = (ending: string, name = 'a.queue') =>
  readdirSync(join(folder.path, name))
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => join(folder.path, name, file));

describe('a queue in a folder', () => {
  it('holds what was added and not removed, in order, over a restart', async () => {
    const operation = fc.oneof(
      fc.record({ add: fc.uint8Array({ maxLength: 5000 }) }),
      fc.record({ remove: fc.nat(20) }),
      fc.constant('restart' as const),
    );
    let names = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        const name = `${names++}.queue`;
        let queue = openQueue(name);
        let expected: { key: number; bytes: Uint8Array }[] = [];
        for (const step of operations) {
          if (step === 'restart') queue = await reopen(queue, name);
          else if ('add' in step) expected.push({ key: await queue.add(step.add), bytes: step.add });
          else {
            const found = expected[step.remove];
            if (found) queue.remove(found.key);
            expected = expected.filter((entry) => entry !== found);
          }
        }
        queue = await reopen(queue, name);
        expect(queue.keys()).toEqual(expected.map(({ key }) => key));
        for (const { key, bytes } of expected) expect(Buffer.from(queue.read(key)).equals(bytes)).toBe(true);
        await queue.close();
      }),
      { numRuns: 30 },
    );
  });

  it('has an entry in its files before it says so, and keeps the order of those added at once', async () => {
    const queue = openQueue();
    const keys = await Promise.all(['first', 'second', 'third'].map((text) => queue.add(data(text))));
    expect(readFileSync(files('.records')[0] as string, 'latin1')).toContain('second');
    expect(keys).toEqual(keys.toSorted((a, b) => a - b));
    expect(texts(queue)).toEqual(['first', 'second', 'third']);
  });

  it('goes on where files in which nothing waits cannot be removed, and removes them later', async () => {
    const queue = openQueue();
    const large = new Uint8Array(3 * 1024 * 1024);
    const keys = [await queue.add(large), await queue.add(large), await queue.add(large)];
    const [first = ''] = files('.marks');
    // What is no file cannot be removed as one.
    mkdirSync(`${first}.new`);
    for (const key of keys.slice(0, 2)) queue.remove(key);
    await queue.add(data('more'));
    expect(queue.keys()).toHaveLength(2);
    rmdirSync(`${first}.new`);
    await expect.poll(() => files('.marks'), { timeout: 10_000 }).not.toContain(first);
    expect(queue.keys()).toHaveLength(2);
  });

  it('removes the files in which nothing waits, as more are begun', async () => {
    const queue = openQueue();
    const keys: number[] = [];
    for (let count = 0; count < 30; count++) keys.push(await queue.add(new Uint8Array(500_000)));
    expect(files('.records').length).toBeGreaterThan(2);
    for (const key of keys.slice(0, -1)) queue.remove(key);
    const next = await reopen(queue);
    expect(next.keys()).toEqual([keys.at(-1)]);
    expect(files('.records')).toHaveLength(1);
    expect(files('.marks')).toHaveLength(1);
  });

  it('takes more entries than one file has marks', async () => {
    const queue = openQueue();
    await Promise.all(Array.from({ length: 5000 }, (_, index) => queue.add(data(String(index)))));
    expect(texts(await reopen(queue))).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
    expect(files('.records').length).toBe(2);
  });

  it('carries out what is under way before it closes', async () => {
    const queue = openQueue();
    const first = await queue.add(data('first'));
    const second = queue.add(data('second'));
    queue.remove(first);
    await queue.close();
    await second;
    expect(texts(openQueue())).toEqual(['second']);
  });

  it('lets nobody else read its files', async () => {
    const queue = openQueue();
    await queue.add(data('secret'));
    expect(statSync(queue.place).mode & 0o777).toBe(0o700);
    for (const file of [...files('.records'), ...files('.marks')]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('may be open once at a time, whatever stands in the file of its lock', async () => {
    const queue = openQueue();
    expect(() => new SegmentQueue(queue.place)).toThrow(`the queue ${queue.place} is in use by another process`);
    await queue.close();
    writeFileSync(join(queue.place, 'lock'), 'not a database, but a text that is long enough to be one'.repeat(20));
    openQueue();
  });
});

describe('files that were damaged while nobody looked', () => {
  /** A queue of 20 entries, of which the first 5 have left, and its files. */
  async function filled() {
    const queue = openQueue();
    const keys: number[] = [];
    for (let count = 0; count < 20; count++) keys.push(await queue.add(data(`entry ${count} ${'x'.repeat(count)}`)));
    for (const key of keys.slice(0, 5)) queue.remove(key);
    await queue.close();
    const [records, marks] = [files('.records')[0] as string, files('.marks')[0] as string];
    return { keys: keys.slice(5), records, marks };
  }

  it('count as lost exactly what was acknowledged, had not left and cannot be read: of each cut and each garbage', async () => {
    const harm = fc.record({
      cut: fc.boolean(),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(200),
    });
    await fc.assert(
      fc.asyncProperty(harm, async ({ cut, from, length }) => {
        const { keys, records } = await filled();
        const bytes = readFileSync(records);
        const at = Math.floor(from * bytes.length);
        if (cut) truncateSync(records, at);
        else writeFileSync(records, bytes.fill(0xa5, at, Math.min(at + length, bytes.length)));
        const harmed = new SegmentQueue(join(folder.path, 'a.queue'));
        const left = harmed.keys();
        const lost = harmed.lost.reduce((sum, { entries }) => sum + entries, 0);
        expect(left.length + lost).toBe(keys.length);
        expect(left.every((key) => keys.includes(key))).toBe(true);
        if (at > bytes.length / 2) expect(left.length).toBeGreaterThan(0);
        for (const key of left) expect(Buffer.from(harmed.read(key)).toString()).toMatch(/^entry \d+ x*$/);
        harmed.setLostAside();
        await harmed.close();
        const next = new SegmentQueue(harmed.place);
        // Told once.
        expect([next.lost, next.keys()]).toEqual([[], left]);
        await next.close();
        rmSync(join(folder.path, 'a.queue'), { recursive: true });
      }),
      { numRuns: 50, endOnFailure: true },
    );
  });

  it('count as lost where they are empty or gone', async () => {
    for (const harm of [(path: string) => truncateSync(path), (path: string) => rmSync(path)]) {
      const { records } = await filled();
      harm(records);
      const queue = new SegmentQueue(join(folder.path, 'a.queue'));
      expect(queue.lost).toEqual([{ path: records, entries: 15, isCut: false }]);
      await queue.close();
      rmSync(queue.place, { recursive: true });
    }
  });

  it('are told where all of them are empty, though nothing says any more how many entries there were', async () => {
    const { records, marks } = await filled();
    truncateSync(records);
    truncateSync(marks);
    const queue = new SegmentQueue(join(folder.path, 'a.queue'));
    expect(queue.lost).toEqual([{ path: records, entries: 1, isCut: true }]);
    queue.setLostAside();
    await queue.close();
    const next = openQueue();
    expect(next.lost).toEqual([]);
    await next.add(data('new'));
    expect(texts(next)).toEqual(['new']);
  });

  it('keep their entries where the marks are damaged: these are sent again rather than lost', async () => {
    for (const harm of [
      (path: string) => truncateSync(path),
      (path: string) => rmSync(path),
      (path: string) => writeFileSync(path, Buffer.alloc(4096 * 4, 0xa5)),
    ]) {
      const { marks } = await filled();
      harm(marks);
      const queue = openQueue();
      expect([queue.lost, queue.keys().length]).toEqual([[], 20]);
      for (const key of queue.keys()) queue.remove(key);
      expect((await reopen(queue)).keys()).toEqual([]);
      for (const one of open.splice(0)) await one.close();
      rmSync(queue.place, { recursive: true });
    }
  });

  it('are kept under another name once the rest has left', async () => {
    const { records } = await filled();
    truncateSync(records, 300);
    const queue = openQueue();
    for (const key of queue.keys()) queue.remove(key);
    await reopen(queue);
    expect(existsSync(records)).toBe(false);
    expect(files('.damaged').map((file) => statSync(file).size)).toEqual([300]);
    expect(await openQueueAndAdd()).toEqual(['new']);
  });

  async function openQueueAndAdd(): Promise<string[]> {
    const [queue] = open.slice(-1) as [SegmentQueue];
    await queue.add(data('new'));
    return texts(queue);
  }

  it('are noticed while they are read, too', async () => {
    const { keys, records } = await filled();
    const queue = openQueue();
    writeFileSync(records, readFileSync(records).fill(0xa5, 200));
    expect(() => queue.read(keys.at(-1) as number)).toThrow('it is damaged');
    queue.setAside(keys.at(-1) as number);
    expect(queue.keys()).toEqual(keys.slice(0, -1));
  });
});

describe('a folder that is removed while it is in use', () => {
  it.each([
    ['itself', () => 'a.queue'],
    ['with all around it', () => '.'],
  ])('%s is made anew and takes entries, which are there at the next start', async (_, removed) => {
    const messages: string[] = [];
    const queue = openQueue('a.queue', (message) => messages.push(message));
    const before = await queue.add(data('before'));
    rmSync(join(folder.path, removed()), { recursive: true });
    await queue.add(data('after'));
    expect(messages).toEqual([`${queue.place} has been removed while it was in use, with 1 entries that waited`]);
    expect(() => new SegmentQueue(queue.place)).toThrow('is in use by another process');
    queue.remove(before);
    await queue.add(data('later'));
    expect(texts(await reopen(queue))).toEqual(['after', 'later']);
    expect(messages).toHaveLength(1);
  });

  it('takes nothing where it cannot be made anew', async () => {
    const queue = openQueue();
    await queue.add(data('before'));
    rmSync(queue.place, { recursive: true });
    writeFileSync(queue.place, 'a file in its place');
    await expect(queue.add(data('after'))).rejects.toThrow(`cannot be written to ${queue.place}`);
    rmSync(queue.place);
    await queue.add(data('later'));
    expect(texts(queue)).toContain('later');
  });
});

describe.skipIf(!canMount())('a full disk', () => {
  let disk: SmallDisk;
  let place: string;
  let queue: SegmentQueue;
  beforeEach(() => {
    disk = smallDisk(1024) as SmallDisk;
    place = join(disk.path, 'a.queue');
    queue = new SegmentQueue(place);
  });
  afterEach(async () => {
    await queue.close();
    disk.remove();
  });

  /** Adds entries until there is no more space for one. */
  async function fill(): Promise<number[]> {
    const keys: number[] = [];
    for (;;) {
      try {
        keys.push(await queue.add(new Uint8Array(5000)));
      } catch (error) {
        expect(error).toMatchObject({
          message: `cannot be written to ${place}: ENOSPC: no space left on device, write`,
        });
        return keys;
      }
    }
  }

  const restart = async () => {
    await queue.close();
    queue = new SegmentQueue(place);
    return queue.keys();
  };

  it('that the queue itself has filled takes again what has left, time after time', async () => {
    for (let round = 0; round < 3; round++) {
      const keys = await fill();
      expect(keys.length).toBeGreaterThan(100);
      for (const key of keys) queue.remove(key);
    }
    expect(await queue.add(data('fits'))).toBeGreaterThan(0);
    expect(await restart()).toHaveLength(1);
  });

  it('that something else has filled takes again once there is space, and what has left stays away', async () => {
    const keys = [await queue.add(data('a')), await queue.add(data('b'))];
    const other = join(disk.path, 'other');
    for (let size = 1024; size > 0; size--) {
      try {
        writeFileSync(other, new Uint8Array(size * 1024));
        break;
      } catch {
        rmSync(other);
      }
    }
    await fill();
    queue.remove(keys[0] as number);
    expect((await restart()).includes(keys[0] as number)).toBe(false);
    expect(queue.lost).toEqual([]);
    for (const key of queue.keys()) queue.remove(key);
    expect(await restart()).toEqual([]);
    rmSync(other);
    await queue.add(new Uint8Array(100_000));
    expect(await restart()).toHaveLength(1);
  });

  it('that has not a byte left is opened, and what waits there can leave', async () => {
    const keys = await fill();
    await queue.close();
    takeRest(join(disk.path, 'other'));
    expect(await restart()).toEqual(keys);
    for (const key of keys) queue.remove(key);
    expect(await restart()).toEqual([]);
  });

  it('leaves nothing of what it has refused', async () => {
    const keys = await fill();
    await expect(queue.add(new Uint8Array(500_000))).rejects.toThrow('ENOSPC');
    expect(await restart()).toEqual(keys);
  });
});

/** Writes to a file until there is no space at all. */
function takeRest(path: string): void {
  for (;;) {
    try {
      writeFileSync(path, new Uint8Array(512), { flag: 'a' });
    } catch {
      return;
    }
  }
}
