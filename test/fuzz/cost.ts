import v8 from 'node:v8';
import { type Cost, FREE_BYTES } from './target.ts';

/** What reading took. */
export interface Spent {
  /** CPU time of this process in microseconds, to which other processes add nothing. */
  readonly time: number;
  /** Bytes that were allocated. */
  readonly memory: number;
}

/** Measures what a reader takes; what it throws is an outcome too. */
export async function spentOn<T>(read: () => T | Promise<T>): Promise<readonly [Outcome<T>, Spent]> {
  const garbage = new v8.GCProfiler();
  const before = v8.getHeapStatistics();
  garbage.start();
  const begun = process.cpuUsage();
  const outcome = await outcomeOf(read);
  const { user, system } = process.cpuUsage(begun);
  const collected = garbage.stop()?.statistics ?? [];
  const after = v8.getHeapStatistics();
  // What collections have freed was allocated too.
  const freed = collected.reduce((sum, { beforeGC, afterGC }) => sum + usedIn(beforeGC) - usedIn(afterGC), 0);
  const buffers = Math.max(0, after.external_memory - before.external_memory);
  const memory = Math.max(0, after.used_heap_size - before.used_heap_size + freed) + buffers;
  return [outcome, { time: user + system, memory }];
}

export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function outcomeOf<T>(read: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = read();
    return { value: value instanceof Promise ? await value : value };
  } catch (error) {
    return { error };
  }
}

function usedIn({ heapStatistics }: v8.GCProfilerResult['statistics'][number]['beforeGC']): number {
  return heapStatistics.usedHeapSize;
}

/** Returns what a case costs for each byte; a step takes `step` microseconds. */
export function costOf({ time, memory }: Spent, made: number, bytes: number, step: number): Cost {
  const size = bytes + FREE_BYTES;
  return { steps: time / step / size, memory: memory / size, made: made / size };
}

/** Returns the least of each. */
export function leastOf(one: Spent, other: Spent): Spent {
  return { time: Math.min(one.time, other.time), memory: Math.min(one.memory, other.memory) };
}

/** Returns the microseconds of a step on this machine: hashing a byte in JavaScript, as one of many. */
export function stepTime(): number {
  const bytes = Buffer.alloc(1 << 20, 'steps');
  let [least, hash] = [Number.POSITIVE_INFINITY, 0];
  for (let round = 0; round < 10; round++) {
    const begun = process.cpuUsage();
    for (let at = 0; at < bytes.length; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, user + system);
  }
  return (least + (hash === 0.5 ? 1 : 0)) / bytes.length;
}
