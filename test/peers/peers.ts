import { collector, goProgram, python } from './recipes.ts';

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** All peers, with their versions: what is listed here is built before the suites run. */
export const peers = {
  collector: collector('0.160.0', {
    receivers: [
      'go.opentelemetry.io/collector/receiver/otlpreceiver',
      `${contrib}/receiver/hostmetricsreceiver`,
      `${contrib}/receiver/prometheusreceiver`,
    ],
    processors: [`${contrib}/processor/resourceprocessor`, `${contrib}/processor/resourcedetectionprocessor`],
    exporters: [
      'go.opentelemetry.io/collector/exporter/otlphttpexporter',
      'go.opentelemetry.io/collector/exporter/debugexporter',
    ],
  }),
  nodeExporter: goProgram('node_exporter', 'github.com/prometheus/node_exporter', '1.11.1'),
  python: python('python-opentelemetry', '1.45.0', [
    'opentelemetry-sdk==1.45.0',
    'opentelemetry-exporter-otlp-proto-http==1.45.0',
  ]),
};
