import { isCounter, type Meaning, underscored } from './meaning.ts';
import { cards } from './meters/cards.ts';
import { cpuTime } from './meters/cpu-time.ts';
import { machines } from './meters/machines.ts';
import { sockets } from './meters/sockets.ts';

/**
 * Every live metric that is known without configuration. Of two with the same boundary the one that stands first here is
 * used: counters before gauges, since they miss nothing between two points.
 */
export const meanings: readonly Meaning[] = [...machines, ...sockets, ...cards, ...cpuTime].sort((a, b) => {
  return Number(isCounter(b)) - Number(isCounter(a));
});

/** The ends that Prometheus gives names. */
const ends = { J: 'joules', W: 'watts', s: 'seconds', '{cpu}': 'cores' } as const;

/** node_exporter takes the numbers of a package that has dies, `package-0-die-0`, into the name. */
const ofOnePackage = /^node_rapl_package_\d+(_die(_\d+)?)?(?=_joules$)/;

const byName = new Map(
  meanings.flatMap((meaning): [string, Meaning][] => {
    const { name, aliases = [], unit } = meaning;
    const plain = underscored(name);
    const names = [plain, ...aliases, ...(name.includes('.') ? [`${plain}_${ends[unit]}`] : [])];
    return names.map((one) => [one, meaning]);
  }),
);

/** What the metric of that name measures, be it written with dots or as Prometheus has it; undefined where it is no live one. */
export function meaningOf(name: string): Meaning | undefined {
  const whole = underscored(name);
  const plain = whole.replace(/_total$/, '');
  return byName.get(whole) ?? byName.get(plain) ?? byName.get(plain.replace(ofOnePackage, 'node_rapl_package'));
}
