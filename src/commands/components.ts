import { stringify } from 'yaml';
import { Loader } from '../loader.ts';
import type { Kind } from '../plugin/index.ts';

const KINDS: readonly Kind[] = ['receiver', 'processor', 'exporter', 'provider', 'extension'];

/** Lists the bundled plugins as YAML: by kind their types, stability, and the metrics that they add with units. */
export async function components(): Promise<string> {
  const loader = new Loader();
  const listed: Record<string, unknown[]> = {};
  for (const kind of KINDS) {
    const plugins = await Promise.all((await loader.types(kind)).map((type) => loader.find(kind, type)));
    listed[`${kind}s`] = plugins
      .filter((plugin) => plugin !== undefined)
      .map(({ type, stability, emits }) => ({
        type,
        stability,
        ...(emits && { emits: Object.fromEntries(Object.entries(emits).map(([name, { unit }]) => [name, unit])) }),
      }));
  }
  return stringify(listed);
}
