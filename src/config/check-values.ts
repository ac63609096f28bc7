import type { ZodType, z } from 'zod';
import type { Problem } from '../errors.ts';
import { formatPath, type Located, type Path, positionAt, toPlain, valueAt } from './located.ts';
import { nearest, suggest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks a component's section against its schema and returns the typed configuration; a key without a value counts
 * as absent. Adds a problem for each thing wrong, and returns undefined where there is any.
 */
export function checkValues<C>(schema: ZodType<C>, section: Located, path: Path, problems: Problem[]): C | undefined {
  let result = schema.safeParse(plainSection(section), { reportInput: true });
  if (!result.success) {
    const text = withText(section, result.error.issues);
    if (text !== section) result = schema.safeParse(plainSection(text), { reportInput: true });
  }
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push(...describeIssue(issue, schema, section, path));
  return undefined;
}

/** The section as plain values; nothing at all counts as an empty map, and a key without a value as absent. */
function plainSection(section: Located): unknown {
  return section.kind === 'scalar' && section.value === null ? {} : dropNulls(toPlain(section));
}

function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === null ? undefined : dropNulls(item)]),
  );
}

/** Where an issue is about a value that came from `${…}`, its text in place of what YAML made of it. */
function withText(section: Located, issues: readonly Issue[]): Located {
  return issues.reduce((result, issue) => replaceWithText(result, issue.path as Path), section);
}

function replaceWithText(located: Located, path: Path): Located {
  const [step, ...rest] = path;
  if (step === undefined) {
    return located.kind === 'scalar' && located.text !== undefined ? { ...located, value: located.text } : located;
  }
  if (located.kind === 'list') {
    const items = located.items.map((item, index) => (index === step ? replaceWithText(item, rest) : item));
    return items.every((item, index) => item === located.items[index]) ? located : { ...located, items };
  }
  if (located.kind !== 'map') return located;
  const entry = located.entries.get(String(step));
  const value = entry && replaceWithText(entry.value, rest);
  if (!entry || value === entry.value) return located;
  return { ...located, entries: new Map(located.entries).set(String(step), { ...entry, value: value as Located }) };
}

function describeIssue(issue: Issue, schema: ZodType, section: Located, base: Path): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      code: 'CONFIG_UNKNOWN_KEY',
      at: positionAt(section, [...path, key]),
      path: formatPath([...base, ...path, key]),
      message: 'unknown key',
      remedy: suggest(key, known, 'keys'),
    }));
  }
  const expected = expectation(issue);
  const input = issue.input;
  const missing = input === undefined;
  return [
    {
      code: missing ? 'CONFIG_MISSING_KEY' : 'CONFIG_INVALID_VALUE',
      at: valueAt(section, path)?.at ?? positionAt(section, path),
      path: formatPath([...base, ...path]),
      message: missing ? 'required key is missing' : `${brief(input)} is not valid here`,
      remedy: expected,
    },
  ];
}

function expectation(issue: Issue): string {
  const text = issue.message.replace(/^[^:]*: (?=expected)/, '').replace(/, received .*$/, '');
  if (issue.code === 'invalid_value' && typeof issue.input === 'string') {
    const guess = nearest(issue.input, issue.values.map(String));
    if (guess) return `did you mean \`${guess}\`? ${text}`;
  }
  return text;
}

function keysAt(schema: ZodType, path: Path): string[] {
  let current: unknown = schema;
  for (const step of path) {
    const { def, shape } = unwrap(current);
    current = typeof step === 'number' ? def.element : shape?.[step];
  }
  return Object.keys(unwrap(current).shape ?? {});
}

interface Unwrapped {
  def: { innerType?: unknown; in?: unknown; element?: unknown };
  shape?: Record<string, unknown>;
}

/** The object schema within defaults, optionals and pipes. */
function unwrap(schema: unknown): Unwrapped {
  const current = schema as Unwrapped | undefined;
  const inner = current?.def?.innerType ?? current?.def?.in;
  return inner ? unwrap(inner) : (current ?? { def: {} });
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
