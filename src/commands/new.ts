import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WattlineError } from '../errors.ts';

/** The kinds of plugins that have a template. */
export type PluginTemplate = 'receiver' | 'processor' | 'exporter';

/** The command that tries the example of each kind, and the one that shows its figures. */
const TRY: Record<PluginTemplate, (config: string) => string> = {
  receiver: (config) => `npx wattline run --config ${config}
and its figures:  curl localhost:9514/metrics`,
  processor: (config) => `npx wattline run --config ${config}
and its figure:   curl localhost:9514/metrics`,
  exporter: (config) => `npx wattline run --once --config ${config}
and its file:     cat ${dirname(config)}/runs.jsonl`,
};

const ENDING = '.template';
const NAME = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;

/**
 * Writes the folder of a new plugin, with passing tests, into the working directory and prints the next steps. Throws
 * `CANNOT_WRITE` where the name is invalid or the folder exists already.
 */
export async function newPlugin(kind: PluginTemplate, name: string, stdout: NodeJS.WritableStream): Promise<void> {
  if (!NAME.test(name))
    throw new WattlineError('CANNOT_WRITE', `\`${name}\` is not a name; write one such as my-thing`);
  const folder = name.replaceAll('_', '-');
  if (await stat(folder).catch(() => undefined)) {
    throw new WattlineError('CANNOT_WRITE', `${folder} exists already; choose another name, or move it away`);
  }
  // The template is a plugin named `my-thing`, with the ending after each file name.
  const source = fileURLToPath(new URL(`../scaffold/${kind}/`, import.meta.url));
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const templates = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const template of templates.sort()) {
    const path = join(folder, relative(source, template).slice(0, -ENDING.length));
    const text = await readFile(template, 'utf8');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.replaceAll('my_thing', folder.replaceAll('-', '_')).replaceAll('my-thing', folder));
    stdout.write(`${path}\n`);
  }
  stdout.write(`
Its tests:        node --test ${folder}/index.test.ts
In a pipeline:    ${TRY[kind](`${folder}/example/wattline.yaml`)}
`);
}
