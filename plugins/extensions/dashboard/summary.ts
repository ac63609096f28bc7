import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { powerKinds } from 'wattline/figures';
import { bucketWidth } from './buckets.ts';
import type { CounterName } from './counter-points.ts';
import { type Money, usDollars } from './money.ts';
import { type RunNumbers, runNumbers } from './run-numbers.ts';
import { type Selection, whereOf } from './selection.ts';

const BUCKETS = 60;
/** The maximum number of named scenarios in a chart; the others are combined. */
const NAMED = 8;
const OFFERED = 500;

const sumsIn = (money: Money) =>
  [
    `count(*) AS runs, count(${money.columns.cost_total}) AS runs_with_total`,
    ...powerKinds.map((kind) => `count(*) FILTER (WHERE power_kind = '${kind}') AS ${kind}_runs`),
    'count(co2_kg) AS runs_with_co2, min(ended) AS first_s, max(ended) AS last_s',
    ...Object.entries(runNumbers(money)).map(([name, expression]) => `sum(${expression}) AS ${name}`),
    `sum(CASE WHEN energy_included THEN ${money.columns.cost_energy} END) AS cost_energy_included_${money.suffix}`,
  ].join(', ');

/** The cost of energy beside that of CPU time. */
const apartIn = ({ columns }: Money) => `CASE WHEN NOT energy_included THEN ${columns.cost_energy} END`;

/** Sums over runs. */
type Totals = RunNumbers & {
  readonly runs: number;
  readonly measured_runs: number;
  readonly modelled_runs: number;
  readonly predicted_runs: number;
  readonly runs_with_total: number;
  readonly runs_with_co2: number;
};

interface Share {
  /** Null for runs without a name, undefined for all scenarios beyond the costliest. */
  readonly scenario?: string | null;
  readonly scenarios: number;
  readonly runs: number;
  /** Its cost, such as `cost_total_usd`. */
  readonly [cost: `cost_total_${string}`]: number;
}

/**
 * Returns sums, shares and values over time for a selection of runs. Their time is that of their end, in seconds since
 * 1970; a bucket starts at its `at_s` and is `bucket_s` wide.
 */
export function summarise(database: DatabaseSync, selection: Selection, money: Money = usDollars) {
  const { where, values } = whereOf(selection);
  const { suffix, columns } = money;
  const total = `cost_total_${suffix}` as const;
  const totals = database.prepare(`SELECT ${sumsIn(money)} FROM run WHERE ${where}`).get(values) as unknown as Totals;
  const shares = database
    .prepare(
      `SELECT scenario, 1 AS scenarios, count(*) AS runs, sum(${columns.cost_total}) AS ${total}
       FROM run WHERE ${where} AND ${columns.cost_total} IS NOT NULL GROUP BY scenario ORDER BY ${total} DESC, scenario`,
    )
    .all(values) as unknown as Share[];
  const named = shares.length > NAMED + 1 ? shares.slice(0, NAMED) : shares;
  const others = shares.slice(named.length);
  const width = bucketWidth((totals.last_s ?? 0) - (totals.first_s ?? 0), BUCKETS);
  const names = JSON.stringify(named.map(({ scenario }, share) => ({ scenario, share })));
  /** The mean total cost of a run in each bucket, with the index of its share in `by_scenario`. */
  const means: Readonly<Record<`mean_total_${string}`, Record<string, SQLOutputValue>[]>> = {
    [`mean_total_${suffix}`]: database
      .prepare(
        `WITH named AS MATERIALIZED (
             SELECT value ->> 'scenario' AS name, value ->> 'share' AS share FROM json_each(:names)
           )
           SELECT floor(ended / :width) * :width AS at_s, coalesce(named.share, :others) AS share, avg(${columns.cost_total}) AS "${suffix}"
           FROM run LEFT JOIN named ON named.name IS run.scenario
           WHERE ${where} AND ${columns.cost_total} IS NOT NULL GROUP BY share, at_s ORDER BY share, at_s`,
      )
      .all({ ...values, width, names, others: named.length }),
  };
  return {
    totals,
    assumptions: assumptionsIn(database, selection),
    by_scenario: others.length ? [...named, together(others, total)] : named,
    timeline: Object.assign(
      {
        bucket_s: width,
        sums: database
          .prepare(
            `SELECT floor(ended / :width) * :width AS at_s, count(*) AS runs, sum(${apartIn(money)}) AS cost_energy_${suffix},
             sum(${columns.cost_compute}) AS cost_compute_${suffix}, sum(co2_kg) AS co2_kg
           FROM run WHERE ${where} GROUP BY at_s ORDER BY at_s`,
          )
          .all({ ...values, width }),
      },
      means,
    ),
  };
}

/** Returns what the figures of a selection of runs assume, what most of them do first, and how many do. */
function assumptionsIn(database: DatabaseSync, selection: Selection) {
  const { where, values } = whereOf(selection);
  const rows = database
    .prepare(`SELECT assumptions, count(*) AS runs FROM run WHERE ${where} GROUP BY assumptions ORDER BY assumptions`)
    .all(values);
  const counts = new Map<string, number>();
  for (const { assumptions, runs } of rows) {
    for (const text of JSON.parse(String(assumptions))) counts.set(text, (counts.get(text) ?? 0) + Number(runs));
  }
  return Array.from(counts, ([text, runs]) => ({ text, runs })).sort((a, b) => b.runs - a.runs);
}

/** Returns the choices of the filters: all values in the history, of runs and of streams. */
export function choices(
  database: DatabaseSync,
  counters: readonly CounterName[],
): Record<'scenarios' | 'regions' | 'encoders', readonly string[]> {
  const distinct = (column: 'scenario' | 'region' | 'encoder') => {
    const ofRuns = database
      .prepare(
        `SELECT DISTINCT ${column} AS value FROM run WHERE ${column} IS NOT NULL ORDER BY value LIMIT ${OFFERED}`,
      )
      .all()
      .map(({ value }) => String(value));
    const ofStreams = counters.flatMap((counter) => counter[column] ?? []);
    return [...new Set([...ofRuns, ...ofStreams])].sort().slice(0, OFFERED);
  };
  return { scenarios: distinct('scenario'), regions: distinct('region'), encoders: distinct('encoder') };
}

function together(shares: readonly Share[], cost: `cost_total_${string}`): Share {
  return {
    scenarios: shares.length,
    runs: shares.reduce((sum, { runs }) => sum + runs, 0),
    [cost]: shares.reduce((sum, share) => sum + (share[cost] as number), 0),
  };
}
