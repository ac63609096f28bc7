import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { errorOf, type QueuedExporter } from 'wattline/plugin';

type Send = QueuedExporter['send'];

/** Resolves with what hands lists of runs to the SDK's OTLP exporter, which hands them on to `deliver`. */
export async function loadSdkExporter(deliver: Send): Promise<Send> {
  const { OTLPMetricExporterBase } = await import('@opentelemetry/exporter-metrics-otlp-http');
  const exporter = new OTLPMetricExporterBase({
    export({ request, taken }: Handed, done: (result: ExportResult) => void) {
      request().then(
        (outcome) => {
          taken(outcome);
          done({ code: ExportResultCode.SUCCESS });
        },
        (error: unknown) => done({ code: ExportResultCode.FAILED, error: errorOf(error) }),
      );
    },
    async forceFlush() {},
    async shutdown() {},
    // It hands on whatever it is given, though its type says one run.
  } as never);
  return (runs, signal) =>
    new Promise((taken, reject) => {
      const handed: Handed = { request: () => deliver(runs, signal), taken };
      exporter.export(handed as never, ({ error }) => error && reject(error));
    });
}

interface Handed {
  readonly request: () => ReturnType<Send>;
  readonly taken: (outcome: Awaited<ReturnType<Send>>) => void;
}
