import type { Storage, StoredQueue } from 'wattline/plugin';

/** Keeps queues in memory, for tests of what stands before a storage: the queue of a name outlives who has it open. */
export function memoryStorage(): Storage {
  const queues = new Map<string, Map<number, Uint8Array>>();
  let next = 1;
  return {
    async openQueue(name): Promise<StoredQueue> {
      const entries = queues.get(name) ?? new Map<number, Uint8Array>();
      queues.set(name, entries);
      return {
        place: `memory ${name}`,
        keys: () => [...entries.keys()],
        read: (key) => entries.get(key) as Uint8Array,
        async add(data) {
          entries.set(next, data);
          return next++;
        },
        remove: (key) => void entries.delete(key),
        async close() {},
      };
    },
  };
}
