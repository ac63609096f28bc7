import { fileURLToPath } from 'node:url';
import { freePort } from '../../kit/free-port.ts';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { Client } from './requests.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** A server of /metrics with the figures of the runs of a results file. */
export interface PageServer extends ServerProcess {
  readonly client: Client;
}

/** What a server written by hand keeps between scrapes: nothing but figures, the text of labels, or all of its text. */
export type Kept = 'all' | 'labels' | 'text';

export interface PageOptions {
  /** The arguments of Node that run Wattline's command line. */
  readonly wattline: readonly string[];
  readonly path: string;
  /** Whether runs are taken at /v1/results too. */
  readonly takesRuns?: boolean;
}

/** Starts Wattline, and resolves once it has read the file. */
export async function startWattlinePage({ wattline, path, takesRuns = false }: PageOptions): Promise<PageServer> {
  const port = await freePort();
  const receivers = takesRuns ? ['file', 'http'] : ['file'];
  const folder = await temporaryFolder({
    'wattline.yaml': `
receivers:
  file: { include: ["${path}"] }${takesRuns ? `\n  http: { endpoint: 127.0.0.1:${port} }` : ''}
processors: { predictor: , cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
service:
  pipelines:
    metrics: { receivers: [${receivers}], processors: [predictor, cost, co2], exporters: [prometheus] }
`,
  });
  try {
    const args = [...wattline, 'run', '--config', `${folder.path}/wattline.yaml`];
    return pageOf(port, await startServer(args, /read \d+ runs from/));
  } finally {
    await folder.remove();
  }
}

/** Starts a server that is written by hand. */
export function startByHand(path: string, kept: Kept): Promise<PageServer> {
  return startPeerPage('by-hand.cjs', path, [kept]);
}

/** Starts a script of `peers/` that says when it is ready. */
export async function startPeerPage(
  script: string,
  path: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<PageServer> {
  const port = await freePort();
  const file = fileURLToPath(new URL(`../peers/${script}`, import.meta.url));
  return pageOf(port, await startServer([file, path, String(port), ...args], /^ready$/m, env));
}

function pageOf(port: number, server: ServerProcess): PageServer {
  const client = new Client(`http://127.0.0.1:${port}`);
  return {
    ...server,
    client,
    async stop() {
      client.close();
      await server.stop();
    },
  };
}
