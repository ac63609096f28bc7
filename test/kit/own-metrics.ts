import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createNoopMeter, type Meter, type MetricOptions } from '@opentelemetry/api';
import { gaugeQueue } from '../../src/pipeline/exporter-queue.ts';
import { PointCounts } from '../../src/pipeline/point-counts.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { observeProcess } from '../../src/service/process-metrics.ts';
import { reloadCounter } from '../../src/service/reloads.ts';
import { skipCounter } from '../../src/service/telemetry.ts';
import { projectRoot } from './checkout.ts';
import { createSampled } from './contract.ts';

/** One of Wattline's own metrics, as `/metrics` shows it. */
export interface OwnMetric {
  readonly name: string;
  readonly unit: string;
  /** What has it: all of a kind, or certain plugins. */
  readonly of: string[];
  readonly description: string;
}

const TABLE = /(?<=<!-- own metrics -->\n).*?(?=<!-- end of own metrics -->)/s;

/** All of them: the core's, then those of plugins. */
export async function ownMetrics(): Promise<OwnMetric[]> {
  const metrics = new Map<string, OwnMetric>();
  const recorder = (of: string) =>
    recordingMeter((method, name, { unit = '1', description = '' }) => {
      const isCounter = /Counter$/.test(method) && !name.endsWith('_total');
      const shown = isCounter ? `${name}_total` : name;
      const metric = metrics.get(shown) ?? { name: shown, unit, of: [], description };
      if (!metric.of.includes(of)) metric.of.push(of);
      metrics.set(shown, metric);
    });
  new PointCounts('receiver', recorder('all receivers'));
  new PointCounts('processor', recorder('all processors'));
  new PointCounts('exporter', recorder('all exporters'));
  gaugeQueue({ size: 0, capacity: 0 }, { blocked: undefined }, recorder('exporters with a sending queue'), {});
  skipCounter(recorder('all components'));
  reloadCounter(recorder('the process'));
  observeProcess(recorder('the process'));
  for (const folder of pluginFolders()) {
    const plugin: AnyPlugin = (await import(pathToFileURL(join(folder, 'index.ts')).href)).default;
    const meter = recorder(`${plugin.kind} \`${plugin.type}\``);
    (await createSampled({ plugin, folder }, folder, { meter }))();
  }
  return [...metrics.values()];
}

/** A text with the table of them, in Markdown, between the marks for it. */
export function withTable(text: string, metrics: readonly OwnMetric[]): string {
  const rows = metrics.map(
    ({ name, unit, of, description }) => `| \`${name}\` | ${unit} | ${of.join(', ')} | ${description} |\n`,
  );
  if (!TABLE.test(text)) throw new Error('it has lost the marks of its table of own metrics');
  return text.replace(TABLE, () => `| metric | unit | of | meaning |\n| --- | --- | --- | --- |\n${rows.join('')}`);
}

function pluginFolders(): string[] {
  const plugins = join(projectRoot, 'plugins');
  const foldersIn = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const kinds = ['receivers', 'processors', 'exporters', 'providers', 'extensions'];
  return kinds.flatMap((kind) => foldersIn(join(plugins, kind)).map(({ name }) => join(plugins, kind, name)));
}

/** A meter that records nothing but which instruments are made. */
function recordingMeter(made: (method: string, name: string, options: MetricOptions) => void): Meter {
  return new Proxy(createNoopMeter(), {
    get(meter, method: string) {
      const create = Reflect.get(meter, method) as (...args: unknown[]) => unknown;
      if (!method.startsWith('create')) return create;
      return (name: string, options: MetricOptions = {}) => {
        made(method, name, options);
        return create.call(meter, name, options);
      };
    },
  });
}
