import { basename } from 'node:path';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const filesIn = (pattern: string) => globSync([pattern], { cwd: projectRoot }).sort();
const nameOf = (path: string) => basename(path, '.yaml');

describe('the ready configurations', () => {
  it('have a file of tests each', () => {
    const configurations = filesIn('config/{*.yaml,custom-processor/*.yaml}').map(nameOf).sort();
    expect(filesIn('config/tests/*.yaml').map(nameOf)).toEqual(configurations);
  });

  it('are as their tests expect', async () => {
    const files = filesIn('config/tests/*.yaml');
    const { code, stdout, stderr } = await runWattline(['test', ...files], { cwd: projectRoot });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^ {2}ok {4}/gm)?.length).toBeGreaterThanOrEqual(files.length);
    expect(stdout).toMatch(/\n\d+ tests passed\n$/);
  });
});

describe('wattline test', () => {
  let folder: TemporaryFolder;
  const test = (...files: string[]) => runWattline(['test', ...files], { cwd: folder.path });
  const configuration = `
receivers: { http: {} }
processors: { cost: { region: "\${env:REGION}" } }
exporters: { debug: {} }
service: { pipelines: { metrics: { receivers: [http], processors: [cost], exporters: [debug] } } }
`;
  const file = (expected: string) => `
config: wattline.yaml
environment: { REGION: us-east-1 }
tests:
  - name: an hour of a kilowatt
    runs: [{ name: a, duration: 3600, step_seconds: 3600, power_watts: [1000, 1000] }]
    ${expected}
`;

  beforeAll(async () => {
    folder = await temporaryFolder({ 'wattline.yaml': configuration });
  });
  afterAll(() => folder.remove());

  it.each([
    ['expect: [{ run: a, figures: { cost_energy_load_aware: 0.13 } }]', undefined],
    ['expect: [{ run: a, figures: { cost_energy_load_aware: { value: 0.129, tolerance: 0.01 } } }]', undefined],
    ['expect: [{ run: a, without: [cost_total_load_aware], labels: { region: us-east-1 } }]', undefined],
    [
      'expect: [{ run: a, figures: { cost_energy_load_aware: 0.26 } }]',
      'a: cost_energy_load_aware is 0.13, expected 0.26 (± 1e-9 of it), -50 % off',
    ],
    [
      'expect: [{ run: a, figures: { cost_total_load_aware: 0.13 } }]',
      'a: it has no cost_total_load_aware; it has cost_energy_load_aware\n        – no cost_compute_load_aware: a has no `cpu_usage_cores`',
    ],
    ['expect: [{ run: b }]', 'b: no such run arrived; arrived are a'],
    ['expect: [{ run: a }, { run: a }]', 'a: no such run arrived; arrived are a'],
    ['dropped: [a]', 'a arrived, and should not have'],
    [
      'expect: [{ run: a, without: [cost_energy_load_aware] }]',
      'a: cost_energy_load_aware is 0.13, and should not be there',
    ],
    ['expect: [{ run: a, labels: { region: x } }]', 'a: the label region is "us-east-1", expected "x"'],
    ['expect: [{ run: a, labels: { site: x } }]', 'a: the label site is not there, expected "x"'],
  ])('%s', async (expected, difference) => {
    await folder.write({ 'test.yaml': file(expected) });
    const { code, stdout, stderr } = await test('test.yaml');
    if (difference === undefined) {
      expect([code, stdout]).toEqual([0, 'test.yaml\n  ok    an hour of a kilowatt\n1 test passed\n']);
    } else {
      expect(stdout).toContain(`test.yaml\n  FAIL  an hour of a kilowatt\n        ${difference}\n`);
      expect([code, stderr]).toEqual([1, '1 of 1 test failed [TEST_FAILED]\n']);
    }
  });

  it('takes samples as the receiver of the pipeline is told to', async () => {
    const receiver = 'receivers: { file: { include: [a.json], sampling: interval } }';
    await folder.write({
      'interval.yaml': configuration.replace('receivers: { http: {} }', receiver).replace('[http]', '[file]'),
      'test.yaml': file('expect: [{ run: a, figures: { cost_energy_load_aware: 0.26 } }]').replace(
        'wattline',
        'interval',
      ),
    });
    const { code, stdout } = await test('test.yaml');
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 test passed')]);
  });

  it.each([
    ['tests: [{ name: a, expekt: [] }]', '1:20 tests[0].expekt: unknown key; did you mean `expect`?'],
    ['config: wattline.yaml', '1:1 tests: the required key is missing; '],
    ['', '1:1 the file contains no tests; write `config` and `tests`'],
  ])('says where a file of tests is wrong: %s', async (text, problem) => {
    await folder.write({ 'broken.yaml': text });
    const { code, stderr } = await test('broken.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain(`broken.yaml:${problem}`);
  });

  it('refuses a test that cannot fail', async () => {
    await folder.write({ 'test.yaml': file('') });
    const { code, stderr } = await test('test.yaml');
    expect(code).toBe(1);
    expect(stderr).toMatch(/test\.yaml:5:5 tests\[0\]: .*expected something in `expect` or `dropped`/);
  });

  it('says where the configuration is wrong', async () => {
    await folder.write({ 'test.yaml': file('dropped: [b]').replace('REGION: us-east-1', 'REGION: us-east-9') });
    const { code, stderr } = await test('test.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('processors.cost.region: "us-east-9" is not valid here');
  });
});
