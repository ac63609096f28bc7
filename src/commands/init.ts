import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { suggest } from '../config/nearest.ts';
import { WattlineError } from '../errors.ts';
import { Loader } from '../loader.ts';
import { packagePath } from '../package.ts';
import type { Kind } from '../plugin/kind.ts';

export interface InitOptions {
  /** The input of the pipeline: measured runs, or streams that running machines keep sending. */
  readonly for: 'runs' | 'streams';
  readonly receiver: string;
  readonly exporter: string;
  /** The path of the file to write. */
  readonly output: string;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes a commented starter configuration with a receiver and an exporter of the given types; one that gets streams beside
 * runs counts both. Throws `CANNOT_WRITE` where the file exists already or a type is unknown.
 */
export async function init({ for: purpose, receiver, exporter, output, stdout }: InitOptions): Promise<void> {
  const loader = new Loader();
  const template = await readFile(new URL('../scaffold/configuration/pipeline.yaml.template', import.meta.url), 'utf8');
  const schema = relative(dirname(resolve(output)), packagePath('config/schema.json'));
  const parts: Parts = {
    runs: purpose === 'runs',
    streams: purpose === 'streams' || (await loader.find('receiver', receiver))?.streams !== undefined,
  };
  const values: Readonly<Record<string, string>> = {
    schema,
    input: [parts.runs && 'measured runs', parts.streams && 'running machines'].filter(Boolean).join(' and '),
    processors: processorsOf(parts).join(', '),
    receiver: await sampleOf('receiver', receiver, loader),
    receiver_id: receiver,
    exporter: await sampleOf('exporter', exporter, loader),
    exporter_id: exporter,
  };
  const text = template
    .replace(/^\{\{#(\w+)\}\}\n(.*?)^\{\{\/\1\}\}\n/gms, (_, name: keyof Parts, part: string) =>
      parts[name] ? part : '',
    )
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
  try {
    await writeFile(output, text, { flag: 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = isThere ? `${output} exists already` : `${output} cannot be written: ${(error as Error).message}`;
    throw new WattlineError('CANNOT_WRITE', `${message}; name another file with --output`, { cause: error });
  }
  stdout.write(
    `Wrote ${output}\n\nCheck it:   wattline validate --config ${output}\nRun it:     wattline run --config ${output}\n`,
  );
}

/** What the pipeline counts: the template has sections for either. */
interface Parts {
  readonly runs: boolean;
  readonly streams: boolean;
}

function processorsOf({ runs, streams }: Parts): string[] {
  const figures = [...(runs ? ['predictor'] : []), 'energy', 'cost', 'co2'];
  return streams ? ['live', ...figures, 'totals'] : figures;
}

/** Returns the sample section of a plugin, indented. Throws `CANNOT_WRITE` where the type is unknown. */
async function sampleOf(kind: Kind, type: string, loader: Loader): Promise<string> {
  const sample = await loader.sample(kind, type);
  if (sample === undefined) {
    const remedy = suggest(type, await loader.types(kind), 'known types');
    throw new WattlineError('CANNOT_WRITE', `unknown ${kind} type \`${type}\`; ${remedy}`);
  }
  return sample.trimEnd().replace(/^(?=.)/gm, '  ');
}
