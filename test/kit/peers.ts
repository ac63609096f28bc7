import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess } from './child-process.ts';
import { freePort } from './free-port.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** The programs that suites need, each with the package that has it. */
const packages = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'victoria-metrics': 'victoria-metrics',
  ffmpeg: 'ffmpeg',
  chromium: 'chromium',
  openssl: 'openssl',
  script: 'bsdutils',
  faketime: 'faketime',
  ip: 'iproute2',
  'mkfs.ext4': 'e2fsprogs',
} as const;

/** Programs of no package of Debian, which `test/deploy/install-programs.sh` installs. */
const others = { 'ffmpeg-libvmaf': "PyPI's imageio-ffmpeg, by test/deploy/install-programs.sh" } as const;

export type PeerProgram = keyof typeof packages | keyof typeof others;

/** A server that runs for a test, reached at `url` without a slash at its end. */
export interface Peer {
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * A suite that needs other programs, and what `lacking` says that this machine does not allow. Where something is missing it
 * is skipped, and its title says why; where the environment variable WATTLINE_REQUIRE_PEERS is set it fails instead.
 */
export function describeWithPeers(
  title: string,
  programs: readonly PeerProgram[],
  suite: () => void,
  lacking: readonly string[] = [],
): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const absent = missing.map((program) => `${program} is not on the PATH (${packageOf(program)})`);
  const reasons = [...absent, ...lacking];
  if (reasons.length && process.env.WATTLINE_REQUIRE_PEERS) {
    describe(title, () => {
      it('finds what it needs, since WATTLINE_REQUIRE_PEERS is set', () => expect(reasons).toEqual([]));
    });
    return;
  }
  const reason = reasons.length ? ` [skipped: ${reasons.join(', ')}]` : '';
  describe.skipIf(reasons.length > 0)(`${title}${reason}`, suite);
}

/** The path of a program on the PATH, or undefined. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

function packageOf(program: PeerProgram): string {
  return program in others
    ? others[program as keyof typeof others]
    : `Debian package ${packages[program as keyof typeof packages]}`;
}

/** Starts VictoriaMetrics on loopback with the given flags, such as `-retentionPeriod=100y`. */
export async function startVictoriaMetrics(flags: readonly string[] = [], port?: number): Promise<Peer> {
  return startPeer('victoria-metrics', '/health', port, async (folder, chosen) => [
    `-storageDataPath=${join(folder.path, 'data')}`,
    `-httpListenAddr=127.0.0.1:${chosen}`,
    ...flags,
  ]);
}

/** Starts Prometheus on loopback with the given configuration (YAML text) and flags. */
export async function startPrometheus(config: string, port?: number, flags: readonly string[] = []): Promise<Peer> {
  return startPeer('prometheus', '/-/ready', port, async (folder, chosen) => {
    await folder.write({ 'prometheus.yml': config });
    return [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${chosen}`,
      ...flags,
    ];
  });
}

async function startPeer(
  program: PeerProgram,
  readyPath: string,
  port: number | undefined,
  argumentsFor: (folder: TemporaryFolder, port: number) => Promise<string[]>,
): Promise<Peer> {
  const file = findProgram(program);
  if (!file) throw new Error(`${program} is not on the PATH; install ${packageOf(program)}`);
  const chosen = port ?? (await freePort());
  const folder = await temporaryFolder();
  const child = startProcess(file, await argumentsFor(folder, chosen), { cwd: folder.path });
  const url = `http://127.0.0.1:${chosen}`;
  const stop = async () => {
    await child.stop('SIGTERM');
    await folder.remove();
  };
  try {
    await child.waitFor(`${url}${readyPath}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
