import { onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

export interface TelegrafOptions {
  /** The host that it names. */
  readonly host?: string;
  /** Its inputs, processors and outputs, in TOML. */
  readonly plugins: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface StartedTelegraf {
  /** Everything it has logged so far. */
  logs(): string;
  /** Ends it once it has sent what it holds. */
  stop(): Promise<void>;
}

/** Starts Telegraf until the end of the test; it reads and sends every 200 ms. */
export async function startTelegraf({ host = 'node-a', plugins, env }: TelegrafOptions): Promise<StartedTelegraf> {
  const agent = `
[global_tags]
"host.name" = "${host}"
[agent]
interval = "200ms"
flush_interval = "200ms"
`;
  const folder = await temporaryFolder({ 'telegraf.conf': [agent, ...plugins].join('') });
  const telegraf = startProcess(programOf(peers.telegraf), ['--config', 'telegraf.conf'], { cwd: folder.path, env });
  const stop = async () => void (await telegraf.stop('SIGTERM'));
  onTestFinished(() => stop().finally(folder.remove));
  return { logs: telegraf.stderr, stop };
}

/** The output that sends by gRPC to a `host:port`. */
export const grpcOutput = (endpoint: string, compression: 'gzip' | 'none' = 'gzip') => `
[[outputs.opentelemetry]]
service_address = "${endpoint}"
compression = "${compression}"
`;

/** The output that sends by remote write 1.0 to a `host:port`. */
export const remoteWriteOutput = (endpoint: string) => `
[[outputs.http]]
url = "http://${endpoint}/api/v1/write"
data_format = "prometheusremotewrite"
[outputs.http.headers]
Content-Type = "application/x-protobuf"
Content-Encoding = "snappy"
X-Prometheus-Remote-Write-Version = "0.1.0"
`;

/** The input that reads a file of lines of InfluxDB's protocol. */
export const lineInput = (path: string) => `
[[inputs.file]]
files = ["${path}"]
data_format = "influx"
`;

/** The input that reads a file in Prometheus's text format, by a version of how Telegraf puts it. */
export const pageInput = (path: string, version: 1 | 2 = 1) => `
[[inputs.file]]
files = ["${path}"]
data_format = "prometheus"
prometheus_metric_version = ${version}
`;

/** What reads its machine's CPU time, and gives it the name that node_exporter does, as the README of the receiver `otlp` says. */
export const cpuInput = `
[[inputs.cpu]]
totalcpu = false
collect_cpu_time = true
name_override = "node_cpu_seconds_total"
fieldinclude = ["time_user", "time_system", "time_nice", "time_irq", "time_softirq"]
[[processors.unpivot]]
namepass = ["node_cpu_seconds_total"]
tag_key = "mode"
value_key = "counter"
`;
