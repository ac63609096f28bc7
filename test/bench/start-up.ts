/**
 * Measures how long starting takes, beside `node` with an empty script: `run --once` of a few runs as a whole process, and
 * the time from the start of a server until `/health` and `/metrics` first answer with them. Prints medians and least values
 * of interleaved rounds, and how many files and modules of Node.js are loaded, which does not depend on the machine.
 *
 *   npm run build && node test/bench/start-up.ts [rounds] [more command lines, such as that of a worktree]
 */
import { join, resolve } from 'node:path';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { recordModules } from '../kit/loaded-modules.ts';
import { twoRuns } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { interleave } from './kit/interleave.ts';
import { spreadOf } from './kit/spread.ts';
import { timeNode } from './kit/timed-process.ts';

const [rounds = '9', ...others] = process.argv.slice(2);
const port = await freePort();
const common = `
receivers: { file: { include: [./results.json] } }
processors: { predictor: {}, cost: { region: us-east-1 }, co2: { region: us-east-1 } }
service: { pipelines: { metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [`;
const folder = await temporaryFolder({
  'results.json': JSON.stringify(twoRuns),
  'empty.cjs': '',
  'once.yaml': `exporters: { debug: { summary: true } }${common}debug] } } }`,
  'serve.yaml': `exporters: { prometheus: { endpoint: '127.0.0.1:${port}' } }${common}prometheus] } } }`,
});

interface Started {
  readonly health: number;
  readonly metrics: number;
}

/** Milliseconds from the start of the process until each page is there. */
async function serve(cli: string): Promise<Started> {
  const began = performance.now();
  const child = startProcess(process.execPath, [cli, 'run', '--config', join(folder.path, 'serve.yaml')]);
  try {
    const health = (await until('/health', () => true)) - began;
    return { health, metrics: (await until('/metrics', (page) => page.includes('\nco2_emissions_kg{'))) - began };
  } finally {
    await child.stop('SIGTERM');
  }
}

async function until(path: string, isThere: (page: string) => boolean): Promise<number> {
  for (;;) {
    const page = await fetch(`http://127.0.0.1:${port}${path}`).then(
      async (response) => (response.ok ? response.text() : ''),
      () => '',
    );
    if (page && isThere(page)) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const format = (name: string, values: readonly number[]): string => {
  const { median, min } = spreadOf(values);
  return `${name} ${median.toFixed(0)} (least ${min.toFixed(0)}) ms`;
};

try {
  const once = (cli: string) => [cli, 'run', '--once', '--config', join(folder.path, 'once.yaml')];
  const clis = ['dist/src/cli.js', 'src/cli.ts', ...others];
  const args = [[join(folder.path, 'empty.cjs')], ...clis.map((cli) => once(resolve(projectRoot, cli)))];
  // The first start keeps what it has compiled.
  for (const each of args) await timeNode(each);
  const whole = await interleave(
    Number(rounds),
    args.map((each) => () => timeNode(each)),
  );
  const served = await interleave(
    Number(rounds),
    clis.map((cli) => () => serve(resolve(projectRoot, cli))),
  );
  for (const [index, cli] of ['an empty script', ...clis].entries()) {
    const times = whole[index] ?? [];
    const loaded = await recordModules((option) => timeNode([option, ...(args[index] ?? [])]));
    console.log(cli);
    const cpu = times.map(({ userMs, systemMs }) => userMs + systemMs);
    console.log(
      `  once: ${format(
        'wall',
        times.map(({ wallMs }) => wallMs),
      )}, ${format('CPU', cpu)}`,
    );
    const started = served[index - 1];
    if (started) {
      const [health, metrics] = [started.map((one) => one.health), started.map((one) => one.metrics)];
      console.log(`  serving: ${format('/health', health)}, ${format('/metrics', metrics)}`);
    }
    console.log(`  loaded: ${loaded.files.length} files, ${loaded.builtins.length} modules of Node.js`);
  }
} finally {
  await folder.remove();
}
