import { countOf } from '../count.ts';
import { clouds, findRegion, regionNames, tabledText } from '../factors/regions.ts';
import { findFigure } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import { Attribute } from '../model/attributes.ts';
import type { AdviserOptions, AmountName, Findings, Proposal, Silence, ValuedRun, ValueRuns } from './advice.ts';
import { changing, movedTo } from './changed-runs.ts';
import { basisOf, factorOf, factorText } from './factor-basis.ts';

/** Yearly averages of grids and prices are no more certain than that part. */
const LEAST_SAVING = 0.05;

/** A region, and what one run of another region would have come to there. */
interface Candidate {
  readonly name: string;
  readonly there: ValuedRun;
}

/**
 * Proposes to move runs to the region of the same data set where they emit least, and to the one where they cost least among
 * those whose prices are of one source and year. The factors are the pipeline's; a run of each region stands for the others.
 */
export async function adviseOnRegions(runs: readonly ValuedRun[], options: AdviserOptions): Promise<Findings> {
  const proposals: Proposal[] = [];
  const silences: Silence[] = [];
  const silent = (reason: string, message: string) => silences.push({ kind: 'region', reason, message });
  for (const [region, members] of Map.groupBy(runs, regionOf)) {
    if (region === undefined) {
      silent('no_region', `nothing says where ${countOf(members.length, 'run')} took place; set \`region\``);
      continue;
    }
    const names = candidatesFor(region, options.regions);
    if (names.length === 0) {
      silent(
        'unknown_region',
        `${region} is none of the known regions, so that there are none of its cloud; give --regions`,
      );
      continue;
    }
    const found = new Map<AmountName, Candidate>();
    for (const amount of ['co2', 'usd'] as const) {
      const best = await bestFor(amount, members, names, options.value);
      if (typeof best === 'string') silent('not_comparable', `${region}, ${nounOf[amount]}: ${best}`);
      else found.set(amount, best);
    }
    for (const [name, aims] of Map.groupBy(found, ([, { name }]) => name)) {
      const [aim, { there }] = aims[0] as [AmountName, Candidate];
      const money = aims.length > 1 || aim === 'usd' || isSameBasisOfAll('usd', members, there);
      proposals.push(proposalOf(members, { from: region, to: name, aim, there, money }));
    }
  }
  return { proposals, silences };
}

const nounOf = { co2: 'emissions', usd: 'money', energy: 'energy' } as const satisfies Record<AmountName, string>;
const useOf = { co2: 'intensity', usd: 'price' } as const;

/** Returns where a run took place: what it says, else what the pipeline has taken for it. */
function regionOf({ raw, valued }: ValuedRun): string | undefined {
  if (raw.region !== undefined || !valued) return raw.region;
  const figures = [knownFigures.emissions, knownFigures.energyCost];
  const [label] = figures.flatMap(({ name }) => findFigure(valued, name)?.labels[Attribute.region] ?? []);
  return label === undefined ? undefined : String(label);
}

function candidatesFor(region: string, given: readonly string[] | undefined): readonly string[] {
  if (given) return given.filter((name) => name !== region);
  const cloud = clouds.find((one) => one === findRegion(region)?.cloud);
  return cloud ? regionNames.filter((name) => name !== region && findRegion(name)?.cloud === cloud) : [];
}

/** Returns the region where the largest run comes to least, or why there is none. */
async function bestFor(
  amount: 'co2' | 'usd',
  members: readonly ValuedRun[],
  names: readonly string[],
  value: ValueRuns,
): Promise<Candidate | string> {
  const known = members.filter(({ amounts }) => amounts[amount]);
  const largest = known.toSorted((a, b) => (b.amounts[amount]?.value ?? 0) - (a.amounts[amount]?.value ?? 0))[0];
  const factor = factorOf(largest?.valued, useOf[amount]);
  if (!largest || !factor) return 'no factor of the region is known';
  if (basisOf(factor) === undefined) {
    const instead = tabledText(factor.id);
    return `${factorText(factor)} may not be compared with what others publish${instead ? `; ${instead}` : ''}; configure one of a source and a year`;
  }
  if (known.some((run) => !isSameBasis(useOf[amount], largest, run))) {
    return `its runs have factors of several sources or years, such as ${factorText(factor)}; compare runs of one by themselves`;
  }
  const there = await value(names.map((name) => movedTo(largest.raw, name)));
  const candidates = names
    .map((name, index): Candidate => ({ name, there: there[index] as ValuedRun }))
    .filter(({ there }) => there.amounts[amount] && isSameBasis(useOf[amount], largest, there));
  const now = largest.amounts[amount]?.value ?? 0;
  const at = ({ there }: Candidate) => there.amounts[amount]?.value ?? 0;
  const best = candidates.toSorted((a, b) => at(a) - at(b))[0];
  if (!best) return `none of ${countOf(names.length, 'other region')} has a number of ${basisOf(factor)}`;
  if (at(best) <= now * (1 - LEAST_SAVING)) return best;
  return `none of ${countOf(candidates.length, 'other region')} by ${basisOf(factor)} saves ${100 * LEAST_SAVING} %`;
}

function isSameBasis(use: 'price' | 'intensity', here: ValuedRun, there: ValuedRun): boolean {
  const [a, b] = [here, there].map(({ valued }) => factorOf(valued, use));
  return a !== undefined && b !== undefined && basisOf(a) !== undefined && basisOf(a) === basisOf(b);
}

function isSameBasisOfAll(amount: 'co2' | 'usd', here: readonly ValuedRun[], there: ValuedRun): boolean {
  return here.every((run) => !run.amounts[amount] || isSameBasis(useOf[amount], run, there));
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly aim: AmountName;
  readonly there: ValuedRun;
  /** Whether prices may be compared. */
  readonly money: boolean;
}

function proposalOf(members: readonly ValuedRun[], { from, to, aim, there, money }: Move): Proposal {
  const here = members.find(({ amounts }) => amounts[aim])?.valued;
  const sameIntensity = isSameBasisOfAll('co2', members, there);
  const factors = (['intensity', 'price'] as const).flatMap((use) => {
    const [a, b] = [factorOf(here, use), factorOf(there.valued, use)];
    const isCompared = use === 'price' ? money : sameIntensity;
    return a && b && isCompared ? [`${factorText(a)} in ${from}, ${factorText(b)} in ${to}`] : [];
  });
  const unnamed = members.filter(({ raw }) => raw.region === undefined).length;
  return {
    kind: 'region',
    id: `region-${from}-to-${to}`,
    title: `Run in ${to} what ran in ${from}`,
    aim,
    notCompared: [...(money ? [] : ['usd' as const]), ...(sameIntensity ? [] : ['co2' as const])],
    assumes: [
      ...(unnamed
        ? [`${countOf(unnamed, 'run')} without a region took place in ${from}, that of the configuration`]
        : []),
      ...factors,
      'the same machines draw the same power there, and CPU time costs the same',
      'latency, the cost and emissions of moving data, and where data must stay are yours to judge; --regions limits the choice',
      ...(money ? [] : [`no saving in money is said: the prices of ${from} and ${to} are not of one source and year`]),
    ],
    check: `run one of them in ${to}, and compare its energy by \`wattline measure --region ${to}\``,
    apply: changing(
      members.map(({ raw }) => raw),
      // What advice before it has moved already stays where it is.
      (run) => (run.region === undefined || run.region === from ? movedTo(run, to) : run),
    ),
  };
}
