import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { twoRuns } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';
import { describeWithPrograms, runProgram } from './programs.ts';

const folder = join(projectRoot, 'deploy/systemd');
const unit = await readFile(join(folder, 'wattline.service'), 'utf8');
const dropIn = await readFile(join(folder, 'wattline.service.d/credentials.conf'), 'utf8');

/** The values of a key of a unit file, in order. */
const valuesOf = (text: string, key: string) =>
  text.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));

/** The unit with this machine's Node.js, so that its command exists here. */
async function withOwnNode() {
  const text = unit.replaceAll('/usr/bin/node', process.execPath);
  return temporaryFolder({ 'wattline.service': text, 'wattline.service.d/credentials.conf': dropIn });
}

describe('the systemd unit', () => {
  it('runs what the package brings, with a configuration that is valid', async () => {
    const [command] = valuesOf(unit, 'ExecStart');
    const [node, option, cli, ...args] = (command as string).split(' ');
    expect([node, option]).toEqual(['/usr/bin/node', '--max-semi-space-size=8']);
    const { bin } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
    expect(cli).toBe(`/opt/wattline/node_modules/wattline/${bin.wattline}`);
    expect(args).toEqual(['run', '--config', '/etc/wattline/wattline.yaml']);
    const { code, stderr } = await runWattline(['validate', '--config', join(folder, 'wattline.yaml')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(valuesOf(unit, 'StateDirectory')).toEqual(['wattline']);
  });

  it('is confined', () => {
    for (const line of ['DynamicUser=yes', 'ProtectSystem=strict', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=']) {
      expect(unit.split('\n')).toContain(line);
    }
    // V8 could not start with it.
    expect(valuesOf(unit, 'MemoryDenyWriteExecute')).toEqual([]);
  });

  it('hands a credential to the configuration alone, by the drop-in', async () => {
    const headers: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers.authorization);
      request.resume().on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const files = await temporaryFolder({
      'credentials/victoriametrics-token': 'a token\n',
      'test_results_1.json': JSON.stringify(twoRuns),
      'wattline.yaml': `
receivers: { file: { include: [./test_results_*.json] } }
exporters:
  victoriametrics:
    endpoint: http://127.0.0.1:${port}
    headers: { Authorization: "Bearer \${env:VICTORIAMETRICS_TOKEN}" }
service: { pipelines: { metrics: { receivers: [file], exporters: [victoriametrics] } } }
`,
    });
    const [, command = ''] = /^\/bin\/sh -euc '(.*)'$/.exec(valuesOf(dropIn, 'ExecStart').at(-1) as string) ?? [];
    const script = command
      .replaceAll('$$', '$')
      .replace('/usr/bin/node', process.execPath)
      .replace('/opt/wattline/node_modules/wattline/dist/src/cli.js', join(projectRoot, 'src/cli.ts'))
      .replace('/etc/wattline/wattline.yaml', join(files.path, 'wattline.yaml'));
    const env = { CREDENTIALS_DIRECTORY: join(files.path, 'credentials') };
    const wattline = startProcess('/bin/sh', ['-euc', script], { cwd: files.path, env });
    try {
      await expect.poll(() => headers, { timeout: 15_000 }).toContain('Bearer a token');
      expect(new Set(headers)).toEqual(new Set(['Bearer a token']));
      expect(await wattline.stop('SIGTERM')).toBe(0);
    } finally {
      await wattline.stop('SIGKILL');
      server.closeAllConnections();
      server.close();
      await files.remove();
    }
  });
});

describeWithPrograms('systemd', ['systemd-analyze'], () => {
  it('verifies the unit with its drop-in', async () => {
    const units = await withOwnNode();
    const { code, stdout, stderr } = await runProgram('systemd-analyze', [
      'verify',
      join(units.path, 'wattline.service'),
    ]);
    await units.remove();
    expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
  });

  it('would not verify a misspelt key', async () => {
    const units = await withOwnNode();
    const file = join(units.path, 'wattline.service');
    await writeFile(file, (await readFile(file, 'utf8')).replace('ProtectHome=', 'ProtectHouse='));
    const { stdout, stderr } = await runProgram('systemd-analyze', ['verify', file]);
    await units.remove();
    expect(stdout + stderr).toContain('ProtectHouse');
  });

  it('rates its exposure 1.0 of 10 or less', async () => {
    const units = await withOwnNode();
    const args = ['security', '--offline=true', '--threshold=10', join(units.path, 'wattline.service')];
    const { code, stdout } = await runProgram('systemd-analyze', args);
    await units.remove();
    expect(stdout).toMatch(/Overall exposure level for wattline\.service: [01]\.\d/);
    expect(code, stdout.split('\n').at(-2)).toBe(0);
  });
});
