import { resolve } from 'node:path';
import { parse } from 'yaml';
import { FlawError, messageOf, type Position, type Problem } from '../errors.ts';
import { loadFileUpTo } from '../text-file.ts';
import type { Sources } from './expression.ts';
import { DEEPEST, excessOf, MOST_BYTES } from './limits.ts';
import { fromPlain, type Located, type LocatedMap, shownName } from './located.ts';
import { merge, nest } from './merge.ts';
import { parseYaml } from './parse-yaml.ts';

/** The remedy for an empty configuration: its required parts. */
export const CONTENTS = 'write receivers, exporters and service.pipelines';

/**
 * Reads a `--config` source as the Collector does: a file, with or without `file:` before its path, the text of an
 * environment variable (`env:NAME`), or the text after `yaml:`, where `a::b: 1` is short for a map in a map. Calls `onRead`
 * with the path of a file. Adds problems to the list, and returns undefined where there are any or the source is empty.
 */
export async function readTree(
  source: string,
  environment: Sources['environment'],
  problems: Problem[],
  onRead?: Sources['onRead'],
): Promise<LocatedMap | undefined> {
  const found: Problem[] = [];
  const [scheme, rest] = partsOf(source);
  const name = nameOfSource(source);
  let tree: Located | undefined;
  try {
    tree = parseYaml(await readText(scheme, rest, environment, onRead), name, found);
  } catch (error) {
    if (!(error instanceof FlawError)) throw error;
    const { message, remedy } = error;
    found.push({ code: 'CONFIG_UNREADABLE', at: { file: name, line: 1, column: 1 }, path: '', message, remedy });
  }
  if (tree && tree.kind !== 'map') {
    const message = 'a configuration must be a map';
    found.push({ code: 'CONFIG_INVALID_VALUE', at: tree.at, path: '', message, remedy: CONTENTS });
  }
  problems.push(...found);
  if (tree?.kind !== 'map') return undefined;
  return name === 'yaml:' ? splitKeys(tree) : tree;
}

/** Returns what a `--config` source is called in messages: its text is in none. */
export function nameOfSource(source: string): string {
  const [scheme, rest] = partsOf(source);
  return scheme === 'yaml' ? 'yaml:' : scheme === 'file' ? shownName(rest) : source;
}

function partsOf(source: string): readonly [scheme: string, rest: string] {
  const [, scheme = 'file', rest = source] = /^(file|env|yaml|https?):(.*)$/s.exec(source) ?? [];
  return [scheme, rest];
}

/**
 * Reads an option such as `--set exporters.debug.summary=true`: dots separate keys, and the value is parsed as YAML. No
 * message contains the value, since it may be a secret.
 */
export function readSetOption(text: string, problems: Problem[]): LocatedMap | undefined {
  const [, key, value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const at: Position = { file: `--set ${(key ?? text) || '='}`, line: 0, column: 0 };
  const problem = (message: string, remedy: string) => {
    problems.push({ code: 'CONFIG_SYNTAX', at, path: '', message, remedy });
    return undefined;
  };
  const example = 'write it as in --set exporters.debug.summary=true';
  if (key === undefined) return problem('there is no = in it', example);
  const keys = key.split('.');
  const excess = excessOf(value);
  if (excess || keys.length > DEEPEST)
    return problem('the value is too large, or nested too deeply', 'write it to a file');
  if (keys.includes('')) return problem('a key is empty', `${example}, with dots between keys only`);
  try {
    return nest(keys, { at, value: fromPlain(parse(value, { logLevel: 'error' }) ?? null, at) });
  } catch {
    return problem('the value is not valid YAML', `put quotes around a text, as in --set '${key}="…"'`);
  }
}

async function readText(
  scheme: string,
  rest: string,
  environment: Sources['environment'],
  onRead?: Sources['onRead'],
): Promise<string> {
  if (scheme === 'yaml') return rest;
  if (scheme === 'env') {
    const text = environment[rest];
    if (text !== undefined) return text;
    throw new FlawError(`environment variable ${rest} is not set`, 'set it to the text of a configuration');
  }
  if (scheme !== 'file') {
    const message = 'a configuration is not fetched over the network, where it could change unnoticed';
    throw new FlawError(message, 'fetch it first, and give the path of the file');
  }
  onRead?.(resolve(rest));
  try {
    return (await loadFileUpTo(rest, MOST_BYTES)).toString();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? 'there is no such file' : `cannot be read: ${messageOf(error)}`;
    throw new FlawError(message, 'give the path of a YAML file');
  }
}

/** Returns the map with each key such as `a::b` replaced by a map `a` with the key `b`. */
function splitKeys(map: LocatedMap): LocatedMap {
  const parts = [...map.entries].map(([key, { at, value }]) =>
    nest(key.split('::'), { at, value: value.kind === 'map' ? splitKeys(value) : value }),
  );
  const nothing: LocatedMap = { ...map, entries: new Map() };
  return parts.reduce((whole, part) => merge(whole, part, []), nothing);
}
