import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import { freePort, startWattline, type WattlineOptions } from '../kit/wattline-process.ts';

export const usdPerCoreHour = 0.5;
export const usdPerKwh = 0.25;

const storage = 'file_storage';

export interface StartedWattline {
  /** Where it takes OTLP. */
  readonly address: string;
  /** Everything it has logged so far. */
  logs(): string;
  /** What it serves now. */
  samples(): Promise<Sample[]>;
  /** The value of the only series of that name and labels that it serves now; NaN where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** The sum of all series of that name and labels that it serves now; 0 where there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Ends it once it has stored what it holds. */
  stop(): Promise<void>;
}

/** Which stages stand before the exporter `prometheus`, and which other exporters beside it. */
export interface Stages {
  readonly receivers?: Readonly<Record<string, object>>;
  readonly processors?: Readonly<Record<string, object>>;
  readonly exporters?: Readonly<Record<string, object>>;
  /** The folder that keeps what it has counted, for when it is started again. */
  readonly kept?: string | undefined;
}

const energyAndCost = { energy: {}, cost: { usd_per_kwh: usdPerKwh, usd_per_core_hour: usdPerCoreHour } };

/** The processors that count streams, with the given settings of `live`, and of `totals`. */
export const counting = (live: object = {}, totals: object = {}) => ({ live, ...energyAndCost, totals });

/** The processors that value runs and count nothing. */
export const valuing = energyAndCost;

/** Starts Wattline until the end of the test; by default it takes OTLP and counts streams. */
export async function startPipeline({
  receivers,
  kept,
  processors = kept ? counting({ storage }, { storage }) : counting(),
  exporters = {},
}: Stages = {}): Promise<StartedWattline> {
  const address = await freeAddress();
  const sources = receivers ?? { http: { endpoint: address } };
  const pipeline = {
    receivers: Object.keys(sources),
    processors: Object.keys(processors),
    exporters: ['prometheus', ...Object.keys(exporters)],
  };
  const config = {
    receivers: sources,
    processors,
    exporters: { prometheus: { endpoint: address }, ...exporters },
    extensions: kept ? { [storage]: { directory: kept } } : {},
    service: { extensions: kept ? [storage] : [], pipelines: { metrics: pipeline } },
  };
  // JSON is YAML.
  return start({ config: JSON.stringify(config) }, address, address);
}

/** Starts Wattline with a file of `config/` until the end of the test; its ports and folders are other ones. */
export async function startReadyConfiguration(file: string): Promise<StartedWattline> {
  const [receiver, endpoint] = [await freeAddress(), await freeAddress()];
  const config = await readFile(join(projectRoot, 'config', file), 'utf8');
  const env = { WATTLINE_RECEIVER: receiver, WATTLINE_ENDPOINT: endpoint, WATTLINE_STATE: './state' };
  return start({ config, env }, receiver, endpoint);
}

async function start(options: WattlineOptions, address: string, endpoint: string): Promise<StartedWattline> {
  const wattline = await startWattline(options);
  const stop = async () => void (await wattline.stop());
  onTestFinished(stop);
  await wattline.waitFor(`http://${endpoint}/health`);
  const samples = async () => parseExposition(await (await fetch(`http://${endpoint}/metrics`)).text());
  const value: StartedWattline['value'] = async (name, labels) =>
    seriesValue(await samples(), name, labels) ?? Number.NaN;
  const sum: StartedWattline['sum'] = async (name, labels = {}) =>
    (await samples())
      .filter((sample) => sample.name === name && Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
      .reduce((total, sample) => total + sample.value, 0);
  return { address, logs: wattline.logs, samples, value, sum, stop };
}

const freeAddress = async () => `127.0.0.1:${await freePort()}`;
