import type { StoredQueue } from 'wattline/plugin';
import { memoryStates } from '../../src/plugin/states.ts';
import type { Storage } from '../../src/plugin/storage.ts';

/** Keeps queues and states in memory, for tests of what stands before a storage: those of a name outlive who has them open. */
export function memoryStorage(): Storage {
  const queues = new Map<string, Map<number, Uint8Array>>();
  let next = 1;
  return {
    ...memoryStates(),
    async openQueue(name): Promise<StoredQueue> {
      const entries = queues.get(name) ?? new Map<number, Uint8Array>();
      queues.set(name, entries);
      return {
        place: `memory ${name}`,
        keys: () => [...entries.keys()],
        bytesOf: (key) => entries.get(key)?.length ?? 0,
        read: (key) => entries.get(key) as Uint8Array,
        async add(data) {
          entries.set(next, data);
          return next++;
        },
        remove: (key) => void entries.delete(key),
        setAside: (key) => void entries.delete(key),
        async close() {},
      };
    },
  };
}
