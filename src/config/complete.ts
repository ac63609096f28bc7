import { type ZodType, z } from 'zod';
import { REDACTED } from '../model/secrets.ts';
import type { Component } from './configuration.ts';
import { type Located, type LocatedMap, mapChildren, type Path, toPlain, valueAt } from './located.ts';
import { withNewNames } from './renamed-values.ts';
import { marksAt } from './schema-at.ts';
import { withoutSecretsOfUrl } from './url-secrets.ts';

/** The part of a JSON Schema that states defaults. */
interface JsonSchema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** Returns the effective configuration: merged, expanded and with all defaults; with `redacts` its secrets are replaced. */
export function completeConfiguration(
  root: LocatedMap,
  components: readonly Component[],
  { redacts }: { readonly redacts: boolean },
): Record<string, unknown> {
  const shown = redacts ? asShown(root) : root;
  const whole = toPlain(shown) as Record<string, unknown>;
  for (const { kind, id, plugin } of components) {
    const section = { ...(whole[`${kind}s`] as Record<string, unknown>) };
    const written = valueAt(shown, [`${kind}s`, id]) ?? { kind: 'scalar', value: null, at: root.at };
    const plain = toPlain(withNewNames(written, plugin.configSchema));
    const jsonSchema = jsonSchemaOf(plugin.configSchema);
    const filled = withDefaults(plain ?? {}, jsonSchema, jsonSchema.$defs ?? {});
    section[id] = redacts ? redacted(filled, plugin.configSchema, []) : filled;
    whole[`${kind}s`] = section;
  }
  return whole;
}

/** Returns a value with its expressions in the place of what they have given, and without what is secret in URLs. */
function asShown(located: Located): Located {
  const { at, written } = located;
  if (written !== undefined) return { kind: 'scalar', at, value: withoutSecretsOfUrl(written) };
  if (located.kind !== 'scalar') return mapChildren(located, asShown);
  return typeof located.value === 'string' ? { ...located, value: withoutSecretsOfUrl(located.value) } : located;
}

function jsonSchemaOf(schema: ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

function withDefaults(
  value: unknown,
  { $ref, ...schema }: JsonSchema,
  shared: NonNullable<JsonSchema['$defs']>,
): unknown {
  const named = $ref === undefined ? undefined : shared[$ref.slice($ref.lastIndexOf('/') + 1)];
  if (named) return withDefaults(value, named, shared);
  const { properties, items } = schema;
  if (Array.isArray(value)) return items ? value.map((item) => withDefaults(item, items, shared)) : value;
  if (typeof value !== 'object' || value === null || !properties) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, own] of Object.entries(properties)) {
    const chosen = filled[key] ?? own.default;
    if (chosen !== undefined) filled[key] = withDefaults(chosen, own, shared);
  }
  return filled;
}

function redacted(value: unknown, schema: ZodType, path: Path): unknown {
  if (value !== null && marksAt(schema, path).secret) return REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => redacted(item, schema, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, redacted(item, schema, [...path, key])]);
  return Object.fromEntries(entries);
}
