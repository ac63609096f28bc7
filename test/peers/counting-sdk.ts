import { startProcess } from '../kit/child-process.ts';
import { programOf, type Recipe } from './cache.ts';

/** Runs a program that sends counters with an SDK, of the given resource, until it ends by itself; returns what it printed. */
export async function sendCounters(
  sdk: Recipe,
  { address, protocol = 'http/protobuf' }: { readonly address: string; readonly protocol?: string },
  attributes: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string> {
  const resource = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  const child = startProcess(programOf(sdk), args, {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_RESOURCE_ATTRIBUTES: resource.join(','),
    },
  });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${sdk.name} ended with ${code}: ${child.stderr()}`);
  return child.stdout();
}
