import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { isExtrapolated, predictedCpu, predictedPower } from 'wattline/figures';
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
  // Of the rows of the page alone, since others are only sorted.
  const said = database.prepare('SELECT attributes, figures FROM run WHERE id = ?');
  const runs = rows.map((row) => rowOf(row, saidIn(said.get(row.id as string)), money));
  return { page, pages, page_size: wanted.page_size, total_runs: total, runs };
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
  const { attributes, figures } = saidIn(run);
  const arithmetic = arithmeticOf({ ...run, power, cpu, attributes, figures }, money);
  return {
    ...rowOf(selected, { attributes, figures }, money),
    curves: { power_w: power && drawn(power), cpu_cores: cpu && drawn(cpu) },
    arithmetic,
    basis: basisOf({ ...run, arithmetic, attributes, figures }, money),
    attributes,
    figures,
  };
}

/** Returns a run of the columns above as it is in the API; one that does not say when it was has the time of its first reading. */
function rowOf({ read_time, ...run }: Record<string, SQLOutputValue>, { attributes, figures }: Said, money: Money) {
  const { power_kind, started_at, ended_at, cpu_core_h } = run;
  const isPowerPredicted = power_kind === 'predicted' || power_kind === 'modelled';
  const isCpuPredicted = attributes[Attribute.cpu] === 'predicted';
  return {
    ...run,
    predicted: power_kind === 'predicted',
    cpu_kind: cpu_core_h === null ? null : isCpuPredicted ? 'predicted' : 'measured',
    /** Whether a prediction is outside of what its model has learnt from. */
    extrapolated:
      (isPowerPredicted && isExtrapolated(attributes, predictedPower)) ||
      (isCpuPredicted && isExtrapolated(attributes, predictedCpu)),
    /** The ends of the intervals of numbers that rest on predictions. */
    bounds: boundsOf(figures, money),
    started_at: isoTime(started_at),
    ended_at: isoTime(ended_at),
    ...(read_time !== null && { dated: false }),
  };
}

/** What a run says, and its figures. */
interface Said {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, NamedFigure>>;
}

function saidIn(stored: { readonly attributes?: unknown; readonly figures?: unknown } | undefined): Said {
  return { attributes: JSON.parse(String(stored?.attributes)), figures: JSON.parse(String(stored?.figures)) };
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
