import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import type { Problem } from '../errors.ts';
import { frameProblems } from './frame.ts';

let folder: TemporaryFolder | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder?.remove();
});

/** The problems at places of a file, as they are printed to a terminal. */
async function framed(text: string, places: readonly [number, number][], more: Partial<Problem> = {}): Promise<string> {
  folder = await temporaryFolder({ 'a.yaml': text });
  const file = `${folder.path}/a.yaml`;
  const problems = places.map(([line, column]): Problem => {
    const at = { file, line, column };
    return { code: 'CONFIG_UNKNOWN_KEY', at, path: 'a', message: 'wrong', remedy: 'right', ...more };
  });
  const { getColorDepth } = WriteStream.prototype;
  const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
  return frameProblems(problems, terminal as unknown as NodeJS.WriteStream).replaceAll(file, 'a.yaml');
}

const plain = async (...args: Parameters<typeof framed>) => stripVTControlCharacters(await framed(...args)).split('\n');
const said = (line: number, column: number) => `a.yaml:${line}:${column} a: wrong; right [CONFIG_UNKNOWN_KEY]`;

it('shows the line, those around it, and a mark under the column', async () => {
  const text = Array.from({ length: 12 }, (_, index) => `key${index + 1}: x`).join('\n');
  const places: [number, number][] = [
    [1, 1],
    [9, 7],
    [12, 2],
  ];
  expect(await plain(text, places)).toEqual([
    said(1, 1),
    '> 1 | key1: x',
    '    | ^',
    '  2 | key2: x',
    '',
    said(9, 7),
    '   8 | key8: x',
    '>  9 | key9: x',
    '     |       ^',
    '  10 | key10: x',
    '',
    said(12, 2),
    '  11 | key11: x',
    '> 12 | key12: x',
    '     |  ^',
    '',
  ]);
});

it('shows tabs, and of a long line the part in question', async () => {
  expect(await plain('\t\ta: 1\r\n', [[1, 2]])).toEqual([said(1, 2), '> 1 | →→a: 1', '    |  ^', '  2 |', '']);
  const [, row = '', mark = ''] = await plain(`${'x'.repeat(500)}HERE${'y'.repeat(500)}`, [[1, 501]]);
  expect(row.length).toBeLessThan(120);
  expect(row.slice(mark.indexOf('^'), mark.indexOf('^') + 4)).toBe('HERE');
});

it('has no frame where there is no such line, or something to hide', async () => {
  expect(await plain('a: hush', [[1, 4]], { isSecret: true })).toEqual([said(1, 4), '']);
  expect(await plain('a: 1', [[7, 1]])).toEqual([said(7, 1), '']);
  const option = { at: { file: '--set a', line: 0, column: 0 } };
  expect(await plain('a: 1', [[1, 1]], option)).toEqual(['--set a a: wrong; right [CONFIG_UNKNOWN_KEY]', '']);
  const missing = { at: { file: '/none/a.yaml', line: 1, column: 1 } };
  expect(await plain('a: 1', [[1, 1]], missing)).toHaveLength(2);
});

it('shows dots for the values of what is not valid YAML', async () => {
  const text = 'token: "hush\n- ${env:TOKEN} x\na b: {c: d}\n';
  const shown = await plain(text, [[2, 1]], { code: 'CONFIG_SYNTAX' });
  expect(shown.slice(1, 5)).toEqual(['  1 | token: "••••', '> 2 | - ${env:TOKEN} •', '    | ^', '  3 | • •: {•: •}']);
});

it('is in colour, unless that is not wanted', async () => {
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('NODE_DISABLE_COLORS', undefined);
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm-256color');
  expect(await framed('a: 1', [[1, 1]])).toContain('\u001b[31m');
  await folder?.remove();
  vi.stubEnv('NO_COLOR', '1');
  expect(await framed('a: 1', [[1, 1]])).not.toContain('\u001b[');
});
