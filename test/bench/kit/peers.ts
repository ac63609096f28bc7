import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inputFolder } from './inputs.ts';
import { type Kept, type PageServer, startByHand, startPeerPage } from './page-server.ts';

/** What peers need, as performance was compared with; none of it is a dependency of the project. */
const PACKAGES = [
  'prom-client@15.1.3',
  '@opentelemetry/sdk-metrics@3.1.1',
  '@opentelemetry/exporter-prometheus@0.301.0',
  '@opentelemetry/resources@3.1.1',
  '@grnsft/if@1.1.0',
];

/** Where the packages of peers are installed. */
export interface PeerPackages {
  readonly modules: string;
}

const BY_HAND: Readonly<Record<string, Kept>> = { 'Node by hand': 'all' };
const SCRIPTS: Readonly<Record<string, string>> = {
  'SDK producer': 'sdk-producer.cjs',
  'SDK gauges': 'sdk-gauges.cjs',
  'prom-client': 'prom-client.cjs',
};

/** Installs the packages of peers outside of the project, where they are not there yet; undefined, and said, where that fails. */
export async function installPeers(log: (line: string) => void): Promise<PeerPackages | undefined> {
  const folder = join(inputFolder, 'peers');
  const modules = join(folder, 'node_modules');
  await mkdir(folder, { recursive: true });
  try {
    await access(join(modules, '.package-lock.json'));
  } catch {
    log(`installing peers into ${folder}`);
    try {
      await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', ...PACKAGES]);
    } catch (error) {
      log(`peers are left out, since npm cannot install them: ${String(error).split('\n')[0]}`);
      return undefined;
    }
  }
  return { modules };
}

/** Ways to start each peer on a results file. None where there are no packages. */
export function peerPages(packages: PeerPackages | undefined): Map<string, (path: string) => Promise<PageServer>> {
  if (!packages) return new Map();
  const env = { NODE_PATH: packages.modules };
  return new Map([
    ...Object.entries(BY_HAND).map(([name, kept]) => [name, (path: string) => startByHand(path, kept)] as const),
    ...Object.entries(SCRIPTS).map(
      ([name, script]) => [name, (path: string) => startPeerPage(script, path, [], env)] as const,
    ),
  ]);
}
