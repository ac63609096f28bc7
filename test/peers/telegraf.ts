import { onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

export interface TelegrafOptions {
  /** Where it sends to by gRPC, `host:port`. */
  readonly endpoint: string;
  readonly compression?: 'gzip' | 'none';
  /** The host that it names. */
  readonly host?: string;
  /** Its inputs and processors, in TOML. */
  readonly plugins: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface StartedTelegraf {
  /** Everything it has logged so far. */
  logs(): string;
  /** Ends it once it has sent what it holds. */
  stop(): Promise<void>;
}

/** Starts Telegraf until the end of the test; it reads and sends every 200 ms. */
export async function startTelegraf(options: TelegrafOptions): Promise<StartedTelegraf> {
  const { endpoint, compression = 'gzip', host = 'node-a', plugins, env } = options;
  const config = `
[global_tags]
"host.name" = "${host}"
[agent]
interval = "200ms"
flush_interval = "200ms"
[[outputs.opentelemetry]]
service_address = "${endpoint}"
compression = "${compression}"
${plugins}`;
  const folder = await temporaryFolder({ 'telegraf.conf': config });
  const telegraf = startProcess(programOf(peers.telegraf), ['--config', 'telegraf.conf'], { cwd: folder.path, env });
  const stop = async () => void (await telegraf.stop('SIGTERM'));
  onTestFinished(() => stop().finally(folder.remove));
  return { logs: telegraf.stderr, stop };
}
