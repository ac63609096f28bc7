import { join } from 'node:path';
import { projectRoot } from './checkout.ts';
import { type RunningProcess, startProcess } from './child-process.ts';
import { type Finished, runWattline } from './wattline-process.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const pathOf = (name: string) => join(projectRoot, 'config', name);

/** Runs one of the configurations in `config/` as it is, moved by environment variables; more files may be merged into it. */
export function runConfiguration(name: string, env: Environment, more: readonly string[] = []): RunningProcess {
  const files = [pathOf(name), ...more].flatMap((file) => ['--config', file]);
  return startProcess(process.execPath, [join(projectRoot, 'src/cli.ts'), 'run', ...files], { env });
}

/** Checks one of the configurations in `config/` without running it. */
export function validateConfiguration(name: string, env: Environment = {}): Promise<Finished> {
  return runWattline(['validate', '--config', pathOf(name)], { cwd: projectRoot, env });
}

/** Posts runs as a results file has them, by another `fetch` and with more headers where given; resolves with the status. */
export async function postRuns(
  url: string,
  runs: readonly object[],
  { call = fetch, headers = {} }: { call?: typeof fetch; headers?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ scenarios: runs }),
  };
  return (await call(`${url}/v1/results`, init)).status;
}
