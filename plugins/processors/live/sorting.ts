import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { isRun, type Refusal, type Run, type SourceContext } from 'wattline/plugin';
import { byLabel, type Naming } from './by-label.ts';
import type { SentRun } from './counting.ts';
import type { Hosts } from './hosts.ts';
import { withoutSender } from './identity.ts';
import { Places } from './places.ts';
import { type Readings, readLive } from './reading.ts';
import { type Resource, Resources } from './resources.ts';
import type { LiveConfig, LiveOptions } from './settings.ts';
import { Unread, type UnreadStatus } from './unread.ts';

/** The live points of a list by the keys of their hosts, and what else was in the list. */
export interface Sorted {
  readonly ofHosts: Map<string, SentRun[]>;
  /** The other metrics of runs with live ones, each with the run that it was part of. */
  readonly rest: Map<Run, Run>;
  /** Those of which it cannot be told which host's they are. */
  readonly refused: Refusal[];
  /** The runs that others are parts of, since their points name hosts. */
  readonly wholes: Map<Run, Run>;
}

const asItIs = (attributes: Attributes) => attributes;

/** Reads runs, and sorts their live points by the hosts that they are of. */
export class Sorting {
  readonly #ctx: SourceContext;
  readonly #hosts: Hosts;
  readonly #options: LiveOptions;
  readonly #keys: LiveConfig['identity'];
  readonly #places = new Places();
  readonly #resources: Resources;
  readonly #unread: Unread;
  readonly #hostOf: Naming;
  readonly #workloadOf: Naming;

  constructor(
    ctx: SourceContext,
    hosts: Hosts,
    options: LiveOptions,
    { identity, by }: Pick<LiveConfig, 'identity' | 'by'>,
  ) {
    this.#ctx = ctx;
    this.#hosts = hosts;
    this.#options = options;
    this.#keys = identity;
    this.#resources = new Resources(identity, by);
    this.#unread = new Unread(ctx.logger);
    this.#hostOf = ({ descriptor: { name } }) => options.meters.of(name)?.identity;
    this.#workloadOf = ({ descriptor: { name } }) => options.meters.of(name)?.workload;
  }

  /** What has been sent and is not read. */
  get unread(): UnreadStatus {
    return this.#unread.status;
  }

  /** Returns an empty list. */
  static begin(): Sorted {
    return { ofHosts: new Map(), rest: new Map(), refused: [], wholes: new Map() };
  }

  /** Puts what a run has of live points to the rest of its hosts; returns whether it has any. The time is in seconds since 1970. */
  sort(run: Run, now: number, sorted: Sorted): boolean {
    if (run.metrics.length === 0 || isRun(run)) return false;
    const hosts = byLabel(run, this.#hostOf, (attributes) => withoutSender(attributes, this.#keys));
    const who = () => this.#resources.of(run.attributes).who;
    let isRead = false;
    let isLive = hosts.named.length > 0;
    for (const host of [hosts.rest, ...hosts.named]) {
      if (!host) continue;
      const isNamed = host !== hosts.rest;
      const { rest, named } = byLabel(host, this.#workloadOf, asItIs);
      const read = rest && this.#read(rest, who, now, isNamed);
      if (rest && read && (!isNamed || read.readings.length)) this.#place([rest, host, run], read, now, sorted);
      else if (rest && !isNamed && rest !== run) sorted.rest.set(rest, run);
      isLive ||= read !== undefined || named.length > 0;
      isRead ||= hasMeters(read);
      for (const part of named) {
        const own = this.#read(part, who, now, isNamed);
        if (own?.readings.length) this.#place([part, host, run], own, now, sorted);
        isRead ||= hasMeters(own);
      }
    }
    this.#unread.note(who(), run, isRead);
    return isLive;
  }

  #read(run: Run, who: () => string, now: number, isNamed: boolean): Readings | undefined {
    const onOther = (metric: MetricData) => this.#unread.judge(metric, who);
    const { meters } = this.#options;
    const read = readLive(run, now, { meters, place: this.#places.of, isNamed, onOther });
    for (const one of read?.skipped ?? []) this.#ctx.skip(one);
    return read;
  }

  /** Puts what a resource sent to the rest of its host, or to what is refused where it cannot be told which that is. */
  #place(
    [run, host, whole]: readonly [part: Run, host: Run, whole: Run],
    { readings, cores, rest }: Readings,
    now: number,
    sorted: Sorted,
  ): void {
    if (run !== whole) sorted.wholes.set(run, whole);
    if (rest) sorted.rest.set(rest, whole);
    const resource = this.#resources.of(run.attributes, host.attributes);
    const located = this.#hosts.locate(resource.id, resource.identity, now - this.#options.maxGap);
    if ('candidates' in located) {
      const message = this.#ambiguous(resource, located.name, located.candidates.length);
      const points = rest && { points: run.pointCount - rest.pointCount };
      sorted.refused.push({ run, reason: 'ambiguous_host', message, ...points });
      return;
    }
    const { key } = located.host;
    const sent = sorted.ofHosts.get(key) ?? [];
    sorted.ofHosts.set(key, sent);
    sent.push({ run, resource, readings, cores });
  }

  #ambiguous({ who }: Resource, [key, value]: readonly [string, string], hosts: number): string {
    const what = `\`${key}\` ${value}, which ${hosts} hosts have`;
    return `${who} names its host by ${what}; say more of it, such as \`${this.#keys[0]}\``;
  }
}

/** Whether anything was read, be it in vain: that has been said. */
function hasMeters(read: Readings | undefined): boolean {
  return read !== undefined && read.readings.length + read.skipped.length > 0;
}
