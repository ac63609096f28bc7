import type { Random } from '../random-numbers.ts';
import type { Kind } from './kinds.ts';
import { HOUR, INTERVAL, MINUTE, QUIET, type Stretch } from './load.ts';
import type { Agent, Machine } from './machine.ts';

/** What is not up to chance. */
type Given = Pick<Machine, 'scenario' | 'losesNothing'>;

/** Makes that many machines, of some kinds in turn, of which every second loses nothing. */
export function machinesOf(random: Random, kinds: readonly Kind[], count: number): Machine[] {
  return Array.from({ length: count }, (_, i) => {
    const losesNothing = Math.floor(i / kinds.length) % 2 === 0;
    return machineOf(random, kinds[i % kinds.length] as Kind, { scenario: `machine ${i}`, losesNothing });
  });
}

/** Makes a machine of a kind to which nothing happens, and which had counted so much when the hour began. */
export function undisturbed(random: Random, kind: Kind, scenario: string, phase: number, before: number): Machine {
  return {
    scenario,
    figure: kind.figure,
    attributes: kind.attributes(scenario),
    isInstance: false,
    meters: kind.meters(random, []).map((meter) => ({ ...meter, before })),
    agents: [{ phase, starts: [-random.integer(HOUR, 30 * 24 * HOUR)], clock: [] }],
    statedStart: kind.statedStarts[0] ?? 'none',
    downs: [],
    isNoisy: false,
    losesNothing: true,
  };
}

/** Makes a machine of a kind, to which happens what may happen to it. */
function machineOf(random: Random, kind: Kind, given: Given): Machine {
  const { scenario, losesNothing } = given;
  const phase = 1000 * random.integer(1, 30);
  const downs = kind.restarts ? downsOf(random, phase, given) : [];
  const meters = kind.meters(random, downs);
  const isPair = kind.hasPairs && random.chance(0.3);
  const first = { phase, starts: startsOf(random, downs), clock: isPair ? [] : clockOf(random, downs, given) };
  const ahead = random.integer(-900, 900);
  const second = { phase: phase + INTERVAL / 2, starts: startsOf(random, downs), clock: [{ from: 0, ahead }] };
  return {
    scenario,
    figure: kind.figure,
    attributes: kind.attributes(scenario),
    isInstance: kind.isInstance ?? false,
    meters,
    // The clock of one may be set; those of a pair differ by a little.
    agents: isPair ? [first, second] : [first],
    statedStart: random.pick(kind.statedStarts),
    downs,
    isNoisy: kind.isNoisy === true && downs.length === 0 && random.chance(0.7),
    losesNothing,
  };
}

/**
 * None to three stretches, at least eight minutes from each other, in which a machine is down. What it uses between its
 * last point and its end nobody sees, so that one that loses nothing goes down as it has been read.
 */
function downsOf(random: Random, phase: number, { losesNothing }: Given): Stretch[] {
  const downs: Stretch[] = [];
  if (random.chance(0.3)) return downs;
  for (let i = 0; i < 3; i++) {
    if (random.chance(0.3)) continue;
    const minute = random.integer(20 * i + 1, 20 * i + 8);
    const read = phase + minute * MINUTE;
    const from = losesNothing ? read : read + random.integer(0, INTERVAL - 1);
    downs.push({ from, to: from + random.integer(1500, random.chance(0.2) ? 3 * MINUTE : MINUTE) });
  }
  return downs;
}

/** An agent is started again at times of its own, and with its machine. */
function startsOf(random: Random, downs: readonly Stretch[]): number[] {
  const own = [1, 2].map(() => random.integer(0, QUIET));
  return [-random.integer(HOUR, 30 * 24 * HOUR), ...own, ...downs.map(({ to }) => to + 200)].sort((a, b) => a - b);
}

/**
 * A clock that is set by some seconds forth or back, after the first reading, which would end before it began otherwise; of a
 * machine that loses nothing not where a restart is in doubt then.
 */
function clockOf(random: Random, downs: readonly Stretch[], { losesNothing }: Given): Agent['clock'] {
  const times = [0, 1, 2].map((i) => MINUTE + Math.round((QUIET - MINUTE) * ((i + random.between(0, 0.9)) / 3)));
  const isFar = (time: number) => downs.every(({ from, to }) => time < from - 2 * MINUTE || time > to + 2 * MINUTE);
  let ahead = 0;
  return times
    .filter((time) => !losesNothing || isFar(time))
    .map((from) => {
      ahead += 1000 * random.integer(-20, 20);
      return { from, ahead };
    });
}
