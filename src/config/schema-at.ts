import { type ZodType, z } from 'zod';
import type { Marks } from '../plugin/index.ts';
import type { Path } from './located.ts';

/** What is read of zod's schemas beside checking with them. */
interface Schema {
  readonly description?: string | undefined;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def?: {
    readonly innerType?: Schema;
    readonly in?: Schema;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly options?: readonly Schema[];
  };
}

/** The names of the keys that the schema of a map, found at a path, knows; none where any key will do. */
export function keysAt(schema: ZodType, path: Path): string[] {
  return [...new Set(schemasAt(schema, path).flatMap(({ shape }) => Object.keys(shape ?? {})))];
}

/** What the schema says that the value at a path is for. */
export function descriptionAt(schema: ZodType, path: Path): string | undefined {
  return schemasAt(schema, path, false).flatMap((found) => layers(found))[0];
}

/** What the schema marks the value at a path as, in any branch of a union. */
export function marksAt(schema: ZodType, path: Path): Marks {
  return Object.assign({}, ...schemasAt(schema, path).map((found) => marksOf(found as unknown as ZodType)));
}

/** What a schema itself is marked as. */
export function marksOf(schema: ZodType): Marks | undefined {
  return z.globalRegistry.get(schema) as Marks | undefined;
}

/** The schemas at a path, one for each branch of a union on the way. */
function schemasAt(schema: ZodType, path: Path, unwrapLast = true): Schema[] {
  let current: Schema[] = [schema as Schema];
  for (const step of path) current = current.flatMap(unwrap).flatMap((within) => child(within, step) ?? []);
  return unwrapLast ? current.flatMap(unwrap) : current;
}

function child({ shape, def }: Schema, step: string | number): Schema | undefined {
  if (typeof step === 'number') return def?.element;
  return shape && Object.hasOwn(shape, step) ? shape[step] : def?.valueType;
}

/** The schemas within defaults, optionals, pipes and unions. */
function unwrap(schema: Schema): Schema[] {
  const inner = schema.def?.innerType ?? schema.def?.in;
  if (inner) return unwrap(inner);
  return schema.def?.options ? schema.def.options.flatMap(unwrap) : [schema];
}

/** The descriptions of a schema and of what it wraps, outermost first. */
function layers(schema: Schema): string[] {
  const inner = schema.def?.innerType ?? schema.def?.in;
  return [...(schema.description ? [schema.description] : []), ...(inner ? layers(inner) : [])];
}
