import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Observation } from '../../../src/prediction/observation.ts';

/** What was measured on one machine in one go: each point is a run of its own, in rising order of x. */
export interface MeasuredCurve {
  readonly name: string;
  /** Load, and watts. */
  readonly points: readonly Observation[];
}

/** Curves that were measured in the same way. */
export interface CurveSet {
  readonly name: string;
  readonly curves: readonly MeasuredCurve[];
}

type Row = Readonly<Record<string, string>>;

interface Source {
  readonly name: string;
  /** Which files of the folder. */
  readonly files: string;
  /** The curve of the file that a row belongs to. */
  readonly curveOf?: (row: Row) => string;
  /** What a row says; undefined where it measured something else. */
  readonly pointOf: (row: Row) => Observation | undefined;
}

/** The name of the set that has goals of its own. */
export const CPU_LOAD = 'CPU package over CPU load';

const SOURCES: readonly Source[] = [
  {
    name: CPU_LOAD,
    files: 'codecarbon-cpu-load/*.csv',
    pointOf: ({ cpu_load, rapl_power }) => ({ x: Number(cpu_load), y: Number(rapl_power) }),
  },
  {
    name: 'wall plug over CPU load',
    files: 'codecarbon-cpu-load/*.csv',
    // 0 stands for no plug.
    pointOf: ({ cpu_load, tapo_power }) =>
      Number(tapo_power) > 0 ? { x: Number(cpu_load), y: Number(tapo_power) } : undefined,
  },
  {
    name: 'host over streams of ffmpeg',
    files: 'ffmpeg-rtmp/*_analysis.csv',
    pointOf: ({ name = '', mean_power_w }) => {
      const streams = name.startsWith('Baseline') ? 0 : Number(/^(\d+) Streams @/.exec(name)?.[1]);
      return Number.isNaN(streams) ? undefined : { x: streams, y: Number(mean_power_w) };
    },
  },
  {
    name: 'CPU and GPUs over concurrent encodes',
    files: 'greem/gpu5_nvenc_concurrency_summary.csv',
    curveOf: ({ codec = '' }) => codec,
    pointOf: ({ num_videos, mean_cpu_power_w, mean_gpu_power_w }) => ({
      x: Number(num_videos),
      y: Number(mean_cpu_power_w) + Number(mean_gpu_power_w),
    }),
  },
];
/** A curve has so many different x at least, so that a point can be left out of a monotone cubic. */
const LEAST_DIFFERENT = 5;

/** Reads the measured curves of a folder. Throws where a file does not say numbers, or there is no curve. */
export async function readCurveSets(folder: string): Promise<CurveSet[]> {
  const sets = await Promise.all(SOURCES.map((source) => readSet(folder, source)));
  const found = sets.filter(({ curves }) => curves.length > 0);
  if (found.length > 0) return found;
  const files = [...new Set(SOURCES.map((source) => source.files))].join(', ');
  throw new Error(`${folder} has no measured curves: put ${files} there, or name the folder that has them`);
}

async function readSet(folder: string, { name, files, curveOf = () => '', pointOf }: Source): Promise<CurveSet> {
  const paths: string[] = [];
  for await (const path of glob(files, { cwd: folder })) paths.push(path);
  const curves: MeasuredCurve[] = [];
  for (const path of paths.sort()) {
    const rows: Row[] = parse(await readFile(join(folder, path)), { columns: true, skip_empty_lines: true });
    for (const [curve, members] of Map.groupBy(rows, curveOf)) {
      const points = members.flatMap((row) => pointOf(row) ?? []).sort((a, b) => a.x - b.x);
      if (points.some(({ x, y }) => !Number.isFinite(x + y))) throw new Error(`${path} has a row without numbers`);
      const different = new Set(points.map(({ x }) => x)).size;
      if (different >= LEAST_DIFFERENT) curves.push({ name: `${basename(path, '.csv')} ${curve}`.trimEnd(), points });
    }
  }
  return { name, curves };
}
