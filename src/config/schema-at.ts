import { type ZodType, z } from 'zod';
import type { ForeignKey, Marks } from '../plugin/schema.ts';
import type { Path } from './located.ts';

/** The parts of zod's schemas that are inspected here. */
interface Schema {
  readonly description?: string | undefined;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def?: {
    readonly innerType?: Schema;
    readonly in?: Schema;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly catchall?: Schema;
    readonly type?: string;
    readonly options?: readonly Schema[];
  };
}

/**
 * Returns the keys that the map schema at a path knows, those of a pattern by its title, as `<currency>_per_kwh`; an empty
 * list where it accepts any key.
 */
export function keysAt(schema: ZodType, path: Path): string[] {
  const keys = schemasAt(schema, path).flatMap((found) => {
    const { patternProperties = {} } = marksOf(found as unknown as ZodType) ?? {};
    return [...Object.keys(found.shape ?? {}), ...Object.values(patternProperties).map(({ title }) => title)];
  });
  return [...new Set(keys)];
}

/** Returns the schema's description of the value at a path. */
export function descriptionAt(schema: ZodType, path: Path): string | undefined {
  return schemasAt(schema, path, false).flatMap((found) => layers(found))[0];
}

/** Returns the marks of the value at a path, from all branches of a union. */
export function marksAt(schema: ZodType, path: Path): Marks {
  return Object.assign({}, ...schemasAt(schema, path).map((found) => marksOf(found as unknown as ZodType)));
}

/** Returns what becomes of a key of the Collector's, by its path; undefined where the section knows it, or nobody does. */
export function foreignKeyAt(schema: ZodType, path: Path): ForeignKey | undefined {
  const key = String(path.at(-1));
  const around = schemasAt(schema, path.slice(0, -1)).map((found) => marksOf(found as unknown as ZodType)?.foreign);
  return around.find((foreign) => foreign && Object.hasOwn(foreign, key))?.[key];
}

/** Returns the marks of a schema itself. */
export function marksOf(schema: ZodType): Marks | undefined {
  return z.globalRegistry.get(schema) as Marks | undefined;
}

/**
 * Whether the value at a path is a secret, by the marks of its schema or of those around or within it. What no schema
 * knows may be one, under a key with a slip of the pen; what stands under a key of the Collector's is one only
 * where that says so.
 */
export function isSecretAt(schema: ZodType, path: Path): boolean {
  const around = path.map((_, index) => path.slice(0, index));
  if ([...around, path].some((own) => marksAt(schema, own).secret)) return true;
  const own = schemasAt(schema, path);
  const foreign = path.flatMap((_, index) => foreignKeyAt(schema, path.slice(0, index + 1)) ?? []);
  if (foreign.length > 0) return foreign.some(({ secret }) => secret);
  return own.length === 0 || own.some((found) => holdsSecret(found, new Set()));
}

function holdsSecret(schema: Schema, above: ReadonlySet<Schema>): boolean {
  if (marksOf(schema as unknown as ZodType)?.secret) return true;
  // A schema may contain itself.
  if (above.has(schema)) return false;
  const within = new Set(above).add(schema);
  const { shape, def } = schema;
  const inner = [def?.innerType ?? def?.in, def?.element, def?.valueType, ...(def?.options ?? [])];
  return [...Object.values(shape ?? {}), ...inner].some((one) => one !== undefined && holdsSecret(one, within));
}

/** Returns the schemas at a path, one for each branch of a union on the way. */
function schemasAt(schema: ZodType, path: Path, unwrapLast = true): Schema[] {
  let current: Schema[] = [schema as Schema];
  for (const step of path) current = current.flatMap(unwrap).flatMap((within) => child(within, step) ?? []);
  return unwrapLast ? current.flatMap(unwrap) : current;
}

function child({ shape, def }: Schema, step: string | number): Schema | undefined {
  if (typeof step === 'number') return def?.element;
  if (shape && Object.hasOwn(shape, step)) return shape[step];
  // A strict object takes nothing else.
  return def?.valueType ?? (def?.catchall?.def?.type === 'never' ? undefined : def?.catchall);
}

/** Returns the schemas within defaults, optionals, pipes and unions. */
function unwrap(schema: Schema): Schema[] {
  const inner = schema.def?.innerType ?? schema.def?.in;
  if (inner) return unwrap(inner);
  return schema.def?.options ? schema.def.options.flatMap(unwrap) : [schema];
}

/** Returns the descriptions of a schema and of those it wraps, outermost first. */
function layers(schema: Schema): string[] {
  const inner = schema.def?.innerType ?? schema.def?.in;
  return [...(schema.description ? [schema.description] : []), ...(inner ? layers(inner) : [])];
}
