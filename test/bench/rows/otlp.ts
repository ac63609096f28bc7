import { fileURLToPath } from 'node:url';
import { freePort } from '../../kit/free-port.ts';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { interleave } from '../kit/interleave.ts';
import { otlpBodies, POINTS_A_BODY } from '../kit/otlp-bodies.ts';
import { Client } from '../kit/requests.ts';
import { type Bench, type Row, spreadIn } from '../kit/row.ts';
import { type ServerProcess, startServer } from '../kit/server-process.ts';
import { spreadOfRounds } from '../kit/spread.ts';

const DECODER = fileURLToPath(new URL('../peers/otlp-decoder.cjs', import.meta.url));
const SENDERS = 2;
const BODIES = 100;
/** Requests of a round. */
const REQUESTS = 300;
const LEAST_PERCENT = 60;

interface Taker {
  readonly clients: readonly Client[];
  stop(): Promise<void>;
}

/** OTLP/HTTP protobuf, from two senders at once, beside a server that only decodes the same bodies. */
export const otlp: Bench = {
  name: 'otlp',
  async run({ rounds, wattline, smoke, log }) {
    log(`OTLP in, ${POINTS_A_BODY} points a request`);
    const bodies = otlpBodies(smoke ? 2 : BODIES);
    const requests = smoke ? 4 : REQUESTS;
    const takers: Taker[] = [];
    try {
      for (const start of [
        startDecoder,
        () => startWattline(wattline, []),
        () => startWattline(wattline, ['cost', 'co2']),
      ]) {
        takers.push(await start());
      }
      const candidates = takers.map((taker) => () => pointsASecond(taker, bodies, requests));
      for (const warmUp of candidates) await warmUp();
      const [bare = [], plain = [], costed = []] = await interleave(rounds, candidates);
      const measure = `OTLP/HTTP protobuf in, ${POINTS_A_BODY.toLocaleString('en')} points a request, two senders`;
      const rowOf = (id: string, what: string, times: readonly number[]): Row => ({
        id,
        measure: `${measure}${what}`,
        value: { ...spreadOfRounds(times, bare, (a, b) => (a / b) * 100), unit: '%' },
        parts: { Wattline: spreadIn('points/s', times), decoder: spreadIn('points/s', bare) },
      });
      return [
        { ...rowOf('otlp', '', plain), goal: `≥ ${LEAST_PERCENT} % of a bare decoder`, least: LEAST_PERCENT },
        rowOf('otlp/figures', ', through cost and co2', costed),
      ];
    } finally {
      await Promise.all(takers.map((taker) => taker.stop()));
    }
  },
};

async function startDecoder(): Promise<Taker> {
  const port = await freePort();
  return takerAt(port, await startServer([DECODER, String(port)], /^ready$/m));
}

async function startWattline(wattline: readonly string[], processors: readonly string[]): Promise<Taker> {
  const port = await freePort();
  const folder = await temporaryFolder({
    'wattline.yaml': `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors: { ${processors.map((type) => `${type}: { region: us-east-1 }`)} }
exporters: { debug: { summary: true } }
service: { pipelines: { metrics: { receivers: [http], processors: [${processors}], exporters: [debug] } } }
`,
  });
  try {
    return takerAt(
      port,
      await startServer([...wattline, 'run', '--config', `${folder.path}/wattline.yaml`], /receiving OTLP/),
    );
  } finally {
    await folder.remove();
  }
}

function takerAt(port: number, server: ServerProcess): Taker {
  const clients = Array.from({ length: SENDERS }, () => new Client(`http://127.0.0.1:${port}`));
  return {
    clients,
    async stop() {
      for (const client of clients) client.close();
      await server.stop();
    },
  };
}

async function pointsASecond({ clients }: Taker, bodies: readonly Buffer[], requests: number): Promise<number> {
  let sent = 0;
  const began = performance.now();
  const send = async (client: Client) => {
    while (sent < requests) {
      const body = bodies[sent++ % bodies.length] as Buffer;
      const answer = await client.send('/v1/metrics', { body, contentType: 'application/x-protobuf' });
      // A partial success says what was refused.
      if (answer.body.some(({ length }) => length > 0)) throw new Error('not all points were taken');
    }
  };
  await Promise.all(clients.map(send));
  return (requests * POINTS_A_BODY) / ((performance.now() - began) / 1000);
}
