import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { validate } from '../../src/commands/validate.ts';
import { ConfigurationError, formatProblem } from '../../src/errors.ts';

const folder = fileURLToPath(new URL('./pasted/', import.meta.url));
const names = readdirSync(folder).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
const environment = {
  K8S_NODE_NAME: 'node-1',
  MY_POD_IP: '127.0.0.1',
  SECRET: 'secret-of-agents',
  TOKEN: 'token-of-nodes',
};

/** What `validate` says of a configuration: the warnings, and then its verdict or all problems. */
async function saidOf(name: string): Promise<string> {
  const said: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      said.push(String(chunk));
      done();
    },
  });
  try {
    await validate({ config: [`${folder}${name}.yaml`], environment, json: false, stdout: stream, stderr: stream });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    said.push(...error.warnings.map((warning) => `warning: ${warning}\n`));
    said.push(...error.problems.map((problem) => `${formatProblem(problem)}\n`));
  }
  return said
    .join('')
    .replaceAll(folder, '')
    .replaceAll(folder.slice(process.cwd().length + 1), '');
}

/** To write them anew: UPDATE_GOLDEN=1. */
describe("a Collector's configuration as it is pasted", () => {
  it.each(names)('%s', async (name) => {
    const said = await saidOf(name);
    const golden = `${folder}${name}.txt`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, said);
    expect(said).toBe(readFileSync(golden, 'utf8'));
    for (const secret of ['secret-of-agents', 'token-of-nodes', 'a-secret-that-nobody']) {
      expect(said).not.toContain(secret);
    }
  });
});
