import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { protobufEncoding } from 'wattline/otlp';
import type { Sample } from '../kit/exposition.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';

/** What figures are pushed to: the last point of every series that came. */
export interface Backend {
  readonly url: string;
  samples(): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

/** Starts a VictoriaMetrics on loopback. */
export async function startStore(): Promise<Backend> {
  const { url, stop } = await startVictoriaMetrics(['-retentionPeriod=100y']);
  return {
    url,
    stop,
    async samples() {
      await fetch(`${url}/internal/force_flush`);
      const end = String(Date.now() / 1000 + 60);
      const query = new URLSearchParams({ 'match[]': '{__name__!=""}', start: '0', end });
      const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const { metric, values } = JSON.parse(line);
        return { name: metric.__name__, labels: metric, value: values.at(-1) };
      });
    },
  };
}

/** Starts a server on loopback that takes OTLP in protobuf. */
export async function startOtlpBackend(): Promise<Backend> {
  const latest = new Map<string, Sample>();
  const { decodeRequest } = protobufEncoding();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const resources = decodeRequest(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    for (const { scopeMetrics } of resources) {
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { attributes, value } of dataPoints) {
          const sample = { name: descriptor.name, labels: attributes as Record<string, string>, value: Number(value) };
          latest.set(JSON.stringify([sample.name, Object.entries(attributes).sort()]), sample);
        }
      }
    }
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    samples: async () => [...latest.values()],
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
