import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { findProgram } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const CLI = join(import.meta.dirname, '../../src/cli.ts');
const BROKEN = 'receivers:\n  file: { include: [test_results_1.json] }\nexporters:\n  debug: { sumary: true }\n';

let folder: TemporaryFolder;
const wattline = (...args: string[]) => runWattline(args, { cwd: folder.path });

beforeAll(async () => {
  folder = await temporaryFolder({
    'test_results_1.json': JSON.stringify(twoRuns),
    'base.yaml': `receivers: \${file:parts/receivers.yaml}
processors:
  cost: { region: us-east-1, usd_per_core_hour: 0.5 }
exporters:
  debug:
  debug/second:
service:
  pipelines:
    metrics: { receivers: [file], processors: [cost], exporters: [debug] }
    metrics/second: { receivers: [file], processors: [cost], exporters: [debug/second] }
`,
    'parts/receivers.yaml': 'file: { include: ["../${file:pattern.txt}"] }\n',
    'parts/pattern.txt': 'test_results_*.json\n',
    'core.yaml': 'processors: { cost: { usd_per_core_hour: 1 } }\n',
    'erasing.yaml': 'processors:\n',
    'broken.yaml': `${BROKEN}service: { pipelines: { metrics: { receivers: [file], exporters: [debug] } } }\n`,
  });
});
afterAll(() => folder.remove());

describe('a configuration', () => {
  it('of several files and parts feeds each of its pipelines from one receiver', async () => {
    const { code, stdout, stderr } = await wattline('run', '--once', '--config', 'base.yaml', '--config', 'core.yaml');
    expect(stderr).not.toMatch(/error|warn/i);
    expect(code).toBe(0);
    for (const { name } of twoRuns.scenarios) expect(stdout.split(name)).toHaveLength(3);
    // 101.75 core-seconds at 1 USD an hour and 2077.5 J of energy, in the tables of both pipelines.
    expect(stdout.match(/ 0\.02834 /g)).toHaveLength(2);
  });

  it('takes values from the command line, in every command', async () => {
    const set = ['--set', 'processors.cost.usd_per_core_hour=2'];
    const run = await wattline('run', '--once', '--config', 'base.yaml', '--config', 'core.yaml', ...set);
    expect(run.stdout.match(/ 0\.0566 /g)).toHaveLength(2);
    const check = await wattline('check', '--max-usd', '1', ...set);
    // 365.25 core-seconds at 2 USD an hour, and 0.00021423 USD of energy.
    expect(check.stdout).toContain('ok   cost_total_load_aware 0.203131 USD');
    const explain = await wattline('explain', 'test_results_1.json', ...set);
    expect(explain.stdout).toContain('cost_compute_load_aware = cpu_core_seconds / 3600 * core_price = 0.0565277');
    const validate = await wattline('validate', '--config', 'base.yaml', '--set', 'processors.cost.region=mars');
    expect(validate.stderr).toMatch(
      /^--set processors\.cost\.region processors\.cost\.region: "mars" is not valid here/,
    );
    expect([run.code, check.code, explain.code, validate.code]).toEqual([0, 0, 0, 1]);
  });

  it('may be a text or a variable', async () => {
    const text = 'yaml:service::telemetry::logs::level: warn';
    const options = { cwd: folder.path, env: { MORE: 'exporters: { debug: { summary: never } }' } };
    const { stderr } = await runWattline(
      ['validate', '--config', 'base.yaml', '--config', text, '--config', 'env:MORE'],
      options,
    );
    expect(stderr).toMatch(/^env:MORE:1:32 exporters\.debug\.summary: "never" is not valid here/);
  });

  it('says what a later file erases, also where that makes it wrong', async () => {
    const { code, stderr } = await wattline('validate', '--config', 'base.yaml', '--config', 'erasing.yaml');
    const [warning, problem] = stderr.split('\n');
    expect(warning).toBe(
      'warning: erasing.yaml:1:1 processors: the key has no value, so it removes what base.yaml:2:1 has there; write {} to keep that',
    );
    expect(problem).toContain('processor `cost` is not configured');
    expect(code).toBe(1);
  });
});

describe('wattline validate --json', () => {
  it('gives problems with their places', async () => {
    const set = ['--set', 'exporters.debag='];
    const { code, stdout, stderr } = await wattline('validate', '--json', '--config', 'broken.yaml', ...set);
    const known = { code: 'CONFIG_UNKNOWN_KEY', path: 'exporters.debug.sumary', message: 'unknown key' };
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      problems: [
        expect.objectContaining({
          code: 'CONFIG_UNKNOWN_TYPE',
          file: '--set exporters.debag',
          line: null,
          column: null,
        }),
        { ...known, file: 'broken.yaml', line: 4, column: 12, remedy: 'did you mean `summary`?' },
      ],
      warnings: [],
    });
    expect([code, stderr]).toEqual([1, '']);
  });

  it('says that there is none, and what it warns of', async () => {
    const set = ['--set', 'processors.cost='];
    const { code, stdout } = await wattline('validate', '--json', '--config', 'base.yaml', ...set);
    const warning = expect.stringContaining('--set processors.cost processors.cost: the key has no value');
    expect(JSON.parse(stdout)).toEqual({ valid: true, problems: [], warnings: [warning] });
    expect(code).toBe(0);
  });
});

describe('the problems of a configuration', () => {
  it('are plain lines where they are not read at a terminal', async () => {
    const { stderr } = await wattline('validate', '--config', 'broken.yaml');
    expect(stderr).toBe(
      'broken.yaml:4:12 exporters.debug.sumary: unknown key; did you mean `summary`? [CONFIG_UNKNOWN_KEY]\n1 problem found\n',
    );
  });

  it.skipIf(process.platform !== 'linux' || !findProgram('script'))('have frames at a terminal', async () => {
    const command = `'${process.execPath}' '${CLI}' validate --config broken.yaml`;
    const env = {
      TERM: 'xterm-256color',
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      NODE_DISABLE_COLORS: undefined,
      CI: undefined,
    };
    const shown = async (more = {}) => {
      const terminal = startProcess('script', ['-qec', command, '/dev/null'], {
        cwd: folder.path,
        env: { ...env, ...more },
      });
      expect(await terminal.exited).toBe(1);
      return terminal.stdout().replaceAll('\r', '');
    };
    const frame = `broken.yaml:4:12 exporters.debug.sumary: unknown key; did you mean \`summary\`? [CONFIG_UNKNOWN_KEY]
  3 | exporters:
> 4 |   debug: { sumary: true }
    |            ^
  5 | service: { pipelines: { metrics: { receivers: [file], exporters: [debug] } } }

1 problem found
`;
    expect(await shown({ NO_COLOR: '1' })).toBe(frame);
    expect(await shown()).toContain('\u001b[31m    |            ^');
  });
});
