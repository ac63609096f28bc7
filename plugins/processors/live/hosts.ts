import { countMeters, type Ledger, type MeterCounts, type MeterKind } from './feeds.ts';

/** What is known of a host in memory. */
export interface Host {
  readonly meters: MeterCounts;
  /** When it was last heard of, in seconds since 1970. */
  readonly touched: number;
  /** Whether everything that was counted has been handed on. */
  isSettled: boolean;
}

/** The hosts that are followed, by their keys. */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #meters: Record<MeterKind, number> = { host: 0, process: 0 };
  readonly #mostMeters: number;

  constructor(mostMeters: number) {
    this.#mostMeters = mostMeters;
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

  get(key: string): Host | undefined {
    return this.#hosts.get(key);
  }

  /** Notes what a host's ledger holds now. */
  track(key: string, ledger: Ledger, isSettled: boolean): Host {
    this.forget(key);
    const touched = Math.max(0, ...Object.values(ledger.feeds).map((feed) => feed.touched));
    const host = { meters: countMeters(ledger), touched, isSettled };
    this.#add(host.meters, 1);
    this.#hosts.set(key, host);
    return host;
  }

  forget(key: string): void {
    const host = this.#hosts.get(key);
    if (host) this.#add(host.meters, -1);
    this.#hosts.delete(key);
  }

  /** The keys of the hosts that were last heard of before a time, in seconds since 1970. */
  silentSince(time: number): string[] {
    const silent = [...this.#hosts].filter(([, host]) => host.touched < time);
    return silent.sort(([, a], [, b]) => a.touched - b.touched).map(([key]) => key);
  }

  #add({ host, process }: MeterCounts, times: 1 | -1): void {
    this.#meters.host += times * host;
    this.#meters.process += times * process;
  }
}
