import { countMeters, type Ledger, type MeterCounts, type MeterKind, newLedger } from './feeds.ts';
import { type HostName, type Identity, namesIn } from './identity.ts';

/** A host that is followed. */
export interface Host {
  /** The key of its ledger in the state. */
  readonly key: string;
  /** What the state holds of it, or will once what was counted is taken. */
  ledger: Ledger;
  meters: MeterCounts;
  /** When it was last heard of, in seconds since 1970. */
  touched: number;
  /** Whether everything that was counted has been handed on. */
  isSettled: boolean;
  /** The keys of hosts that have turned out to be this one, whose ledgers are still their own. */
  readonly joining: Set<string>;
  /** The resources whose own meters it has. */
  resources: ReadonlySet<string>;
}

/** Where a resource belongs: to a host, or to none of several that it might be. */
export type Located = { readonly host: Host } | { readonly candidates: readonly Host[]; readonly name: HostName };

/** How many resources are found at once. */
const MOST_LOCATED = 20_000;
/** How many names of a host are kept. */
const MOST_NAMES = 32;
const NONE: MeterCounts = { host: 0, process: 0 };

/**
 * The hosts that are followed. Two resources are of one host where the strongest attribute that both name hosts by has the
 * same value; what joins them is kept in the host's ledger.
 */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #byName = new Map<string, Set<Host>>();
  readonly #byResource = new Map<string, Host>();
  /** Where resources have been found since anything changed by which they are found. */
  readonly #located = new Map<string, Host>();
  /** The keys of hosts that are part of others by now. */
  readonly #joined = new Map<string, string>();
  readonly #keys: readonly string[];
  readonly #meters: Record<MeterKind, number> = { host: 0, process: 0 };
  readonly #mostMeters: number;
  readonly #prefix: string;

  /** Follows so many meters at most; hosts are named by the attributes `keys`, the strongest first. */
  constructor(mostMeters: number, keys: readonly string[], prefix: string) {
    this.#mostMeters = mostMeters;
    this.#keys = keys;
    this.#prefix = prefix;
  }

  /** How many meters are followed. */
  get meters(): number {
    return this.#meters.host + this.#meters.process;
  }

  /** How many meters more of each kind there may be. Those of processes take at most half of all. */
  get room(): MeterCounts {
    const host = this.#mostMeters - this.meters;
    return { host, process: Math.min(host, Math.ceil(this.#mostMeters / 2) - this.#meters.process) };
  }

  /** How many hosts there are, also those without a meter. */
  get size(): number {
    return this.#hosts.size;
  }

  /** All hosts. */
  get all(): Iterable<Host> {
    return this.#hosts.values();
  }

  /** The host of a key, which may be part of another by now; undefined where none is followed. */
  get(key: string): Host | undefined {
    let current = key;
    for (let next = this.#joined.get(current); next !== undefined; next = this.#joined.get(current)) current = next;
    return this.#hosts.get(current);
  }

  /** Follows a host whose ledger the state holds. */
  open(key: string, ledger: Ledger): Host {
    const none = { meters: NONE, touched: 0, resources: new Set<string>() };
    const host: Host = { key, ledger, isSettled: false, joining: new Set(), ...none };
    this.#hosts.set(key, host);
    this.#index(host, ledger.names);
    this.track(host, ledger);
    return host;
  }

  /**
   * Returns the host of a resource, which is a new one where none is known, and remembers its names. A resource stays where it
   * is, and one without a name is a host of its own, by its container or pod where it names one. One whose names belong to several hosts, of which more than one has been heard of since a time, is of none of them.
   */
  locate(resource: string, identity: Identity, since: number): Located {
    const host = this.#located.get(resource);
    if (host) return { host };
    const { isGuess, ...located } = this.#find(resource, identity, since);
    if (this.#located.size >= MOST_LOCATED) this.#located.clear();
    // Of several that have its name only one had been heard of, which may change.
    if ('host' in located && !isGuess) this.#located.set(resource, located.host);
    return located;
  }

  #find(resource: string, identity: Identity, since: number): Located & { readonly isGuess?: boolean } {
    const names = identity.names.length ? identity.names : [['resource', identity.itself ?? resource] as const];
    const known = this.#byResource.get(resource);
    const found = known ? [known] : [];
    let isGuess = false;
    for (const name of names) {
      const candidates = this.#named(name).filter((host) => {
        return (
          !found.includes(host) &&
          [names, ...found.map(({ ledger }) => ledger.names)].every((one) => !this.#differ(one, host.ledger.names))
        );
      });
      const isOne = candidates.every((a) => candidates.every((b) => !this.#differ(a.ledger.names, b.ledger.names)));
      if (isOne) found.push(...candidates);
      else if (found.length === 0) {
        const live = candidates.filter(({ touched }) => touched >= since);
        const [only] = live.length ? live : candidates.sort((a, b) => b.touched - a.touched);
        if (live.length > 1 || !only) return { candidates: live, name };
        found.push(only);
        isGuess = true;
      }
    }
    const [host = this.#create(resource, names), ...others] = found;
    for (const other of others) this.#join(host, other);
    this.#name(host, names);
    return { host, isGuess };
  }

  /** Notes what a host's ledger holds now. */
  track(host: Host, ledger: Ledger): void {
    this.#count(host, -1);
    if (host.ledger !== ledger) {
      this.#index(host, ledger.names);
      this.#located.clear();
    }
    host.ledger = ledger;
    host.meters = countMeters(ledger);
    host.touched = Math.max(0, ...Object.values(ledger.feeds).map((feed) => feed.touched));
    this.#count(host, 1);
    this.#own(host, new Set(Object.values(ledger.feeds).flatMap(({ resource }) => resource ?? [])));
  }

  forget(host: Host): void {
    this.#count(host, -1);
    host.meters = NONE;
    this.#hosts.delete(host.key);
    this.#unindex(host, host.ledger.names);
    this.#own(host, new Set());
    for (const [from, to] of this.#joined) if (to === host.key) this.#joined.delete(from);
  }

  /** The hosts of which no meter is followed. */
  get withoutMeters(): Host[] {
    return [...this.#hosts.values()].filter(({ meters }) => meters.host + meters.process === 0);
  }

  /** The hosts that were last heard of before a time, in seconds since 1970. */
  silentSince(time: number): Host[] {
    return [...this.#hosts.values()].filter(({ touched }) => touched < time).sort((a, b) => a.touched - b.touched);
  }

  /** The hosts of a name; one that version 0.1 followed has a name of which the attribute is not known. */
  #named(name: HostName): Host[] {
    const hosts = [name, ['', name[1]] as const].flatMap((one) => [...(this.#byName.get(keyOf(one)) ?? [])]);
    return [...new Set(hosts)];
  }

  /** Whether two lists of names are of two hosts: the strongest attribute that both have says so. */
  #differ(a: readonly HostName[], b: readonly HostName[]): boolean {
    for (const key of this.#keys) {
      const [mine, other] = [a, b].map((names) => names.filter(([one]) => one === key).map(([, value]) => value));
      if (mine?.length && other?.length) return !mine.some((value) => other.includes(value));
    }
    return false;
  }

  #create(resource: string, names: readonly HostName[]): Host {
    const plain = `${this.#prefix}${names[0]?.[1] ?? resource}`;
    const key = this.#hosts.has(plain) ? `${plain} ${resource}` : plain;
    this.#joined.delete(key);
    const host = this.open(key, newLedger());
    host.isSettled = true;
    return host;
  }

  #join(host: Host, other: Host): void {
    this.#located.clear();
    this.#count(other, -1);
    this.#hosts.delete(other.key);
    this.#joined.set(other.key, host.key);
    host.joining.add(other.key);
    for (const key of other.joining) host.joining.add(key);
    for (const hosts of this.#byName.values()) if (hosts.delete(other)) hosts.add(host);
    const { resources } = other;
    this.#own(other, new Set());
    this.#own(host, new Set([...resources, ...host.resources]));
    host.isSettled &&= other.isSettled;
    this.#name(host, other.ledger.names);
  }

  #name(host: Host, names: readonly HostName[]): void {
    const known = host.ledger.names;
    const more = names.filter(([key, value]) => !known.some((one) => one[0] === key && one[1] === value));
    if (more.length === 0) return;
    // What makes room is the oldest of the weakest names: addresses come and go, as those of a node's pods.
    const all = namesIn({ names: [...known, ...more].reverse() }, this.#keys);
    host.ledger = { ...host.ledger, names: all.slice(0, MOST_NAMES).reverse() };
    this.#index(host, host.ledger.names);
    this.#unindex(host, all.slice(MOST_NAMES));
  }

  #unindex(host: Host, names: readonly HostName[]): void {
    this.#located.clear();
    for (const name of names) {
      const hosts = this.#byName.get(keyOf(name));
      hosts?.delete(host);
      if (hosts?.size === 0) this.#byName.delete(keyOf(name));
    }
  }

  #index(host: Host, names: readonly HostName[]): void {
    for (const name of names) {
      const hosts = this.#byName.get(keyOf(name)) ?? new Set();
      if (hosts.has(host)) continue;
      this.#located.clear();
      this.#byName.set(keyOf(name), hosts.add(host));
    }
  }

  /** Notes whose meters a host has. */
  #own(host: Host, resources: ReadonlySet<string>): void {
    for (const one of host.resources) if (!resources.has(one)) this.#byResource.delete(one);
    for (const one of resources) this.#byResource.set(one, host);
    host.resources = resources;
  }

  #count({ meters }: Host, times: 1 | -1): void {
    this.#meters.host += times * meters.host;
    this.#meters.process += times * meters.process;
  }
}

function keyOf([key, value]: HostName): string {
  return `${key}=${value}`;
}
