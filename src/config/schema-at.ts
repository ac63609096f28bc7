import { type ZodType, z } from 'zod';
import type { Marks } from '../plugin/index.ts';
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
    readonly options?: readonly Schema[];
  };
}

/** Returns the keys that the map schema at a path knows; an empty list where it accepts any key. */
export function keysAt(schema: ZodType, path: Path): string[] {
  return [...new Set(schemasAt(schema, path).flatMap(({ shape }) => Object.keys(shape ?? {})))];
}

/** Returns the schema's description of the value at a path. */
export function descriptionAt(schema: ZodType, path: Path): string | undefined {
  return schemasAt(schema, path, false).flatMap((found) => layers(found))[0];
}

/** Returns the marks of the value at a path, from all branches of a union. */
export function marksAt(schema: ZodType, path: Path): Marks {
  return Object.assign({}, ...schemasAt(schema, path).map((found) => marksOf(found as unknown as ZodType)));
}

/** Returns the marks of a schema itself. */
export function marksOf(schema: ZodType): Marks | undefined {
  return z.globalRegistry.get(schema) as Marks | undefined;
}

/** Returns the schemas at a path, one for each branch of a union on the way. */
function schemasAt(schema: ZodType, path: Path, unwrapLast = true): Schema[] {
  let current: Schema[] = [schema as Schema];
  for (const step of path) current = current.flatMap(unwrap).flatMap((within) => child(within, step) ?? []);
  return unwrapLast ? current.flatMap(unwrap) : current;
}

function child({ shape, def }: Schema, step: string | number): Schema | undefined {
  if (typeof step === 'number') return def?.element;
  return shape && Object.hasOwn(shape, step) ? shape[step] : def?.valueType;
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
