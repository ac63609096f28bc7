import { z } from 'zod';
import type { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { type Kind, kinds } from '../plugin/kind.ts';
import type { Marks } from '../plugin/schema.ts';
import { serviceSchema } from './check-service.ts';

/** The part of a JSON Schema that is used here. */
interface JsonSchema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly items?: JsonSchema | undefined;
  readonly additionalProperties?: JsonSchema | boolean | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
}

/** Any value may be an expression, and any key may be without a value. */
const ELSEWHERE: JsonSchema = { anyOf: [{ type: 'string', pattern: '\\$\\{' }, { type: 'null' }] };

/** Returns the JSON Schema of a configuration with all plugins of a loader, for completion and checks in editors. */
export async function configurationSchema(loader: Loader): Promise<JsonSchema> {
  const known = (await Promise.all(kinds.map((kind) => loader.plugins(kind)))).flat();
  const sections = kinds.map((kind) => [`${kind}s`, sectionOf(kind, known)] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A configuration of Wattline',
    type: 'object',
    properties: {
      ...Object.fromEntries(sections),
      plugins: {
        description: 'Plugins of your own: paths such as ./my-processor.ts, or names of installed npm packages',
        type: ['array', 'null'],
        items: { type: 'string' },
      },
      service: { description: 'What is started, and how it is connected', ...relaxed(schemaOf(serviceSchema)) },
    },
    additionalProperties: false,
    $defs: {
      elsewhere: ELSEWHERE,
      ...Object.assign({}, ...known.map(definitionsOf)),
    },
  };
}

function nameOf({ kind, type }: AnyPlugin): string {
  return `${kind}_${type}`;
}

/** Returns the schema of a plugin's section by its name, with the definitions that it refers to. */
function definitionsOf(plugin: AnyPlugin): Record<string, JsonSchema> {
  const name = nameOf(plugin);
  const text = JSON.stringify(schemaOf(plugin.configSchema)).replaceAll('"#/$defs/', `"#/$defs/${name}`);
  const { $defs = {}, ...section } = JSON.parse(text) as JsonSchema & { $defs?: Record<string, JsonSchema> };
  const own = Object.entries($defs).map(([key, schema]) => [`${name}${key}`, relaxed(schema)]);
  return { [name]: relaxed(section), ...Object.fromEntries(own) };
}

/** Returns the schema of a kind's section: types that editors offer, and ids with a name. */
function sectionOf(kind: Kind, plugins: readonly AnyPlugin[]): JsonSchema {
  const own = plugins.filter((plugin) => plugin.kind === kind);
  const entry = (plugin: AnyPlugin) => ({ anyOf: [{ $ref: `#/$defs/${nameOf(plugin)}` }, { type: 'null' }] });
  const words = own.flatMap((plugin) =>
    [plugin.type, ...(plugin.aliases ?? [])].map((word) => [word, plugin] as const),
  );
  return {
    description: `The ${kind}s by their ids, \`type\` or \`type/name\``,
    type: ['object', 'null'],
    properties: Object.fromEntries(words.map(([word, plugin]) => [word, entry(plugin)])),
    patternProperties: Object.fromEntries(words.map(([word, plugin]) => [`^${word}/`, entry(plugin)])),
  };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // An editor offers what there is, and what a value is called now.
      delete jsonSchema.renamed;
      withIgnoredKeys(jsonSchema);
    },
  }) as JsonSchema;
  return rest;
}

/** An editor lets the Collector's keys that have no effect here stand, and says that they have none. */
function withIgnoredKeys(jsonSchema: { foreign?: Marks['foreign']; properties?: Record<string, unknown> }): void {
  for (const [key, { ignored }] of Object.entries(jsonSchema.foreign ?? {})) {
    if (ignored === undefined) continue;
    jsonSchema.properties = {
      ...jsonSchema.properties,
      [key]: { description: `No effect: ${ignored}`, deprecated: true },
    };
  }
  delete jsonSchema.foreign;
}

/** Returns the schema with every value within replaceable by an expression. */
function relaxed({ properties, items, additionalProperties, anyOf, ...rest }: JsonSchema): JsonSchema {
  const named = Object.entries(properties ?? {}).map(([key, schema]) => [key, orElsewhere(schema)]);
  const isMap = typeof additionalProperties === 'object';
  return {
    ...rest,
    properties: properties && Object.fromEntries(named),
    items: items && orElsewhere(items),
    additionalProperties: isMap ? orElsewhere(additionalProperties) : additionalProperties,
    anyOf: anyOf?.map(relaxed),
  };
}

function orElsewhere(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, ...rest } = relaxed(schema);
  return { description, default: fallback, anyOf: [...(rest.anyOf ?? [rest]), { $ref: '#/$defs/elsewhere' }] };
}
