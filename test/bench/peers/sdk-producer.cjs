/** The exporter of the OpenTelemetry SDK over a MetricProducer that holds the figures. <results file> <port> */
const { createServer } = require('node:http');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { DataPointType } = require('@opentelemetry/sdk-metrics');
const { emptyResource } = require('@opentelemetry/resources');
const { names, readFigures } = require('./figures.cjs');

const [path, port] = process.argv.slice(2);
const runs = readFigures(path);
const metrics = names.map((name, place) => ({
  descriptor: { name, description: 'A figure of a run', unit: '', valueType: 1 },
  dataPointType: DataPointType.GAUGE,
  aggregationTemporality: 1,
  dataPoints: runs.map(({ labels, ended, values }) => {
    const time = [Math.floor(ended / 1000), 0];
    return { attributes: labels, startTime: time, endTime: time, value: values[place] };
  }),
}));
const scopeMetrics = [{ scope: { name: 'peer' }, metrics }];
const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true });
exporter.setMetricProducer({
  collect: async () => ({ resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] }),
});
createServer((request, response) => exporter.getMetricsRequestHandler(request, response)).listen(
  Number(port),
  '127.0.0.1',
  () => console.log('ready'),
);
