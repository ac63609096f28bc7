import { freePort } from '../../kit/free-port.ts';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { GrpcClient } from '../kit/grpc-client.ts';
import { interleave } from '../kit/interleave.ts';
import { otlpBodies, POINTS_A_BODY } from '../kit/otlp-bodies.ts';
import { cpuSecondsOf, knowsUsage } from '../kit/process-usage.ts';
import { Client } from '../kit/requests.ts';
import { type Bench, spreadIn } from '../kit/row.ts';
import { startServer } from '../kit/server-process.ts';
import { spreadOfRounds } from '../kit/spread.ts';

const SENDERS = 2;
const BODIES = 100;
/** Requests of a round: CPU time is told in hundredths of a second. */
const REQUESTS = 1500;
const LEAST_PERCENT = 80;

/** OTLP over gRPC, beside the same requests over HTTP to the same process. */
export const grpc: Bench = {
  name: 'grpc',
  async run({ rounds, wattline, smoke, log }) {
    if (!knowsUsage) {
      log('OTLP over gRPC: this system does not tell what a process uses');
      return [];
    }
    log(`OTLP in over gRPC, ${POINTS_A_BODY} points a request`);
    const bodies = otlpBodies(smoke ? 2 : BODIES);
    const requests = smoke ? 4 : REQUESTS;
    const [grpcPort, httpPort] = [await freePort(), await freePort()];
    const folder = await temporaryFolder({
      'wattline.yaml': `
receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpcPort}" }, http: { endpoint: "127.0.0.1:${httpPort}" } } } }
exporters: { debug: { summary: true } }
service: { pipelines: { metrics: { receivers: [otlp], exporters: [debug] } } }
`,
    });
    const args = [...wattline, 'run', '--config', `${folder.path}/wattline.yaml`];
    const server = await startServer(args, /receiving OTLP at grpc/);
    const senders = Array.from({ length: SENDERS }, () => new GrpcClient(`127.0.0.1:${grpcPort}`));
    const posters = Array.from({ length: SENDERS }, () => new Client(`http://127.0.0.1:${httpPort}`));
    const post = async (client: Client, body: Buffer) => {
      const answer = await client.send('/v1/metrics', { body, contentType: 'application/x-protobuf' });
      if (answer.body.some(({ length }) => length > 0)) throw new Error('not all points were taken');
    };
    /** Sends all requests, by as many clients at once; returns the points that one CPU second of the process takes. */
    const measure = async <C>(clients: readonly C[], send: (client: C, body: Buffer) => Promise<void>) => {
      let sent = 0;
      const before = cpuSecondsOf(server.pid);
      await Promise.all(
        clients.map(async (client) => {
          while (sent < requests) await send(client, bodies[sent++ % bodies.length] as Buffer);
        }),
      );
      // A smoke test may take less than can be told.
      return (requests * POINTS_A_BODY) / Math.max(0.01, cpuSecondsOf(server.pid) - before);
    };
    try {
      const candidates = [() => measure(senders, (client, body) => client.send(body)), () => measure(posters, post)];
      for (const warmUp of candidates) await warmUp();
      const [byGrpc = [], byHttp = []] = await interleave(rounds, candidates);
      return [
        {
          id: 'grpc',
          measure: `OTLP over gRPC in, ${POINTS_A_BODY.toLocaleString('en')} points a request, two senders`,
          goal: `≥ ${LEAST_PERCENT} % of the points a CPU second of HTTP`,
          value: { ...spreadOfRounds(byGrpc, byHttp, (a, b) => (a / b) * 100), unit: '%' },
          least: LEAST_PERCENT,
          parts: { gRPC: spreadIn('points/CPU s', byGrpc), HTTP: spreadIn('points/CPU s', byHttp) },
        },
      ];
    } finally {
      for (const client of [...senders, ...posters]) client.close();
      await server.stop();
      await folder.remove();
    }
  },
};
