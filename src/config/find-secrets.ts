import type { Loader } from '../loader.ts';
import type { Secrets } from '../model/secrets.ts';
import { kinds } from '../plugin/kind.ts';
import { parseId } from './component-id.ts';
import { type Located, type LocatedMap, scalarsIn, valueAt } from './located.ts';
import { isSecretAt } from './schema-at.ts';
import { secretsInUrl } from './url-secrets.ts';

/** What stands before the credentials in a header. */
const SCHEME = /^(?:bearer|basic|token|apikey) +/i;
/**
 * Tells `secrets` all texts of a configuration that its own text has: the values of secret settings, those of sections whose
 * plugin is not known, since any of them may be one, and what is secret in URLs.
 */
export async function findSecrets(root: LocatedMap, loader: Loader, secrets: Secrets): Promise<void> {
  // An id stands in messages anyway, as where a component is named that no plugin is known for.
  const ids = new Set(kinds.flatMap((kind) => keysOf(valueAt(root, [`${kind}s`]))));
  for (const kind of kinds) {
    const section = valueAt(root, [`${kind}s`]);
    for (const [id, { value: written }] of section?.kind === 'map' ? section.entries : []) {
      // Another check reports a plugin that cannot be loaded.
      const plugin = await loader.find(kind, parseId(id)?.type ?? '').catch(() => undefined);
      for (const [path, { value, otherwise }] of scalarsIn(written)) {
        if (value === null || (plugin ? !isSecretAt(plugin.configSchema, path) : ids.has(String(value)))) continue;
        for (const text of [String(value), otherwise ?? '']) {
          secrets.add(text);
          secrets.add(text.replace(SCHEME, ''));
        }
      }
    }
  }
  for (const [, { value }] of scalarsIn(root)) for (const text of secretsInUrl(String(value))) secrets.add(text);
}

function keysOf(section: Located | undefined): string[] {
  return section?.kind === 'map' ? [...section.entries.keys()] : [];
}
