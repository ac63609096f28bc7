import { z } from 'zod';
import type { ForeignKey } from '../../src/plugin/schema.ts';

interface Schema {
  readonly foreign?: Readonly<Record<string, ForeignKey>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** The keys of the Collector's that a configuration does not have, by their paths; the same key of several branches once. */
export function foreignKeysOf(configSchema: z.ZodType): ReadonlyMap<string, ForeignKey> {
  const whole = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const found = new Map<string, ForeignKey>();
  const walk = (schema: Schema | boolean | undefined, path: string, above: readonly string[]): void => {
    if (typeof schema !== 'object') return;
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    for (const [key, one] of Object.entries(schema.foreign ?? {})) found.set(at(key), one);
    for (const [key, inner] of Object.entries(schema.properties ?? {})) walk(inner, at(key), above);
    walk(schema.additionalProperties, at('<name>'), above);
    walk(schema.items, `${path}[]`, above);
    for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(branch, path, above);
    const name = schema.$ref?.split('/').at(-1);
    if (name !== undefined && !above.includes(name)) walk(whole.$defs?.[name], path, [...above, name]);
  };
  walk(whole, '', []);
  return found;
}
