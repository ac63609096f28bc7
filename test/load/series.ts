/**
 * What very many distinct names do to what keeps series: `totals`, `live`, the page's history and the exporter `prometheus`.
 * It hands runs to one of them, and says ten times how much memory is left and how many series there are.
 * Run by `node --expose-gc --max-old-space-size=256 test/load/series.ts totals 1000000`.
 */
import { getHeapStatistics } from 'node:v8';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { Loader } from '../../src/loader.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { figure, type Processor, Run } from '../../src/plugin/index.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { createTestContext } from '../kit/context.ts';

const [what = 'totals', names = '1000000'] = process.argv.slice(2);
const NAMES = Number(names);
const A_LIST = 1000;
const MIB = 1024 * 1024;
const { signal } = new AbortController();

const kinds: Readonly<Record<string, readonly [kind: Kind, series: string]>> = {
  totals: ['processor', 'wattline_processor_series'],
  live: ['processor', 'wattline_live_streams'],
  dashboard: ['extension', 'wattline_extension_series'],
  prometheus: ['exporter', 'wattline_exporter_series'],
};
const [kind, series] = kinds[what] ?? ['processor', ''];
const plugin = (await new Loader().find(kind, what)) as AnyPlugin;
const { ctx, ownMetric } = createTestContext({ next: async () => {} });
let skipped = 0;
// A test's own keeps all that is skipped.
const context = Object.assign(Object.create(ctx), { skip: () => void skipped++ });
const config = plugin.configSchema.parse(kind === 'processor' ? {} : { endpoint: '127.0.0.1:0' });
const stage = plugin.create(context, config) as Processor & { observe?(runs: readonly Run[]): void };
await stage.start?.(signal);

console.log(`${what}, with a heap of at most ${mib(getHeapStatistics().heap_size_limit)} MiB`);
for (let first = 0; first < NAMES; first += A_LIST) {
  const runs = Array.from({ length: A_LIST }, (_, index) => runOf(first + index));
  if (stage.observe) stage.observe(runs);
  else await stage.consume(runs, signal);
  await new Promise(setImmediate);
  if ((first + A_LIST) % Math.ceil(NAMES / 10) >= A_LIST) continue;
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const count = await ownMetric(series);
  console.log(
    `${first + A_LIST} names: ${mib(heapUsed)} MiB of heap, ${mib(rss)} MiB resident, ${count} series, ${skipped} skipped`,
  );
}
await stage.shutdown?.(signal);

/** Returns what reaches the plugin of a name. */
function runOf(number: number): Run {
  const scenario = `name ${number}`;
  const at = 1_700_000_000 + number;
  const point = { startTime: [at, 0], endTime: [at + 1, 0], attributes: {}, value: 5 } as const;
  if (what === 'live')
    return runWith({ 'host.name': scenario }, 'hw.host.energy', { ...point, startTime: point.endTime });
  if (what === 'dashboard') return runWith({}, 'energy_joules_total', { ...point, attributes: { scenario } });
  const marks = { 'stream.id': `stream/${number % 100}`, 'stream.part': 0, 'stream.position': `${number}` };
  const who = { scenario, region: 'us-east-1', 'run.start_time': at, 'run.duration': 1 };
  const joules = figure({ name: 'energy_joules', unit: 'J', description: 'Energy' }, 5);
  const usd = figure({ name: 'cost_energy_load_aware', unit: '{USD}', description: 'Price' }, 1);
  return Run.of({ ...who, ...(what === 'totals' && marks) }, { figures: [joules, usd] });
}

interface Point {
  readonly startTime: Readonly<HrTime>;
  readonly endTime: Readonly<HrTime>;
  readonly attributes: Attributes;
  readonly value: number;
}

/** Returns a run with a point of a cumulative sum of joules. */
function runWith(attributes: Attributes, name: string, point: Point): Run {
  const descriptor = { name, unit: 'J', description: 'Energy', valueType: 1 };
  const metric = { descriptor, dataPointType: 3, aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] };
  return Run.from({ resource: { attributes }, scopeMetrics: [{ scope: { name: 'a' }, metrics: [metric] }] } as never);
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
