/** A server that decodes what is posted to it as OTLP with protobufjs, counts points, and does no more. <port> */
const { createServer } = require('node:http');
const protobuf = require('protobufjs/light.js');
const schema = require('./otlp-schema.cjs');

const type = protobuf.Root.fromJSON(schema).lookupType('ExportMetricsServiceRequest');

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { resourceMetrics } = type.decode(Buffer.concat(chunks));
    let points = 0;
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { metrics } of scopeMetrics) for (const { gauge } of metrics) points += gauge.dataPoints.length;
    }
    response.statusCode = points > 0 ? 200 : 400;
    response.setHeader('content-type', 'application/x-protobuf');
    response.end();
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
