/** The exporter of the OpenTelemetry SDK over observable gauges, their limit of series raised. <results file> <port> */
const { createServer } = require('node:http');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
const { names, readFigures } = require('./figures.cjs');

const [path, port] = process.argv.slice(2);
const runs = readFigures(path);
const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true });
const views = [{ instrumentName: '*', aggregationCardinalityLimit: runs.length + 1 }];
const meter = new MeterProvider({ readers: [exporter], views }).getMeter('peer');
for (const [place, name] of names.entries()) {
  const gauge = meter.createObservableGauge(name, { description: 'A figure of a run' });
  gauge.addCallback((result) => {
    for (const { labels, values } of runs) result.observe(values[place], labels);
  });
}
createServer((request, response) => exporter.getMetricsRequestHandler(request, response)).listen(
  Number(port),
  '127.0.0.1',
  () => console.log('ready'),
);
