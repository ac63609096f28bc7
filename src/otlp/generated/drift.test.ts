import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// Plain JavaScript, since what it uses has no types.
const { generate } = (await import(new URL('generate.js', import.meta.url).href)) as {
  generate(): Record<string, string>;
};

it.each(Object.entries(generate()))('%s is what metrics.proto says; if not, run `npm run otlp`', (name, text) => {
  expect(readFileSync(new URL(name, import.meta.url), 'utf8')).toBe(text);
});
