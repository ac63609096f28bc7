import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { suggest } from '../config/nearest.ts';
import { WattlineError } from '../errors.ts';
import { Loader } from '../loader.ts';
import { packagePath } from '../package.ts';
import type { Kind } from '../plugin/index.ts';

export interface InitOptions {
  /** What the pipeline values: measured runs, or what running machines send all the time. */
  readonly for: 'runs' | 'streams';
  readonly receiver: string;
  readonly exporter: string;
  /** The file that is written. */
  readonly output: string;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes a commented starter configuration with a receiver and an exporter of the given types. Throws `CANNOT_WRITE` where
 * the file is there already, or a type is not known.
 */
export async function init({ for: purpose, receiver, exporter, output, stdout }: InitOptions): Promise<void> {
  const loader = new Loader();
  const template = await readFile(
    new URL(`../scaffold/configuration/${purpose}.yaml.template`, import.meta.url),
    'utf8',
  );
  const schema = relative(dirname(resolve(output)), packagePath('config/schema.json'));
  const values: Readonly<Record<string, string>> = {
    schema,
    receiver: await sampleOf('receiver', receiver, loader),
    receiver_id: receiver,
    exporter: await sampleOf('exporter', exporter, loader),
    exporter_id: exporter,
  };
  const text = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
  try {
    await writeFile(output, text, { flag: 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = isThere ? `${output} is there already` : `${output} cannot be written: ${(error as Error).message}`;
    throw new WattlineError('CANNOT_WRITE', `${message}; name another file with --output`, { cause: error });
  }
  stdout.write(
    `${output} is written\n\nCheck it:   wattline validate --config ${output}\nRun it:     wattline run --config ${output}\n`,
  );
}

/** The sample of a plugin as the text of its section, indented. */
async function sampleOf(kind: Kind, type: string, loader: Loader): Promise<string> {
  const sample = await loader.sample(kind, type);
  if (sample === undefined) {
    const remedy = suggest(type, await loader.types(kind), 'known types');
    throw new WattlineError('CANNOT_WRITE', `unknown ${kind} type \`${type}\`; ${remedy}`);
  }
  return sample.trimEnd().replace(/^(?=.)/gm, '  ');
}
