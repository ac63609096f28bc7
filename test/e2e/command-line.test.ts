import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/commands/schema.ts';
import { runWattline } from '../kit/wattline-process.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

describe('the command line', () => {
  it('gives a slow reader everything', async () => {
    const slow = `'${process.execPath}' '${CLI}' schema | { sleep 2; cat; }`;
    const { stdout } = await run('sh', ['-c', slow], { maxBuffer: 2 ** 24 });
    expect(stdout).toBe(await schema());
  });

  it('ends when its reader has seen enough', async () => {
    const { stdout, stderr } = await run('sh', ['-c', `'${process.execPath}' '${CLI}' schema | head -n 1`]);
    expect([stdout, stderr]).toEqual(['{\n', '']);
  });

  it('tells an older Node.js apart before it loads anything else', async () => {
    const versions = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } })';
    const older = `data:text/javascript,${encodeURIComponent(`${versions}; delete process.getBuiltinModule;`)}`;
    const { code, stderr } = await runWattline(['--version'], { env: { NODE_OPTIONS: `--import=${older}` } });
    const message = 'Wattline needs Node.js 22.22 or newer, and this is 20.19.0 [START_FAILED]\n';
    expect({ code, stderr }).toEqual({ code: 1, stderr: message });
  });

  it('takes a dataset by the name that it had before, and warns of it', async () => {
    const { code, stdout, stderr } = await runWattline(['regions', '--json', '--dataset', 'seed']);
    expect([code, stderr]).toEqual([0, 'warning: --dataset: `seed` is deprecated; write `builtin`\n']);
    expect(stdout).toBe((await runWattline(['regions', '--json'])).stdout);
    expect(stdout).not.toMatch(/seed/i);
  });

  it('ranks regions by the intensities of one data set, and refuses one that mixes several', async () => {
    const { code, stdout, stderr } = await runWattline(['regions', '--sort', 'intensity', '--dataset', 'seed']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error: --sort intensity ranks one data set, and builtin has numbers of several;');
    const ranked = await runWattline(['regions', '--sort', 'intensity', '--json']);
    expect(ranked.stdout).not.toContain('"intensity/eu-north-1/builtin"');
  });

  it('names the help of a command whose options are wrong', async () => {
    const { code, stderr } = await runWattline(['init', '--for', 'nothing'], {});
    expect(code).toBe(1);
    expect(stderr).toContain('(wattline init --help lists the options)');
  });
});
