import type { States, StoredState } from './storage.ts';

/** States that are opened once for all who share them, and closed when the last of these has closed its own. */
export function sharedStates(open: (name: string) => StoredState): States {
  const opened = new Map<string, { readonly state: StoredState; readonly roles: Set<string> }>();
  return {
    async openState(name, role) {
      const shared = opened.get(name) ?? { state: open(name), roles: new Set<string>() };
      opened.set(name, shared);
      const { state, roles } = shared;
      if (roles.has(role)) {
        const remedy = 'give each an id and a `state` of its own';
        throw new Error(`the state \`${name}\` is in use by another \`${role}\`; ${remedy}`);
      }
      roles.add(role);
      return {
        place: state.place,
        get: (key) => state.get(key),
        entries: (prefix) => state.entries(prefix),
        update: (change) => state.update(change),
        async close() {
          if (!roles.delete(role) || roles.size) return;
          opened.delete(name);
          await state.close();
        },
      };
    },
  };
}

/** States in memory: that of a name outlives who has it open, and ends with the process. */
export function memoryStates(): States {
  const kept = new Map<string, Map<string, string>>();
  return sharedStates((name) => {
    const texts = kept.get(name) ?? new Map<string, string>();
    kept.set(name, texts);
    return {
      place: 'memory',
      get: (key) => texts.get(key),
      entries: (prefix) => [...texts].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
      async update(change) {
        for (const [key, value] of [...change((key) => texts.get(key))]) {
          if (value === undefined) texts.delete(key);
          else texts.set(key, value);
        }
      },
      async close() {},
    };
  });
}
