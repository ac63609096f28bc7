import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeers } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { terminalPrograms, typeInTerminal } from '../kit/terminal.ts';
import { runWattline } from '../kit/wattline-process.ts';

/** An exporter that takes its time for each run, so that reading takes longer than a moment. */
const slow = `import { setTimeout } from 'node:timers/promises';
import { allTaken, definePlugin, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'exporter', type: 'slow', stability: 'development', configSchema: z.strictObject({}),
  create: ({ stdout, logger }) => {
    let taken = 0;
    return {
      async consume(runs) {
        await setTimeout(100);
        for (const run of runs) {
          if (++taken % 1000) continue;
          logger.info(\`log \${taken}\`);
          stdout.write(\`print \${taken}\\n\`);
        }
        return allTaken;
      },
    };
  },
});
`;
const config = `
plugins: [./slow.js]
receivers: { file: { include: [./test_results_*.json] } }
exporters: { slow: }
service: { pipelines: { metrics: { receivers: [file], exporters: [slow] } } }
`;
const RUNS = 3000;
const args = ['run', '--once', '--config', 'wattline.yaml'];
let folder: TemporaryFolder;

beforeAll(async () => {
  const run = (index: number) =>
    `${JSON.stringify({ name: `run ${index}`, end_time: 1000, note: 'x'.repeat(1000) })}\n`;
  const results = Array.from({ length: RUNS }, (_, index) => run(index)).join('');
  folder = await temporaryFolder({
    ...{ 'wattline.yaml': config, 'slow.js': slow, 'package.json': '{"type":"module"}' },
    'test_results_a.json': results,
  });
});
afterAll(() => folder.remove());

describe('run --once', () => {
  it('shows no progress where there is no terminal', async () => {
    const { code, stdout, stderr } = await runWattline(args, { cwd: folder.path });
    expect([code, stdout]).toEqual([0, 'print 1000\nprint 2000\nprint 3000\n']);
    expect(stderr).toContain(`read ${RUNS} runs`);
    expect(stderr).not.toContain('MB/s');
  });

  describeWithPeers('in a terminal', terminalPrograms, () => {
    it('shows how far it has come below what is printed and logged, and takes it away', async () => {
      const terminal = typeInTerminal(args, { cwd: folder.path });
      expect(await terminal.exited).toBe(0);
      const shown = shownBy(terminal.output());
      const percents = [
        ...stripVTControlCharacters(terminal.output()).matchAll(/(\d+) % {2}[\d.]+ of 3\.\d MB {2}[\d.]+ MB\/s/g),
      ];
      expect(percents.length).toBeGreaterThan(2);
      expect(percents.map(([, percent]) => Number(percent)).every((percent) => percent >= 0 && percent <= 100)).toBe(
        true,
      );
      expect(shown.filter((line) => line.startsWith('print'))).toEqual(['print 1000', 'print 2000', 'print 3000']);
      expect(shown.filter((line) => /log \d000$/.test(line))).toHaveLength(3);
      expect(shown.join('\n')).not.toContain('MB/s');
      expect(shown.filter((line) => line.includes(`read ${RUNS} runs`))).toHaveLength(1);
    });
  });
});

/** What stands on a terminal in the end: the few sequences that a progress bar needs, on lines without end. */
function shownBy(output: string): string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal is driven with
  for (const [token, parameter = '', command] of output.matchAll(/\x1b\[([?\d;]*)([a-zA-Z])|[\s\S]/gu)) {
    const count = Number(parameter || 1);
    if (command === 'A') row = Math.max(0, row - count);
    else if (command === 'B') row += count;
    else if (command === 'G') column = count - 1;
    else if (command === 'K') lines[row] = parameter === '2' ? '' : (lines[row] ?? '').slice(0, column);
    else if (command === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
    else if (command !== undefined) continue;
    else if (token === '\n') row++;
    else if (token === '\r') column = 0;
    else {
      lines[row] = (lines[row] ?? '').padEnd(column).slice(0, column) + token + (lines[row] ?? '').slice(column + 1);
      column++;
    }
    while (lines.length <= row) lines.push('');
  }
  return lines.filter((line) => line.trim() !== '');
}
