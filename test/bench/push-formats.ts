/**
 * Measures how fast a real VictoriaMetrics takes runs in each of its text formats, encoding included. Prints medians of
 * interleaved rounds, first into a new server (every series is new) and then again (every series is known).
 *
 *   npx node test/bench/push-formats.ts [rounds]
 */
import { cpus } from 'node:os';
import { expositionText } from '../../plugins/exporters/victoriametrics/exposition.ts';
import { jsonLines } from '../../plugins/exporters/victoriametrics/json-lines.ts';
import type { Point, PointSeries } from '../../src/prometheus/series.ts';
import { SeriesLabels } from '../../src/prometheus/series.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';

const FORMATS = {
  text: {
    path: '/api/v1/import/prometheus',
    encode: (series: Run) => expositionText(series.flatMap(pointsOf)),
  },
  'JSON lines': { path: '/api/v1/import', encode: jsonLines },
} as const;

const FIGURES = [
  'cost_total_load_aware',
  'cost_energy_load_aware',
  'cost_compute_load_aware',
  'co2_emissions_kg',
  'cost_per_stream',
];
const SIGNALS = ['hw_host_power_watts', 'container_cpu_usage'];
const START = Date.UTC(2026, 0, 1);
const IN_FLIGHT = 2;

type Format = keyof typeof FORMATS;
type Run = readonly PointSeries[];

const inputs = {
  '10,000 runs × 5 figures × 1 point': {
    runs: 10_000,
    names: FIGURES,
    points: 1,
    sizes: [100, 250, 500, 1000, 2000],
  },
  '1,000 runs × 2 signals × 60 samples': { runs: 1000, names: SIGNALS, points: 60, sizes: [50, 100, 250, 500] },
};

const rounds = Number(process.argv[2] ?? 5);
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model} × ${cpus().length}, Node ${process.version}`,
);
console.log(`medians of ${rounds} interleaved rounds, ${IN_FLIGHT} requests in flight, milliseconds\n`);
for (const [title, input] of Object.entries(inputs)) await compare(title, input);

async function compare(title: string, input: { runs: number; names: string[]; points: number; sizes: number[] }) {
  const times = new Map<string, number[][]>();
  let bytes = '';
  for (let round = 0; round < rounds; round++) {
    for (const size of input.sizes) {
      const formats = Object.keys(FORMATS) as Format[];
      for (const format of round % 2 ? formats.reverse() : formats) {
        const measured = await measureOne(input, format, size);
        const key = `${size} ${format}`;
        times.set(key, [...(times.get(key) ?? []), measured.times]);
        if (round === 0 && size === input.sizes[0]) bytes += ` ${format} ${(measured.bytes / 1e6).toFixed(1)} MB`;
      }
    }
  }
  console.log(`${title};${bytes}\n`);
  console.log(
    '| runs a request | text, new series | JSON, new | JSON / text | text, known series | JSON, known | JSON / text |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const size of input.sizes) {
    const cells = [0, 1].flatMap((pass) => {
      const [text, json] = (Object.keys(FORMATS) as Format[]).map((format) =>
        median((times.get(`${size} ${format}`) ?? []).map((both) => both[pass] as number)),
      ) as [number, number];
      return [text.toFixed(0), json.toFixed(0), (json / text).toFixed(2)];
    });
    console.log(`| ${size} | ${cells.join(' | ')} |`);
  }
  console.log();
}

async function measureOne(
  { runs, names, points }: { runs: number; names: string[]; points: number },
  format: Format,
  size: number,
): Promise<{ times: number[]; bytes: number }> {
  const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-loggerLevel=ERROR']);
  try {
    const passes = [START, START + 3_600_000].map((start) => makeRuns(runs, names, points, start));
    const times: number[] = [];
    let bytes = 0;
    for (const pass of passes) {
      const began = performance.now();
      bytes = await push(pass, server.url, format, size);
      times.push(performance.now() - began);
    }
    return { times, bytes };
  } finally {
    await server.stop();
  }
}

async function push(runs: readonly Run[], url: string, format: Format, size: number): Promise<number> {
  const { path, encode } = FORMATS[format];
  let next = 0;
  let bytes = 0;
  const worker = async () => {
    while (next < runs.length) {
      const from = next;
      next += size;
      const body = Buffer.from(encode(runs.slice(from, next).flat()));
      bytes += body.length;
      const response = await fetch(`${url}${path}`, { method: 'POST', body });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${format}: HTTP ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return bytes;
}

function makeRuns(runs: number, names: readonly string[], points: number, start: number): Run[] {
  return Array.from({ length: runs }, (_, index) => {
    const all = { scenario: `scenario ${index}`, region: 'us-east-1', bitrate: '2500k', encoder: 'h264' };
    const labels = new SeriesLabels(all);
    return names.map((name, place) => ({
      name,
      labels,
      times: Array.from({ length: points }, (_, i) => start + i * 5000),
      values: Array.from({ length: points }, (_, i) =>
        points === 1 ? index * 1.0371e-5 + place / 7 : 20 + ((index + i) % 700) / 10,
      ),
    }));
  });
}

function pointsOf({ name, labels, times, values }: PointSeries): Point[] {
  return Array.from(values, (value, index) => ({ name, labels, time: times.at(index) as number, value }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
