import { stringify } from 'yaml';
import { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { kinds } from '../plugin/kind.ts';

/**
 * Returns the bundled plugins as YAML or JSON: by kind their types, other words for these, stability, and the metrics that they read and add,
 * each with its unit. Plugins that work on any metric list none.
 */
export async function components({ json }: { readonly json: boolean }): Promise<string> {
  const loader = new Loader();
  const listed: Record<string, object[]> = {};
  for (const kind of kinds) listed[`${kind}s`] = (await loader.plugins(kind)).map(describe);
  return json ? `${JSON.stringify(listed, null, 2)}\n` : stringify(listed);
}

/** Returns an entry of the list, with units by metric name. */
function describe({ type, aliases, stability, reads, emits }: AnyPlugin): object {
  const units = emits && Object.fromEntries(Object.entries(emits).map(([name, { unit }]) => [name, unit]));
  return { type, ...(aliases && { aliases }), stability, ...(reads && { reads }), ...(units && { emits: units }) };
}
