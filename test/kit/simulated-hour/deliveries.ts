import type { Random } from '../random-numbers.ts';
import { HOUR, INTERVAL, MINUTE, QUIET } from './load.ts';
import { type Agent, type Machine, type Meter, restartBefore } from './machine.ts';

/** What one meter said. */
export interface Reading {
  readonly meter: Meter;
  readonly value: number;
}

/** What an agent read of a machine at once. */
export interface Scrape {
  readonly machine: Machine;
  /** Of the processes of a service, the how many-th. */
  readonly instance: number;
  /** When that was in truth, and when the reading before. */
  readonly at: number;
  readonly since: number;
  /** When that was, and since when counters count, by the clock of the agent. */
  readonly time: number;
  readonly start: number | undefined;
  readonly readings: readonly Reading[];
}

/** A scrape on its way: it arrives, arrives once more, or is lost. */
export interface Delivery {
  readonly scrape: Scrape;
  readonly fate: 'arrives' | 'repeats' | 'lost';
}

/** Returns what is sent of a machine within the hour, in that order. */
export function deliveriesOf(random: Random, machine: Machine): Delivery[] {
  const scrapes = machine.agents.flatMap((agent) => scrapesOf(random, machine, agent));
  scrapes.sort((a, b) => a.at - b.at);
  const outage = random.integer(5 * MINUTE, HOUR / 2);
  const isAway = ({ at }: Scrape) => at > outage && at < outage + 5 * MINUTE;
  const deliveries: Delivery[] = [];
  let later: Delivery[] = [];
  for (const scrape of scrapes) {
    const mayFail = !machine.losesNothing && scrape.at > 2 * MINUTE && scrape.at < QUIET;
    if (mayFail && (isAway(scrape) || random.chance(0.05))) deliveries.push({ scrape, fate: 'lost' });
    else if (mayFail && random.chance(0.04)) later.push({ scrape, fate: 'arrives' });
    else {
      deliveries.push({ scrape, fate: 'arrives' }, ...later);
      later = [];
      if (random.chance(0.06)) deliveries.push({ scrape, fate: 'repeats' });
      if (random.chance(0.04)) later.push({ scrape, fate: 'repeats' });
    }
  }
  return [...deliveries, ...later];
}

/** Returns what a machine shows of the hour to who asks again and again: what is lost is missing, and the rest in its turn. */
export function shownOf(deliveries: readonly Delivery[]): Delivery[] {
  const arriving = deliveries.filter(({ fate }) => fate === 'arrives');
  return arriving.sort((a, b) => a.scrape.at - b.scrape.at);
}

/** What an agent reads: nothing while the machine is down. */
function scrapesOf(random: Random, machine: Machine, agent: Agent): Scrape[] {
  const scrapes: Scrape[] = [];
  let since = 0;
  for (let at = agent.phase; at < HOUR; at += INTERVAL) {
    if (machine.downs.some(({ from, to }) => at > from && at <= to)) continue;
    // What is shown is older than the reading before.
    const isOld = machine.isNoisy && at > 4 * MINUTE && at < QUIET && random.chance(0.05);
    const shown = isOld ? at - random.integer(INTERVAL, 2 * INTERVAL) : at;
    const readings = machine.meters.map((meter) => ({ meter, value: valueAt(machine, meter, shown, since) }));
    const instance = machine.downs.filter(({ to }) => to < at).length;
    const start = startOf(machine, agent, at, since);
    scrapes.push({ machine, instance, at, since, time: clockAt(agent, at), start, readings });
    since = at;
  }
  return scrapes;
}

function valueAt(machine: Machine, { form, load, before, range }: Meter, at: number, since: number): number {
  if (form === 'gauge') return load.rateAt(at);
  if (form === 'delta') return load.used(since, at);
  const restart = restartBefore(machine, at);
  const value = restart === undefined ? before + load.used(0, at) : load.used(restart, at);
  return range === undefined ? value : value % range;
}

function startOf(machine: Machine, agent: Agent, at: number, since: number): number | undefined {
  const [first = 0] = agent.starts;
  switch (machine.statedStart) {
    case 'none':
      return undefined;
    case 'reading':
      return clockAt(agent, since);
    case 'agent':
      return clockAt(agent, agent.starts.findLast((start) => start < at) ?? first);
    case 'restart':
      return clockAt(agent, restartBefore(machine, at) ?? first);
  }
}

/** What the clock of an agent shows at a time. */
function clockAt({ clock }: Agent, time: number): number {
  return time + (clock.findLast(({ from }) => from <= time)?.ahead ?? 0);
}
