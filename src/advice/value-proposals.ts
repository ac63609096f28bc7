import type { Run } from '../model/run.ts';
import {
  type Amount,
  type AmountName,
  type Amounts,
  amountNames,
  type Proposal,
  type Silence,
  type ValuedRun,
  type ValueRuns,
} from './advice.ts';
import { differenceOf, kindOfAmount, sumOf } from './amounts.ts';
import { numberOfRun } from './changed-runs.ts';
import { withOwnIds } from './own-ids.ts';

/** A proposal and what it would have saved. */
export interface Advice extends Proposal {
  /** What is saved of what the pieces of advice before it have left. */
  readonly saves: Amounts;
  /** The runs that it changes or drops, as they were read. */
  readonly runs: readonly Run[];
  /** What these runs came to as they were read. */
  readonly cost: Amounts;
}

/** All advice on some runs. */
export interface ValuedAdvice {
  readonly advice: readonly Advice[];
  readonly silences: readonly Silence[];
  /** What the runs came to. */
  readonly before: Amounts;
  /** What all of it together would have saved, as far as that can be compared. */
  readonly saved: Amounts;
}

/**
 * Values proposals by the whole pipeline: the largest first, each on what the ones before it have left, so that nothing is
 * saved twice. A saving is the difference of two valuations of all runs. One that saves nothing, or of which the interval does
 * not tell that it does, is a silence.
 */
export async function valueProposals(
  runs: readonly Run[],
  proposals: readonly Proposal[],
  value: ValueRuns,
): Promise<ValuedAdvice> {
  const asRead = await value(runs);
  const alone: { proposal: Proposal; saves: Amounts }[] = [];
  for (const proposal of withOwnIds(proposals)) {
    alone.push({ proposal, saves: (await follow(proposal, asRead, value)).saves });
  }
  alone.sort((a, b) => byAmounts(b.saves, a.saves) || (a.proposal.id < b.proposal.id ? -1 : 1));
  const advice: Advice[] = [];
  const silences: Silence[] = [];
  let left = asRead;
  for (const { proposal, saves: first } of alone) {
    const { after, saves } = await follow(proposal, left, value);
    if (!isWorthwhile(saves, proposal)) {
      silences.push(isWorthwhile(first, proposal) ? nothingLeft(proposal, first) : whySilent(proposal, saves));
      continue;
    }
    const kept = new Set(proposal.apply(runs));
    const changed = asRead.filter(({ raw }) => !kept.has(raw));
    advice.push({ ...proposal, saves, runs: changed.map(({ raw }) => raw), cost: sumOf(changed) });
    left = after;
  }
  return { advice, silences, before: sumOf(asRead), saved: together(advice) };
}

/** Returns what a proposal leaves of valued runs, and what it saves of them. */
async function follow(proposal: Proposal, before: readonly ValuedRun[], value: ValueRuns) {
  const runs = before.map(({ raw }) => raw);
  const after = await value(proposal.apply(runs));
  const ends: Amounts[] = [];
  for (const end of proposal.ends ?? []) ends.push(sumOf(await value(end(runs))));
  const saves = differenceOf(sumOf(before), sumOf(after), ends);
  const hidden = new Set<AmountName>([...(proposal.notCompared ?? []), ...incomparable(before, after)]);
  const compared = Object.fromEntries(amountNames.map((name) => [name, hidden.has(name) ? undefined : saves[name]]));
  return { after, saves: compared as Amounts };
}

/** Returns the sum of savings each of which is of what those before it have left, so that none counts twice. */
function together(advice: readonly Advice[]): Amounts {
  return Object.fromEntries(
    amountNames.map((name) => {
      const known = advice.flatMap(({ saves }) => saves[name] ?? []);
      return [name, known.length ? { value: known.reduce((sum, { value }) => sum + value, 0) } : undefined];
    }),
  );
}

/**
 * Returns the amounts that tell nothing before and after: those that a changed run does not have any more, which is no saving,
 * or of another kind, such as a total cost that was one of energy alone, and emissions of which some are by averages and
 * others by the plant at the margin.
 */
function incomparable(before: readonly ValuedRun[], after: readonly ValuedRun[]): AmountName[] {
  const known = new Set(before.map(({ raw }) => raw));
  const changed = after.filter(({ raw }) => !known.has(raw));
  const kinds = new Map(
    before.map((run) => {
      const named = amountNames.map((name) => [name, kindOfAmount(run, name)] as const);
      return [numberOfRun(run.raw), Object.fromEntries(named)] as const;
    }),
  );
  const lost = amountNames.filter((name) => {
    if (before.some(({ amounts }) => amounts[name]) && changed.some(({ amounts }) => !amounts[name])) return true;
    return changed.some((run) => kindOfAmount(run, name) !== kinds.get(numberOfRun(run.raw))?.[name]);
  });
  const signals = new Set([...before, ...after].flatMap(({ signal }) => signal ?? []));
  return signals.size > 1 ? [...lost, 'co2'] : lost;
}

function isWorthwhile(saves: Amounts, { aim }: Proposal): boolean {
  const amount = aimedAt(saves, aim);
  return amount !== undefined && (amount.lower ?? amount.value) > 0;
}

function aimedAt({ usd, energy, co2 }: Amounts, aim: AmountName | undefined): Amount | undefined {
  return aim ? { usd, energy, co2 }[aim] : (usd ?? energy ?? co2);
}

/** Orders by money, and what saves as much of it by emissions and energy. */
function byAmounts(a: Amounts, b: Amounts): number {
  const differences = (['usd', 'co2', 'energy'] as const).map((name) => (a[name]?.value ?? 0) - (b[name]?.value ?? 0));
  return differences.find((one) => one !== 0) ?? 0;
}

function nothingLeft({ kind, id, title }: Proposal, { usd, energy, co2 }: Amounts): Silence {
  const texts = [
    [usd, 'USD'],
    [energy, 'J'],
    [co2, 'kg CO2e'],
  ] as const;
  const alone = texts.flatMap(([amount, unit]) =>
    amount && amount.value > 0 ? [`${Number(amount.value.toPrecision(6))} ${unit}`] : [],
  );
  const message = `${title} (${id}): alone it would have saved ${alone.join(', ')}, but what comes before it leaves nothing of that`;
  return { kind, reason: 'nothing_left', message };
}

function whySilent({ kind, title, aim }: Proposal, saves: Amounts): Silence {
  const amount = aimedAt(saves, aim);
  const unsure = amount !== undefined && amount.value > 0;
  const message = unsure
    ? `${title}: the interval of what it saves reaches to 0 or below`
    : `${title}: the pipeline finds that it saves nothing`;
  return { kind, reason: unsure ? 'noise' : 'no_saving', message };
}
