import { configurationSchema } from '../config/json-schema.ts';
import { Loader } from '../loader.ts';

/** Returns the JSON Schema of configurations with the bundled plugins as text. */
export async function schema(): Promise<string> {
  return `${JSON.stringify(await configurationSchema(new Loader()), null, 2)}\n`;
}
