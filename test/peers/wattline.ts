import { onTestFinished } from 'vitest';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import { freePort, startWattline } from '../kit/wattline-process.ts';

export const usdPerCoreHour = 0.5;
export const usdPerKwh = 0.25;

export interface StartedWattline {
  /** Where it takes OTLP and serves its metrics, without a slash at its end. */
  readonly url: string;
  /** Everything it has logged so far. */
  logs(): string;
  /** What it serves now. */
  samples(): Promise<Sample[]>;
  /** The value of the only series of that name and labels that it serves now; NaN where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

/** Which stages stand between the receiver and the exporter `prometheus`, and more keys of some. */
export interface Stages {
  readonly receivers?: Readonly<Record<string, object>>;
  readonly processors?: Readonly<Record<string, object>>;
}

const energyAndCost = { energy: {}, cost: { usd_per_kwh: usdPerKwh, usd_per_core_hour: usdPerCoreHour } };

/** The processors that count streams, with the given settings of `live`. */
export const counting = (live: object = {}) => ({ live, ...energyAndCost, totals: {} });

/** The processors that value runs and count nothing. */
export const valuing = energyAndCost;

/** Starts Wattline until the end of the test; by default it takes OTLP and counts streams. */
export async function startPipeline({ receivers, processors = counting() }: Stages = {}): Promise<StartedWattline> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const sources = receivers ?? { http: { endpoint } };
  const pipeline = {
    receivers: Object.keys(sources),
    processors: Object.keys(processors),
    exporters: ['prometheus'],
  };
  return start(endpoint, {
    receivers: sources,
    processors,
    exporters: { prometheus: { endpoint } },
    service: { pipelines: { metrics: pipeline } },
  });
}

async function start(endpoint: string, config: object): Promise<StartedWattline> {
  // JSON is YAML.
  const wattline = await startWattline({ config: JSON.stringify(config) });
  onTestFinished(async () => void (await wattline.stop()));
  const url = `http://${endpoint}`;
  await wattline.waitFor(`${url}/health`);
  const samples = async () => parseExposition(await (await fetch(`${url}/metrics`)).text());
  const value: StartedWattline['value'] = async (name, labels) =>
    seriesValue(await samples(), name, labels) ?? Number.NaN;
  return { url, logs: wattline.logs, samples, value };
}
