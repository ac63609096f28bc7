import { z } from 'zod';

/** An option of a configuration, as its schema has it. */
export interface Option {
  /** Where it stands: `sending_queue.queue_size`, in a list `queries[].name`, under names of one's own `regions.<name>.zone`. */
  readonly path: string;
  readonly description: string | undefined;
  /** What it is where it is left out, as a configuration has it; undefined where nothing is assumed. */
  readonly default: unknown;
  readonly isRequired: boolean;
  /** The nearest object around it that may be left out, or be something else. */
  readonly within: string | undefined;
  /** The values that it may have, or in a list each entry, where they are few. */
  readonly values: readonly unknown[] | undefined;
  /** The option that has the same keys, where they have been listed there. */
  readonly like: string | undefined;
  /** Whether it stands at one place in every configuration: in no list, under no name of one's own, in no alternative. */
  readonly isFixed: boolean;
}

/** A JSON Schema, as far as it is read here. */
interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  /** Of keys that a pattern tells; the title is how they are shown. */
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

type Place = Pick<Option, 'path' | 'within' | 'isFixed'>;

/** The options of a configuration in the order of its schema; of objects that say nothing of themselves the keys alone. */
export function optionsOf(configSchema: z.ZodType): Option[] {
  const schema = toJsonSchema(configSchema);
  return new Walk(schema.$defs ?? {}).keysOf(schema, { path: '', within: undefined, isFixed: true });
}

/** The paths of all objects that stand at one place in a configuration, the outermost being ''. */
export function objectsOf(configSchema: z.ZodType): string[] {
  const walk = ({ properties = {} }: JsonSchema, path: string): string[] => {
    const inner = Object.entries(properties).filter(([, schema]) => schema.properties);
    return [path, ...inner.flatMap(([key, schema]) => walk(schema, joined(path, key)))];
  };
  return walk(toJsonSchema(configSchema), '');
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** One way through a schema: a definition that it uses again, be it within itself, is walked through once. */
class Walk {
  readonly #definitions: Readonly<Record<string, JsonSchema>>;
  /** Where each definition was come by first. */
  readonly #seen = new Map<string, string>();

  constructor(definitions: Readonly<Record<string, JsonSchema>>) {
    this.#definitions = definitions;
  }

  /** The keys of an object, or of the objects that it may be one of, with all that is within them. */
  keysOf({ $ref, ...schema }: JsonSchema, place: Place): Option[] {
    if ($ref !== undefined) {
      if (this.#seen.has($ref)) return [];
      this.#seen.set($ref, place.path);
      return this.keysOf(this.#definitions[nameIn($ref)] ?? {}, place);
    }
    const objects = choicesOf(schema) ?? [schema];
    const keys = new Set(objects.flatMap(({ properties = {} }) => Object.keys(properties)));
    const named = [...keys].flatMap((key) => {
      const having = objects.filter(({ properties }) => properties);
      const found = having.map(({ properties }) => properties?.[key]).filter((inner) => inner !== undefined);
      const isRequired = having.every(({ required }) => required?.includes(key));
      return this.#optionAt(merged(found), isRequired, { ...place, path: joined(place.path, key) });
    });
    const ofOnesOwn = objects.map(({ additionalProperties }) => additionalProperties).filter(isSchema);
    const ofPatterns = objects.flatMap(({ patternProperties = {} }) => Object.values(patternProperties));
    const each = [...ofOnesOwn, ...ofPatterns].flatMap((one) => {
      return this.#optionsOfEach(one, joined(place.path, one.title ?? '<name>'));
    });
    return [...named, ...each];
  }

  #optionAt(schema: JsonSchema, isRequired: boolean, place: Place): Option[] {
    const { description, default: fallback, properties, items, additionalProperties } = schema;
    const values = valuesOf(schema) ?? (items && valuesOf(items));
    const { path } = place;
    const refs = [schema, items, additionalProperties].filter(isSchema).map(({ $ref }) => $ref ?? '');
    const like = refs.map((ref) => this.#seen.get(ref)).find((seen) => seen !== undefined);
    const option = { ...place, description, default: fallback, isRequired, values, like };
    const isSure = isRequired || fallback !== undefined;
    const isChoice = choicesOf(schema) !== undefined;
    const inner = { path, within: isSure && !isChoice ? place.within : path, isFixed: place.isFixed && !isChoice };
    return [
      ...(properties && description === undefined ? [] : [option]),
      ...this.keysOf(schema, inner),
      ...(items ? this.#optionsOfEach(items, `${path}[]`) : []),
    ];
  }

  /** What is within each entry of a list, or under each name of one's own; and what they are, where they say so. */
  #optionsOfEach(schema: JsonSchema, path: string): Option[] {
    const { description, default: fallback } = schema;
    const isOther = choicesOf(schema)?.some(({ properties }) => !properties);
    const place = { path, within: isOther ? path : undefined, isFixed: false };
    const option = {
      ...place,
      description,
      default: fallback,
      isRequired: false,
      values: valuesOf(schema),
      like: undefined,
    };
    return [...(description === undefined ? [] : [option]), ...this.keysOf(schema, place)];
  }
}

function isSchema(value: JsonSchema | boolean | undefined): value is JsonSchema {
  return typeof value === 'object';
}

function valuesOf({ enum: values, const: value }: JsonSchema): readonly unknown[] | undefined {
  return values ?? (value === undefined ? undefined : [value]);
}

function choicesOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined {
  return anyOf ?? oneOf;
}

/** What the alternatives of a key say, as one. */
function merged(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = {}] = schemas;
  const distinct = <T>(values: readonly (T | undefined)[]) => [
    ...new Set(values.filter((value) => value !== undefined)),
  ];
  const descriptions = distinct(schemas.map(({ description }) => description));
  const values = distinct(schemas.flatMap(valuesOf));
  return {
    ...first,
    ...(descriptions.length > 0 && { description: descriptions.join('; ') }),
    ...(values.length > 0 && { enum: values }),
  };
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function nameIn(ref: string): string {
  return ref.split('/').at(-1) ?? '';
}
