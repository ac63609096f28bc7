import type { DatabaseSync } from 'node:sqlite';
import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import type { Series } from 'wattline/plugin';
import { type Arithmetic, arithmeticOf } from './arithmetic.ts';
import { type Basis, basisOf } from './basis.ts';
import type { NamedFigure } from './run-record.ts';
import { type Curve, curveOf, type StoredSeries, unpackSeries } from './samples.ts';
import { type PageOfRuns, sortColumns, whereOf } from './selection.ts';

/** The maximum number of samples of a curve. */
const CURVE_POINTS = 1000;

/** A run in the table; unknown values are null. */
export interface RunRow {
  readonly id: string;
  readonly scenario: string | null;
  readonly region: string | null;
  readonly encoder: string | null;
  readonly bitrate: string | null;
  readonly predicted: boolean;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly duration_s: number | null;
  readonly energy_kwh: number | null;
  readonly cpu_core_h: number | null;
  readonly cost_energy_usd: number | null;
  readonly cost_compute_usd: number | null;
  readonly cost_total_usd: number | null;
  readonly co2_kg: number | null;
}

export interface RunsPage {
  readonly page: number;
  readonly pages: number;
  readonly page_size: number;
  readonly total_runs: number;
  readonly runs: readonly RunRow[];
}

/** A run with its curves, the calculation of its figures, and everything else that is known about it. */
export interface RunDetail extends RunRow {
  readonly curves: { readonly power_w?: DrawnCurve; readonly cpu_cores?: DrawnCurve };
  readonly arithmetic: Arithmetic;
  readonly basis: Basis;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, NamedFigure>>;
}

export interface DrawnCurve extends Curve {
  readonly first_at: string | null;
  /** The number of samples of the run; the curve may have fewer. */
  readonly samples: number;
}

/** Returns one page of a selection of runs. Runs without the value of the sort column come last in either order. */
export function pageOfRuns(database: DatabaseSync, wanted: PageOfRuns): RunsPage {
  const { where, values } = whereOf(wanted);
  const total = Number(database.prepare(`SELECT count(*) AS runs FROM run WHERE ${where}`).get(values)?.runs);
  const pages = Math.max(1, Math.ceil(total / wanted.page_size));
  const page = Math.min(wanted.page, pages);
  const rows = database
    .prepare(
      `SELECT * FROM run WHERE ${where}
       ORDER BY ${sortColumns[wanted.sort]} ${wanted.order} NULLS LAST, ended DESC, id LIMIT :limit OFFSET :offset`,
    )
    .all({ ...values, limit: wanted.page_size, offset: (page - 1) * wanted.page_size });
  return { page, pages, page_size: wanted.page_size, total_runs: total, runs: rows.map(rowOf) };
}

/** Returns everything about one run; undefined where none has that id. */
export function findRun(database: DatabaseSync, id: string): RunDetail | undefined {
  const stored = database.prepare('SELECT * FROM run WHERE id = ?').get(id);
  if (!stored) return undefined;
  const series = new Map(
    database
      .prepare('SELECT * FROM series WHERE run = ?')
      .all(id)
      .map((row) => [row.signal, unpackSeries(row as unknown as StoredSeries)]),
  );
  const [power, cpu] = [series.get('power'), series.get('cpu')];
  const run = stored as unknown as StoredRun;
  const attributes = JSON.parse(String(stored.attributes)) as RunDetail['attributes'];
  const figures = JSON.parse(String(stored.figures)) as RunDetail['figures'];
  const arithmetic = arithmeticOf({ ...run, power, cpu, attributes, figures });
  return {
    ...rowOf(stored),
    curves: { ...(power && { power_w: drawn(power) }), ...(cpu && { cpu_cores: drawn(cpu) }) },
    arithmetic,
    basis: basisOf({ duration: run.duration, arithmetic, attributes, figures }),
    attributes,
    figures,
  };
}

interface StoredRun {
  readonly id: string;
  readonly scenario: string | null;
  readonly region: string | null;
  readonly encoder: string | null;
  readonly bitrate: string | null;
  readonly started: number | null;
  readonly ended: number;
  readonly duration: number | null;
  readonly predicted: number;
  readonly joules: number | null;
  readonly core_seconds: number | null;
  readonly total_usd: number | null;
  readonly energy_usd: number | null;
  readonly compute_usd: number | null;
  readonly co2_kg: number | null;
}

function rowOf(stored: unknown): RunRow {
  const run = stored as StoredRun;
  return {
    id: run.id,
    scenario: run.scenario,
    region: run.region,
    encoder: run.encoder,
    bitrate: run.bitrate,
    predicted: run.predicted === 1,
    started_at: isoTime(run.started),
    ended_at: isoTime(run.ended),
    duration_s: run.duration,
    energy_kwh: run.joules === null ? null : run.joules / JOULES_PER_KWH,
    cpu_core_h: run.core_seconds === null ? null : run.core_seconds / SECONDS_PER_HOUR,
    cost_energy_usd: run.energy_usd,
    cost_compute_usd: run.compute_usd,
    cost_total_usd: run.total_usd,
    co2_kg: run.co2_kg,
  };
}

function drawn(series: Series): DrawnCurve {
  const [seconds, nanoseconds] = series.start;
  return {
    first_at: isoTime(seconds + nanoseconds / 1e9),
    samples: series.length,
    ...curveOf(series, CURVE_POINTS),
  };
}

/** Formats a time as ISO 8601; null where it is absent or out of the range of dates. */
function isoTime(seconds: number | null): string | null {
  const date = new Date(seconds === null ? Number.NaN : seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
