import { describe, expect, it } from 'vitest';
import type { Feed, Ledger } from './feeds.ts';
import { Hosts } from './hosts.ts';

/** A ledger with so many meters of a host and of processes, last heard of at a time. */
function ledgerOf(host: number, process: number, touched = 0): Ledger {
  const feed = (boundary: Feed['boundary'], count: number): Feed => ({
    name: boundary,
    boundary,
    scope: '',
    since: [0, 0],
    seen: [0, 0],
    touched,
    meters: Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i), [0, 0, 0]])),
  });
  return { feeds: { a: feed('package', host), b: feed('process', process) } };
}

describe('the room for meters', () => {
  it('is that of hosts, of which processes take at most half', () => {
    const hosts = new Hosts(10);
    expect(hosts.room).toEqual({ host: 10, process: 5 });
    hosts.track('a', ledgerOf(1, 5), true);
    expect([hosts.meters, hosts.room]).toEqual([6, { host: 4, process: 0 }]);
    hosts.track('b', ledgerOf(4, 0), true);
    hosts.track('a', ledgerOf(4, 0), true);
    expect([hosts.meters, hosts.room]).toEqual([8, { host: 2, process: 2 }]);
    hosts.forget('b');
    hosts.forget('c');
    expect(hosts.room).toEqual({ host: 6, process: 5 });
  });
});

it('hosts that have been silent come in the order in which they were heard of', () => {
  const hosts = new Hosts(10);
  for (const [key, touched] of Object.entries({ a: 30, b: 10, c: 20 })) {
    hosts.track(key, ledgerOf(1, key === 'b' ? 0 : 1, touched), true);
  }
  expect(hosts.silentSince(25)).toEqual(['b', 'c']);
});
