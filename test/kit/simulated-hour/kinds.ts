import type { Random } from '../random-numbers.ts';
import { Load, type Stretch } from './load.ts';
import type { Machine, Meter, StatedStart } from './machine.ts';

/** What a kind of machines has in common; the rest of a machine is chance. */
export interface Kind {
  readonly figure: Machine['figure'];
  /** What may be said of when its counters began. */
  readonly statedStarts: readonly StatedStart[];
  /** Whether it begins at 0 now and then. */
  readonly restarts: boolean;
  /** Whether its counters now and then show what they had counted shortly before, which is less by 1 % at most. */
  readonly isNoisy?: boolean;
  /** Whether two agents may send what it says as one. */
  readonly hasPairs: boolean;
  /** What its agents say of it. */
  attributes(name: string): Readonly<Record<string, string>>;
  /** Whether it says another `service.instance.id` after each restart. */
  readonly isInstance?: boolean;
  meters(random: Random, downs: readonly Stretch[]): Meter[];
}

/**
 * By how much the registers of RAPL fall, in J: those of most of Intel's CPUs, and those of AMD's. The memory of Intel's
 * servers, which falls by 65,712.999613 J, is not here: its readings do not tell it from a CPU of AMD.
 */
const RANGES = [262_143.328_85, 65_532.610_987] as const;

const ofHost = (name: string) => ({ 'host.name': name });
const ofService = (name: string) => ({ 'service.name': name, 'host.name': `host of ${name}` });

type Rest = Partial<Omit<Meter, 'name' | 'load'>>;

function meter(name: string, load: Load, rest: Rest = {}): Meter {
  return { name, load, unit: 'J', form: 'counter', attributes: {}, counts: true, before: 0, ...rest };
}

/** A Collector's `host_metrics`, or an SDK's system metrics: each CPU by state since the host was booted. */
export const hostMetrics: Kind = {
  figure: 'cpu_core_seconds_total',
  statedStarts: ['restart', 'agent', 'none'],
  restarts: true,
  hasPairs: true,
  isNoisy: true,
  attributes: ofHost,
  meters(random, downs) {
    const states = { user: [0.2, 0.6], system: [0.05, 0.2], idle: [0.05, 0.5], iowait: [0, 0.1] } as const;
    return Array.from({ length: random.pick([2, 4]) }, (_, cpu) =>
      Object.entries(states).map(([state, range]) =>
        meter('system.cpu.time', new Load(random, range, downs), {
          unit: 's',
          attributes: { cpu: `cpu${cpu}`, state },
          counts: state === 'user' || state === 'system',
          before: random.between(1e5, 1e7),
        }),
      ),
    ).flat();
  },
};

/**
 * node_exporter's registers, which overflow: two sockets, their memory, and the cores, which are part of the sockets. AMD,
 * which has the smaller range, has none of the memory.
 */
const registers: Kind = {
  figure: 'energy_joules_total',
  statedStarts: ['agent', 'none'],
  restarts: false,
  hasPairs: true,
  attributes: ofHost,
  meters(random, downs) {
    const range = random.pick(RANGES);
    const loads = { package: [60, 220], core: [30, 60], dram: [5, 30] } as const;
    return [0, 1].flatMap((index) =>
      Object.entries(loads).map(([domain, watts]) =>
        meter(`node_rapl_${domain}_joules_total`, new Load(random, watts, downs), {
          attributes: { index: String(index), path: `/sys/class/powercap/intel-rapl:${index}` },
          counts: domain !== 'core',
          ...registerOf(random, domain === 'dram' ? RANGES[0] : range),
        }),
      ),
    );
  },
};

/** A register at any place of its range. */
function registerOf(random: Random, range: number) {
  return { before: random.between(0, range), range };
}

/** Graphics cards, whose counters begin at 0 when their driver is loaded again. */
export const cards: Kind = {
  figure: 'energy_joules_total',
  statedStarts: ['agent', 'none'],
  restarts: true,
  hasPairs: true,
  isNoisy: true,
  attributes: ofHost,
  meters: (random, downs) =>
    Array.from({ length: random.integer(1, 4) }, (_, card) =>
      meter('hw.energy', new Load(random, [50, 400], downs), {
        attributes: { 'hw.id': `GPU-${card}`, 'hw.type': 'gpu' },
        before: random.between(1e7, 1e9),
      }),
    ),
};

/** A meter at the plug. */
export const plug: Kind = {
  figure: 'energy_joules_total',
  statedStarts: ['agent', 'none'],
  restarts: false,
  hasPairs: true,
  isNoisy: true,
  attributes: ofHost,
  meters: (random, downs) => [
    meter('hw.host.energy', new Load(random, [80, 600], downs), { before: random.between(1e7, 1e9) }),
  ],
};

/** A board management controller that says the power of its host. */
const controller: Kind = {
  figure: 'energy_joules_total',
  statedStarts: ['none'],
  restarts: true,
  hasPairs: true,
  attributes: ofHost,
  meters: (random, downs) => [meter('hw.host.power', new Load(random, [80, 600], downs), { unit: 'W', form: 'gauge' })],
};

/** A container that is restarted under one id. */
const container: Kind = {
  figure: 'cpu_core_seconds_total',
  statedStarts: ['restart'],
  restarts: true,
  hasPairs: false,
  attributes: (name) => ({ ...ofService(name), 'container.id': `container of ${name}` }),
  meters: (random, downs) => [
    meter('container.cpu.time', new Load(random, [0.2, 4], downs), { unit: 's', before: random.between(0, 1e4) }),
  ],
};

/** A service whose processes say who they are, as SDKs do. */
export const processes: Kind = {
  figure: 'cpu_core_seconds_total',
  statedStarts: ['restart'],
  restarts: true,
  hasPairs: false,
  attributes: ofService,
  isInstance: true,
  meters: (random, downs) =>
    ['user', 'system'].map((mode) =>
      meter('process.cpu.time', new Load(random, [0.1, 2], downs), {
        unit: 's',
        attributes: { 'cpu.mode': mode },
        before: random.between(0, 1e4),
      }),
    ),
};

/** An agent that sends what was used since it last sent. */
const deltas: Kind = {
  figure: 'energy_joules_total',
  statedStarts: ['reading'],
  restarts: false,
  hasPairs: false,
  attributes: ofHost,
  meters: (random, downs) => [meter('hw.host.energy', new Load(random, [80, 600], downs), { form: 'delta' })],
};

/** All kinds of machines whose agents send what they read. */
export const pushed: readonly Kind[] = [hostMetrics, registers, cards, plug, controller, container, processes, deltas];

/** Those that are on pages: the processes of a service follow each other at one address, and nobody reads in pairs. */
export const scraped: readonly Kind[] = pushed
  .filter((kind) => kind !== deltas)
  .map((kind) => ({ ...kind, isInstance: false, hasPairs: false }));
