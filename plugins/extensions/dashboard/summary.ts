import type { DatabaseSync } from 'node:sqlite';
import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import { bucketWidth } from './buckets.ts';
import { type Selection, whereOf } from './selection.ts';

const BUCKETS = 60;
/** The maximum number of named scenarios in a chart; the others are combined. */
const NAMED = 8;
const OFFERED = 500;

const sums = `count(*) AS runs, sum(predicted) AS predicted_runs, count(total_usd) AS runs_with_total,
  sum(total_usd) AS cost_total_usd, sum(energy_usd) AS cost_energy_usd, sum(compute_usd) AS cost_compute_usd,
  sum(co2_kg) AS co2_kg, count(co2_kg) AS runs_with_co2, sum(joules) / ${JOULES_PER_KWH} AS energy_kwh,
  sum(core_seconds) / ${SECONDS_PER_HOUR} AS cpu_core_h, sum(duration) AS duration_s,
  min(ended) AS first_s, max(ended) AS last_s`;

/** Sums over runs, in USD, kg, kWh, core-hours and seconds; null where no run has the figure. */
export interface Sums {
  readonly runs: number;
  readonly predicted_runs: number | null;
  readonly runs_with_total: number;
  readonly runs_with_co2: number;
  readonly cost_total_usd: number | null;
  readonly cost_energy_usd: number | null;
  readonly cost_compute_usd: number | null;
  readonly co2_kg: number | null;
  readonly energy_kwh: number | null;
  readonly cpu_core_h: number | null;
  readonly duration_s: number | null;
  readonly first_s: number | null;
  readonly last_s: number | null;
}

export interface Share {
  /** Null for runs without a name, undefined for all scenarios beyond the costliest. */
  readonly scenario?: string | null;
  readonly scenarios: number;
  readonly runs: number;
  readonly cost_total_usd: number;
}

/** The content of the panels for a selection of runs. Times are seconds since 1970. */
export interface Summary {
  readonly totals: Sums;
  readonly by_scenario: readonly Share[];
  readonly timeline: Timeline;
}

/** The runs by the time of their end; a bucket starts at its `at_s` and is `bucket_s` wide. */
export interface Timeline {
  readonly bucket_s: number;
  readonly sums: readonly Record<string, number | null>[];
  /** The mean total cost of a run by scenario, in the order of `by_scenario`. */
  readonly mean_total_usd: readonly { readonly at_s: number; readonly share: number; readonly usd: number }[];
}

/** Returns sums, shares and values over time for a selection of runs. */
export function summarise(database: DatabaseSync, selection: Selection): Summary {
  const { where, values } = whereOf(selection);
  const totals = database.prepare(`SELECT ${sums} FROM run WHERE ${where}`).get(values) as unknown as Sums;
  const shares = database
    .prepare(
      `SELECT scenario, 1 AS scenarios, count(*) AS runs, sum(total_usd) AS cost_total_usd
       FROM run WHERE ${where} AND total_usd IS NOT NULL GROUP BY scenario ORDER BY cost_total_usd DESC, scenario`,
    )
    .all(values) as unknown as Share[];
  const named = shares.length > NAMED + 1 ? shares.slice(0, NAMED) : shares;
  const others = shares.slice(named.length);
  const width = bucketWidth((totals.last_s ?? 0) - (totals.first_s ?? 0), BUCKETS);
  return {
    totals,
    by_scenario: others.length ? [...named, together(others)] : named,
    timeline: {
      bucket_s: width,
      sums: database
        .prepare(
          `SELECT floor(ended / :width) * :width AS at_s, count(*) AS runs, sum(energy_usd) AS cost_energy_usd,
             sum(compute_usd) AS cost_compute_usd, sum(co2_kg) AS co2_kg
           FROM run WHERE ${where} GROUP BY at_s ORDER BY at_s`,
        )
        .all({ ...values, width }) as Record<string, number | null>[],
      mean_total_usd: meansOf(database, selection, named, width),
    },
  };
}

/** Returns the choices of the filters: all values in the history. */
export function choices(database: DatabaseSync): Record<'scenarios' | 'regions' | 'encoders', readonly string[]> {
  const distinct = (column: string) =>
    database
      .prepare(
        `SELECT DISTINCT ${column} AS value FROM run WHERE ${column} IS NOT NULL ORDER BY value LIMIT ${OFFERED}`,
      )
      .all()
      .map(({ value }) => String(value));
  return { scenarios: distinct('scenario'), regions: distinct('region'), encoders: distinct('encoder') };
}

function meansOf(
  database: DatabaseSync,
  selection: Selection,
  named: readonly Share[],
  width: number,
): Timeline['mean_total_usd'] {
  const { where, values } = whereOf(selection);
  const shares = JSON.stringify(named.map(({ scenario }, share) => ({ scenario, share })));
  return database
    .prepare(
      `WITH named AS MATERIALIZED (SELECT value ->> 'scenario' AS name, value ->> 'share' AS share FROM json_each(:shares))
       SELECT floor(ended / :width) * :width AS at_s, coalesce(named.share, :others) AS share, avg(total_usd) AS usd
       FROM run LEFT JOIN named ON named.name IS run.scenario
       WHERE ${where} AND total_usd IS NOT NULL GROUP BY share, at_s ORDER BY share, at_s`,
    )
    .all({ ...values, width, shares, others: named.length }) as unknown as Timeline['mean_total_usd'];
}

function together(shares: readonly Share[]): Share {
  return {
    scenarios: shares.length,
    runs: shares.reduce((sum, { runs }) => sum + runs, 0),
    cost_total_usd: shares.reduce((sum, { cost_total_usd }) => sum + cost_total_usd, 0),
  };
}
