import type { Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import { signalNamed } from '../model/signals.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import type { Component, Pipeline } from './configuration.ts';
import { type LocatedMap, placeOf } from './located.ts';

/**
 * Checks that the points of streams that a receiver sends are counted where figures are made of them: a processor of the
 * pipeline makes slices of them, and one behind it adds these up.
 */
export async function checkStreams(
  root: LocatedMap,
  pipelines: readonly Pipeline[],
  components: readonly Component[],
  { loader, problems }: { readonly loader: Loader; readonly problems: Problem[] },
): Promise<void> {
  for (const pipeline of pipelines) {
    const pluginOf = (kind: string, id: string) => components.find((one) => one.kind === kind && one.id === id)?.plugin;
    const processors = pipeline.processors.map((id) => pluginOf('processor', id));
    // Another check reports invalid components.
    if (processors.includes(undefined)) continue;
    const known = processors as AnyPlugin[];
    if (countsStreams(known) || !known.some(readsMeters)) continue;
    for (const [index, id] of pipeline.receivers.entries()) {
      if (pluginOf('receiver', id)?.streams !== 'sends') continue;
      const place = placeOf(root, ['service', 'pipelines', pipeline.id, 'receivers', index]);
      const message = `\`${id}\` sends streams, and nothing in this pipeline counts them`;
      problems.push({ code: 'PIPELINE_CANNOT_WORK', ...place, message, remedy: await streamRemedy(loader) });
    }
  }
}

/** Returns whether a plugin makes something of power or CPU use; a pipeline of others only passes them on. */
export function readsMeters({ reads = {} }: AnyPlugin): boolean {
  return Object.keys(reads).some((name) => signalNamed(name) !== undefined);
}

/** Returns what a pipeline needs that is to take streams. */
export async function streamRemedy(loader: Loader): Promise<string> {
  const processors = await loader.plugins('processor');
  const typesThat = (does: AnyPlugin['streams']) =>
    processors.flatMap(({ streams, type }) => (streams === does ? `\`${type}\`` : [])).join(' or ');
  return `put ${typesThat('slices')} before the processors that work on measurements, and ${typesThat('adds')} behind them`;
}

/** Returns whether a list of processors makes slices of streams before it makes figures, and adds these up behind. */
function countsStreams(processors: readonly AnyPlugin[]): boolean {
  const slicer = processors.findIndex(({ streams }) => streams === 'slices');
  const adder = processors.findLastIndex(({ streams }) => streams === 'adds');
  const reading = processors.flatMap((plugin, index) => (readsMeters(plugin) ? [index] : []));
  return slicer >= 0 && slicer < adder && reading.every((index) => index > slicer && index < adder);
}
