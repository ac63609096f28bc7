import { collector, crateProgram, goCommand, goFile, goProgram, javaFile, python } from './recipes.ts';

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** All peers, with their versions: what is listed here is built before the suites run, what is long where it is asked for. */
export const peers = {
  collector: collector('0.160.0', {
    receivers: [
      'go.opentelemetry.io/collector/receiver/otlpreceiver',
      `${contrib}/receiver/hostmetricsreceiver`,
      `${contrib}/receiver/prometheusreceiver`,
    ],
    processors: [`${contrib}/processor/resourceprocessor`, `${contrib}/processor/resourcedetectionprocessor`],
    exporters: [
      'go.opentelemetry.io/collector/exporter/otlpexporter',
      'go.opentelemetry.io/collector/exporter/otlphttpexporter',
      'go.opentelemetry.io/collector/exporter/debugexporter',
    ],
  }),
  nodeExporter: goProgram('node_exporter', 'github.com/prometheus/node_exporter', '1.11.1'),
  prometheus: goCommand('prometheus', 'github.com/prometheus/prometheus', '0.314.0', 'cmd/prometheus'),
  go: goFile('go-opentelemetry', '1.47.0', 'send-counters.go', [
    'go.opentelemetry.io/otel/sdk/metric',
    'go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp',
  ]),
  java: javaFile('java-opentelemetry', '1.68.0', 'SendCounters.java', [
    'io.opentelemetry:opentelemetry-sdk-extension-autoconfigure',
    'io.opentelemetry:opentelemetry-exporter-otlp',
  ]),
  python: python('python-opentelemetry', '1.45.0', [
    'opentelemetry-sdk==1.45.0',
    'opentelemetry-exporter-otlp-proto-grpc==1.45.0',
    'opentelemetry-exporter-otlp-proto-http==1.45.0',
    'opentelemetry-instrumentation-system-metrics==0.66b0',
  ]),
  scaphandre: { ...crateProgram('scaphandre', '1.0.0', ['json', 'prometheus']), isLong: true as const },
  telegraf: {
    ...goProgram('telegraf', 'github.com/influxdata/telegraf', '1.37.2', 'cmd/telegraf', [
      'custom',
      'inputs.cpu',
      'inputs.file',
      'processors.unpivot',
      'outputs.http',
      'outputs.opentelemetry',
      'parsers.influx',
      'parsers.prometheus',
      'serializers.prometheusremotewrite',
    ]),
    isLong: true as const,
  },
};
