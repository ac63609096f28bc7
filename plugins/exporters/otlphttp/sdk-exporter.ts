import type { IExporterTransport } from '@opentelemetry/otlp-exporter-base';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { type Batch, countPoints, messageOf, RejectedError } from 'wattline/plugin';
import type { PartialSuccess } from './server-answer.ts';

/** The parts of the SDK that make an OTLP metric exporter of one encoding. */
export interface SdkParts {
  /** Puts an exporter together around a transport, which is handed `timeout` in milliseconds. */
  createExporter(transport: IExporterTransport, timeout: number): PushMetricExporter;
  readPartialSuccess(body: Uint8Array): PartialSuccess | undefined;
}

/** Loads the SDK's OTLP exporter with the serializer of the given encoding. */
export async function loadSdkParts(encoding: 'proto' | 'json'): Promise<SdkParts> {
  const [{ OTLPMetricExporterBase }, { createOtlpNetworkExportDelegate, ExporterMetrics }, transformer] =
    await Promise.all([
      import('@opentelemetry/exporter-metrics-otlp-http'),
      import('@opentelemetry/otlp-exporter-base'),
      import('@opentelemetry/otlp-transformer'),
    ]);
  const serializer = encoding === 'proto' ? transformer.ProtobufMetricsSerializer : transformer.JsonMetricsSerializer;
  const careful = {
    deserializeResponse: serializer.deserializeResponse,
    serializeRequest(batch: Parameters<typeof serializer.serializeRequest>[0]) {
      try {
        return serializer.serializeRequest(batch);
      } catch (error) {
        throw new RejectedError(`a run cannot be written as OTLP: ${messageOf(error)}`, { cause: error });
      }
    },
  };
  return {
    readPartialSuccess: (body) => serializer.deserializeResponse(body).partialSuccess,
    createExporter(transport, timeout) {
      const metrics = new ExporterMetrics<Batch>({
        componentType: 'otlp_http_metric_exporter',
        metricsHelper: { name: 'metric_data_point', countItems: countPoints },
        url: undefined,
        meterProvider: undefined,
        responseAttributesFromError: () => ({}),
      });
      // The sending queue limits what is under way, and the transport compresses.
      const concurrencyLimit = Number.POSITIVE_INFINITY;
      const options = { timeoutMillis: timeout, concurrencyLimit, compression: 'none' } as const;
      return new OTLPMetricExporterBase(createOtlpNetworkExportDelegate(options, careful, metrics, transport));
    },
  };
}
