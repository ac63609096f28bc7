import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { predictedCpu, predictedPower } from 'wattline/figures';
import { Attribute, type Series } from 'wattline/plugin';
import { arithmeticOf } from './arithmetic.ts';
import { basisOf } from './basis.ts';
import { boundsOf } from './bounds.ts';
import { isoTime } from './iso-time.ts';
import { type Money, usDollars } from './money.ts';
import { runNumbers } from './run-numbers.ts';
import type { NamedFigure, RunRecord } from './run-record.ts';
import { curveOf, type StoredSeries, unpackSeries } from './samples.ts';
import { type PageOfRuns, whereOf } from './selection.ts';

/** The maximum number of samples of a curve. */
const CURVE_POINTS = 1000;

const columnsIn = (money: Money) =>
  [
    'id, scenario, region, encoder, bitrate, power_kind, started AS started_at, ended AS ended_at',
    `json_extract(attributes, '$."run.read_time"') AS read_time`,
    `json_extract(attributes, '$."${Attribute.cpu}"') AS said_of_cpu`,
    `json_extract(attributes, '$."${predictedPower.extrapolated}"') AS power_extrapolated`,
    `json_extract(attributes, '$."${predictedCpu.extrapolated}"') AS cpu_extrapolated`,
    `CASE WHEN figures LIKE '%@_lower%' ESCAPE '@' OR figures LIKE '%@_upper%' ESCAPE '@' THEN figures END AS with_bounds`,
    ...Object.entries(runNumbers(money)).map(([name, expression]) => `${expression} AS ${name}`),
  ].join(', ');

/** Returns one page of a selection of runs. Runs without the value of the sort column come last in either order. */
export function pageOfRuns(database: DatabaseSync, wanted: PageOfRuns, money: Money = usDollars) {
  const { where, values } = whereOf(wanted);
  const total = Number(database.prepare(`SELECT count(*) AS runs FROM run WHERE ${where}`).get(values)?.runs);
  const pages = Math.max(1, Math.ceil(total / wanted.page_size));
  const page = Math.min(wanted.page, pages);
  const sort = wanted.sort === 'scenario' ? 'scenario COLLATE NOCASE' : wanted.sort;
  const rows = database
    .prepare(
      `SELECT ${columnsIn(money)} FROM run WHERE ${where}
       ORDER BY ${sort} ${wanted.order} NULLS LAST, ended DESC, id LIMIT :limit OFFSET :offset`,
    )
    .all({ ...values, limit: wanted.page_size, offset: (page - 1) * wanted.page_size });
  return { page, pages, page_size: wanted.page_size, total_runs: total, runs: rows.map((row) => rowOf(row, money)) };
}

/** Returns a run with its curves and the calculation of its figures; undefined where none has that id. */
export function findRun(database: DatabaseSync, id: string, money: Money = usDollars) {
  const selected = database.prepare(`SELECT ${columnsIn(money)} FROM run WHERE id = ?`).get(id);
  if (!selected) return undefined;
  const seriesOf = (signal: string) => {
    const row = database.prepare('SELECT * FROM series WHERE run = ? AND signal = ?').get(id, signal);
    return row && unpackSeries(row as unknown as StoredSeries);
  };
  const [power, cpu] = [seriesOf('power'), seriesOf('cpu')];
  const run = database.prepare('SELECT * FROM run WHERE id = ?').get(id) as unknown as RunRecord;
  const attributes: Record<string, unknown> = JSON.parse(run.attributes);
  const figures: Record<string, NamedFigure> = JSON.parse(run.figures);
  const arithmetic = arithmeticOf({ ...run, power, cpu, attributes, figures }, money);
  return {
    ...rowOf(selected, money),
    curves: { power_w: power && drawn(power), cpu_cores: cpu && drawn(cpu) },
    arithmetic,
    basis: basisOf({ ...run, arithmetic, attributes, figures }, money),
    attributes,
    figures,
  };
}

/** Returns a run of the columns above as it is in the API; one that does not say when it was has the time of its first reading. */
function rowOf(selected: Record<string, SQLOutputValue>, money: Money) {
  const { read_time, said_of_cpu, power_extrapolated, cpu_extrapolated, with_bounds, ...run } = selected;
  const { power_kind, started_at, ended_at, cpu_core_h } = run;
  const isCpuPredicted = said_of_cpu === 'predicted';
  const isPowerPredicted = power_kind === 'predicted' || power_kind === 'modelled';
  return {
    ...run,
    predicted: power_kind === 'predicted',
    cpu_kind: cpu_core_h === null ? null : isCpuPredicted ? 'predicted' : 'measured',
    /** Whether a prediction is outside of what its model has learnt from. */
    extrapolated: (isPowerPredicted && power_extrapolated === 1) || (isCpuPredicted && cpu_extrapolated === 1),
    /** The ends of the intervals of numbers that rest on predictions. */
    bounds: boundsOf(with_bounds === null ? {} : JSON.parse(String(with_bounds)), money),
    started_at: isoTime(started_at),
    ended_at: isoTime(ended_at),
    ...(read_time !== null && { dated: false }),
  };
}

function drawn(series: Series) {
  const [seconds, nanoseconds] = series.start;
  return {
    first_at: isoTime(seconds + nanoseconds / 1e9),
    /** The number of samples of the run; the curve may have fewer. */
    samples: series.length,
    ...curveOf(series, CURVE_POINTS),
  };
}
