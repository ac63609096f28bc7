import { ExportResultCode } from '@opentelemetry/core';
import type { IExporterTransport } from '@opentelemetry/otlp-exporter-base';
import { loadEncoder } from 'wattline/otlp';
import { messageOf, RejectedError, type Run } from 'wattline/plugin';

/** An exporter that delivers many runs in one request. */
export interface RunsExporter {
  export(runs: readonly Run[]): Promise<void>;
  shutdown(): Promise<void>;
}

/** What a request holds, for who is told of it only the bytes. */
export interface RequestContents {
  readonly runs: number;
  readonly points: number;
}

/** Puts the SDK's OTLP exporter together around a transport, which is handed `timeout` in milliseconds. */
export type CreateExporter = (transport: IExporterTransport, timeout: number) => RunsExporter;

/** Loads the SDK's OTLP exporter; it writes in the given encoding and notes what is in each request that it has written. */
export async function loadSdkExporter(
  encoding: 'proto' | 'json',
  contents: WeakMap<Uint8Array, RequestContents>,
): Promise<CreateExporter> {
  const [{ OTLPMetricExporterBase }, { createOtlpNetworkExportDelegate, ExporterMetrics }, encode] = await Promise.all([
    import('@opentelemetry/exporter-metrics-otlp-http'),
    import('@opentelemetry/otlp-exporter-base'),
    loadEncoder(encoding),
  ]);
  const serializer = {
    // The transport has read the answer.
    deserializeResponse: () => ({}),
    serializeRequest(runs: readonly Run[]) {
      const bytes = write(runs);
      contents.set(bytes, { runs: runs.length, points: countAll(runs) });
      return bytes;
    },
  };
  const write = (runs: readonly Run[]) => {
    try {
      return encode(runs);
    } catch (error) {
      throw new RejectedError(`a run cannot be written as OTLP: ${messageOf(error)}`, { cause: error });
    }
  };
  return (transport, timeout) => {
    const metrics = new ExporterMetrics<readonly Run[]>({
      componentType: 'otlp_http_metric_exporter',
      metricsHelper: { name: 'metric_data_point', countItems: countAll },
      url: undefined,
      meterProvider: undefined,
      responseAttributesFromError: () => ({}),
    });
    // The sending queue limits what is under way, and the transport compresses.
    const concurrencyLimit = Number.POSITIVE_INFINITY;
    const options = { timeoutMillis: timeout, concurrencyLimit, compression: 'none' } as const;
    const delegate = createOtlpNetworkExportDelegate(options, serializer, metrics, transport);
    // It hands on to the delegate whatever it is given, though its type says one run.
    const exporter = new OTLPMetricExporterBase(delegate as never);
    return {
      export: (runs) =>
        new Promise((resolve, reject) => {
          exporter.export(runs as never, ({ code, error }) => {
            if (code === ExportResultCode.SUCCESS) resolve();
            else reject(error ?? new Error('the export failed without a reason'));
          });
        }),
      shutdown: () => exporter.shutdown(),
    };
  };
}

function countAll(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.pointCount, 0);
}
