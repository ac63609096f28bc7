import { type WriteMessage, writeVersions } from '../../../src/prometheus/index.ts';
import { freePort } from '../../kit/free-port.ts';
import { first, second } from '../../kit/remote-write.ts';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { interleave } from '../kit/interleave.ts';
import { cpuSecondsOf, knowsUsage } from '../kit/process-usage.ts';
import { Client } from '../kit/requests.ts';
import { type Bench, type Row, spreadIn } from '../kit/row.ts';
import { startServer } from '../kit/server-process.ts';
import { SAMPLES_A_BODY, writeBodies } from '../kit/write-bodies.ts';

const SENDERS = 2;
const BODIES = 50;
/** Requests of a round: CPU time is told in hundredths of a second. */
const REQUESTS = 400;
const LEAST = 500_000;
/** Hosts of 100 series: as many as a rack, and as a hall. */
const [FEW, MANY] = [50, 1000];

/** Remote write of both versions to `debug`, and once more of so many series that not all are kept. */
export const remoteWrite: Bench = {
  name: 'remote-write',
  async run({ rounds, wattline, smoke, log }) {
    if (!knowsUsage) {
      log('remote write: this system does not tell what a process uses');
      return [];
    }
    log(`remote write in, ${SAMPLES_A_BODY} samples a request`);
    const requests = smoke ? 4 : REQUESTS;
    const port = await freePort();
    const folder = await temporaryFolder({
      'wattline.yaml': `
receivers: { prometheusremotewrite: { endpoint: "127.0.0.1:${port}" } }
exporters: { debug: { summary: true } }
service: { pipelines: { metrics: { receivers: [prometheusremotewrite], exporters: [debug] } } }
`,
    });
    const args = [...wattline, 'run', '--config', `${folder.path}/wattline.yaml`];
    const server = await startServer(args, /receiving remote write at/);
    const clients = Array.from({ length: SENDERS }, () => new Client(`http://127.0.0.1:${port}`));
    /** Sends all requests; returns the samples that one CPU second of the process takes. */
    const measure = async (message: WriteMessage, bodies: readonly Buffer[]) => {
      let sent = 0;
      const headers = {
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': writeVersions[message].header,
      };
      const { contentType } = writeVersions[message];
      const before = cpuSecondsOf(server.pid);
      await Promise.all(
        clients.map(async (client) => {
          while (sent < requests) {
            const body = bodies[sent++ % bodies.length] as Buffer;
            await client.send('/api/v1/write', { body, contentType, headers });
          }
        }),
      );
      // A smoke test may take less than can be told.
      return (requests * SAMPLES_A_BODY) / Math.max(0.01, cpuSecondsOf(server.pid) - before);
    };
    const kinds: readonly (readonly [WriteMessage, number])[] = [
      [first, FEW],
      [second, FEW],
      [first, MANY],
    ];
    try {
      const candidates = kinds.map(([message, hosts]) => {
        const bodies = writeBodies(message, smoke ? 2 : BODIES, smoke ? 20 : hosts);
        return () => measure(message, bodies);
      });
      for (const warmUp of candidates) await warmUp();
      const results = await interleave(rounds, candidates);
      return kinds.map(([message, hosts], index): Row => {
        const version = message === first ? '1.0' : '2.0';
        const value = spreadIn('points/CPU s', results[index] ?? []);
        const measure = `remote write ${version} in, ${SAMPLES_A_BODY.toLocaleString('en')} samples a request, of ${hosts * 100} series`;
        if (hosts === MANY) return { id: 'remote-write/many', measure, value };
        return { id: `remote-write/${version}`, measure, value, goal: '≥ 500,000 samples a CPU second', least: LEAST };
      });
    } finally {
      for (const client of clients) client.close();
      await server.stop();
      await folder.remove();
    }
  },
};
