import { describe, expect, it } from 'vitest';
import { type Feed, type Ledger, newLedger } from './feeds.ts';
import { type Host, Hosts } from './hosts.ts';
import { fingerprint, hostKeys, identityOf } from './identity.ts';
import { Positions } from './positions.ts';

const feedOf = (boundary: 'host' | 'process', touched: number, resource?: string): Feed => ({
  name: 'x',
  boundary,
  ...(resource && { resource }),
  since: [0, 0],
  seen: [0, 0],
  touched,
  meters: new Positions(['a', 'b'].map((source) => [source, [0, 0, 1]])),
});

const ledgerOf = (...feeds: readonly Feed[]): Ledger => ({
  ...newLedger(),
  feeds: Object.fromEntries(feeds.entries()),
});
const follow = (most = 100) => new Hosts(most, hostKeys, 'stream/');
const locate = (hosts: Hosts, attributes: object, since = 0) =>
  hosts.locate(fingerprint({ ...attributes }), identityOf({ ...attributes }, hostKeys), since);
const hostOf = (hosts: Hosts, attributes: object): Host => {
  const located = locate(hosts, attributes);
  if ('candidates' in located) throw new Error('ambiguous');
  return located.host;
};

it('a resource of which two hosts have the name is on the one that alone is heard of, and on none once both are', () => {
  const hosts = follow();
  const [one, other] = ['i', 'j'].map((id) => hostOf(hosts, { 'host.id': id, 'host.name': 'n' })) as [Host, Host];
  const heard = (host: Host, at: number) => {
    Object.assign(host.ledger.feeds, { x: feedOf('host', at) });
    hosts.track(host, host.ledger);
  };
  heard(one, 10);
  expect(locate(hosts, { 'host.name': 'n', 'service.name': 'x' }, 5)).toEqual({ host: one });
  heard(other, 10);
  expect(locate(hosts, { 'host.name': 'n', 'service.name': 'x' }, 5)).toHaveProperty('candidates');
});

describe('the room for meters', () => {
  it('is that of hosts, of which processes take at most half', () => {
    const hosts = follow(10);
    expect(hosts.room).toEqual({ host: 10, process: 5 });
    const host = hosts.open('stream/a', ledgerOf(feedOf('process', 0, 'r')));
    expect(hosts.room).toEqual({ host: 8, process: 3 });
    hosts.track(host, ledgerOf(feedOf('process', 0, 'r'), feedOf('host', 0)));
    expect([hosts.room, hosts.meters]).toEqual([{ host: 6, process: 3 }, 4]);
    hosts.forget(host);
    expect(hosts.room).toEqual({ host: 10, process: 5 });
  });
});

it('hosts that have been silent come in the order in which they were heard of', () => {
  const hosts = follow();
  for (const [key, touched] of [
    ['a', 30],
    ['b', 10],
    ['c', 50],
  ] as const) {
    hosts.open(key, ledgerOf(feedOf('host', touched)));
  }
  expect(hosts.silentSince(40).map(({ key }) => key)).toEqual(['b', 'a']);
});

describe('two resources are of one host', () => {
  const cases: readonly [string, object, object, boolean][] = [
    ['where a name is the same', { 'host.name': 'n', 'host.id': 'i' }, { 'host.name': 'n' }, true],
    [
      'where the strongest that both have is, and a weaker one differs',
      { 'host.id': 'i', 'host.name': 'n' },
      { 'host.id': 'i', 'host.name': 'm' },
      true,
    ],
    [
      'not where a stronger one differs',
      { 'host.id': 'i', 'host.name': 'n' },
      { 'host.id': 'j', 'host.name': 'n' },
      false,
    ],
    [
      'where a pod and the agent of its node name that',
      { 'k8s.pod.name': 'p', 'host.name': 'p', 'k8s.node.name': 'k' },
      { 'host.name': 'n', 'k8s.node.name': 'k' },
      true,
    ],
    [
      'where one address is scraped twice',
      { 'service.instance.id': '10.0.0.5:9100', 'server.address': '10.0.0.5' },
      { 'service.instance.id': '10.0.0.5:9102', 'server.address': '10.0.0.5' },
      true,
    ],
    [
      'not where each scrapes itself',
      { 'service.instance.id': '127.0.0.1:9100', job: 1 },
      { 'service.instance.id': '127.0.0.1:9100', job: 2 },
      false,
    ],
    ['not where nothing names one', { 'service.name': 'a' }, { 'service.name': 'b' }, false],
  ];
  it.each(cases)('%s', (_, a, b, isOne) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const hosts = follow();
      expect(hostOf(hosts, one) === hostOf(hosts, other)).toBe(isOne);
    }
  });

  it('that joins two that were known apart, whose ledgers are joined then', () => {
    const hosts = follow();
    const [named, identified] = [hostOf(hosts, { 'host.name': 'n' }), hostOf(hosts, { 'host.id': 'i' })];
    expect(named).not.toBe(identified);
    const both = hostOf(hosts, { 'host.id': 'i', 'host.name': 'n' });
    const other = both === named ? identified : named;
    expect([...both.joining]).toEqual([other.key]);
    expect(hosts.get(other.key)).toBe(both);
    expect([hostOf(hosts, { 'host.name': 'n' }), hostOf(hosts, { 'host.id': 'i' })]).toEqual([both, both]);
  });

  it('however many other names it gets', () => {
    const hosts = follow();
    const pod = (i: number) => ({ 'k8s.node.name': 'k', 'service.instance.id': `10.0.0.${i}:80` });
    const node = hostOf(hosts, pod(0));
    for (let i = 1; i < 100; i++) expect(hostOf(hosts, pod(i))).toBe(node);
    expect(hostOf(hosts, { 'k8s.node.name': 'k' })).toBe(node);
    expect(node.ledger.names).toHaveLength(32);
    // The address that has not been heard of for long may be another machine's by now.
    expect(hostOf(hosts, { 'service.instance.id': '10.0.0.1:80' })).not.toBe(node);
    expect(hostOf(hosts, { 'service.instance.id': '10.0.0.99:80' })).toBe(node);
  });

  it('after a restart, since the ledger has the names', () => {
    const before = follow();
    const host = hostOf(before, { 'host.id': 'i', 'host.name': 'n' });
    const hosts = follow();
    const again = hosts.open(host.key, { ...host.ledger });
    expect(hostOf(hosts, { 'host.name': 'n' })).toBe(again);
    expect(hostOf(hosts, { 'host.id': 'j', 'host.name': 'n' })).not.toBe(again);
  });
});

describe('a resource whose name two hosts have', () => {
  const two = (touched: readonly [number, number]) => {
    const hosts = follow();
    for (const [i, id] of ['i', 'j'].entries()) {
      const host = hostOf(hosts, { 'host.id': id, 'host.name': 'n' });
      hosts.track(host, { ...ledgerOf(feedOf('process', touched[i] as number, `r${id}`)), names: host.ledger.names });
    }
    return hosts;
  };

  it('is of none of them', () => {
    const located = locate(two([100, 101]), { 'host.name': 'n' }, 50);
    expect(located).toMatchObject({ name: ['host.name', 'n'], candidates: [{}, {}] });
  });

  it('is of the only one that has been heard of lately', () => {
    const hosts = two([10, 101]);
    expect(locate(hosts, { 'host.name': 'n' }, 50)).toEqual({ host: hostOf(hosts, { 'host.id': 'j' }) });
  });

  it('stays where it was', () => {
    const hosts = follow();
    const attributes = { 'host.name': 'n' };
    const first = hostOf(hosts, attributes);
    hosts.track(first, { ...ledgerOf(feedOf('process', 100, fingerprint(attributes))), names: first.ledger.names });
    for (const id of ['i', 'j']) {
      const host = hostOf(hosts, { 'host.id': id, 'host.name': 'n' });
      hosts.track(host, { ...host.ledger, feeds: { ...host.ledger.feeds, x: feedOf('host', 100) } });
    }
    expect(hostOf(hosts, attributes)).toBe(first);
  });
});
