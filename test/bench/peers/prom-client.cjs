/** Gauges of prom-client. <results file> <port> */
const { createServer } = require('node:http');
const { Gauge, Registry } = require('prom-client');
const { names, readFigures } = require('./figures.cjs');

const [path, port] = process.argv.slice(2);
const runs = readFigures(path);
const registry = new Registry();
for (const [place, name] of names.entries()) {
  const labelNames = Object.keys(runs[0].labels);
  const gauge = new Gauge({ name, help: 'A figure of a run', labelNames, registers: [registry] });
  for (const { labels, values } of runs) gauge.set(labels, values[place]);
}
createServer(async (_, response) => {
  response.setHeader('content-type', registry.contentType);
  response.end(await registry.metrics());
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
