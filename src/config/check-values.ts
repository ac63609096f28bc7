import type { ZodType, z } from 'zod';
import type { Problem } from '../errors.ts';
import { expectation } from './expectation.ts';
import { withoutForeignKeys } from './foreign-keys.ts';
import { isNothing, type Located, mapChildren, type Path, placeOf, toPlain, valueAt } from './located.ts';
import { nearest, suggest } from './nearest.ts';
import { withNewNames } from './renamed-values.ts';
import { descriptionAt, isSecretAt, keysAt, marksAt } from './schema-at.ts';
import { withoutSecretsOfUrl } from './url-secrets.ts';

type Issue = z.core.$ZodIssue;

const TYPE_ISSUES: ReadonlySet<Issue['code']> = new Set(['invalid_type', 'invalid_union', 'invalid_value']);

/** How many values from expressions are tried in their alternative reading: each is looked up in the whole. */
const MOST_REPLACED = 1000;

/**
 * Checks the section at a path against its schema and returns the typed configuration; a key without a value counts
 * as absent. Adds a problem for each thing wrong, and returns undefined where there is any but keys of the Collector's; adds
 * a warning for each such key that has no effect, and for each value that is called otherwise by now.
 */
export function checkValues<C>(
  schema: ZodType<C>,
  root: Located,
  path: Path,
  problems: Problem[],
  warnings: string[] = [],
): C | undefined {
  const written = valueAt(root, path);
  const place = { schema, root, base: path, problems, warnings };
  const section = written && withoutForeignKeys(withNewNames(written, schema, path, warnings), place);
  let result = parse(schema, section);
  if (!result.success && section) {
    const other = withOtherwise(section, result.error.issues);
    if (other !== section) result = parse(schema, other);
  }
  if (result.success) return result.data;
  for (const issue of result.error.issues.flatMap(mostLikely)) {
    problems.push(...describeIssue(issue, schema, root, path));
  }
  return undefined;
}

/** A missing section counts as an empty map. */
function parse<C>(schema: ZodType<C>, section: Located | undefined) {
  const plain = !section || isNothing(section) ? {} : withoutNulls(toPlain(section), schema, []);
  return schema.safeParse(plain, { reportInput: true, error: expectation, jitless: true });
}

/** A key without a value is as if it were not there, unless it stands for a section. */
function withoutNulls(value: unknown, schema: ZodType, path: Path): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutNulls(item, schema, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const own = [...path, key];
      if (item !== null) return [key, withoutNulls(item, schema, own)];
      return [key, marksAt(schema, own).empty ? {} : undefined];
    }),
  );
}

/** Replaces values from `${…}` that have issues by their alternative reading. */
function withOtherwise(section: Located, issues: readonly Issue[]): Located {
  return issues.slice(0, MOST_REPLACED).reduce((result, { code, path }) => {
    const located = valueAt(result, path as Path);
    // A map or list is replaced only where its type is the issue, not where its content is.
    if (located?.otherwise === undefined || !(TYPE_ISSUES.has(code) || located.kind === 'scalar')) return result;
    return replaced(result, path as Path, { kind: 'scalar', at: located.at, value: located.otherwise });
  }, section);
}

function replaced(located: Located, [step, ...rest]: Path, value: Located): Located {
  if (step === undefined) return value;
  return mapChildren(located, (child, own) => (String(own) === String(step) ? replaced(child, rest, value) : child));
}

/** Returns the issues of the union branch that the value fits best. */
function mostLikely(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0 || !/^Invalid input/.test(issue.message))
    return [issue];
  const branches = issue.errors.map((errors) => errors.flatMap(mostLikely));
  const flat = branches.filter((branch) => branch.every(({ path }) => path.length === 0)).flat();
  if (flat.length >= branches.length) {
    const expected = [...new Set(flat.map(({ message }) => message.replace(/^expected /, '')))].join(' or ');
    return [{ ...issue, message: `expected ${expected}` }];
  }
  const [best = []] = branches
    .filter((branch) => branch.some(({ path }) => path.length))
    .sort((a, b) => a.length - b.length);
  return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function describeIssue(issue: Issue, schema: ZodType, root: Located, base: Path): Problem[] {
  const within = issue.path as Path;
  const path = [...base, ...within];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, within);
    return issue.keys.map((key) => ({
      code: 'CONFIG_UNKNOWN_KEY',
      ...placeOf(root, [...path, key]),
      message: 'unknown key',
      remedy: known.includes(key)
        ? 'it cannot be combined with the other keys here'
        : suggest(key, known, 'known keys'),
    }));
  }
  const located = valueAt(root, path);
  const keyPlace = placeOf(root, path);
  const place = { ...keyPlace, at: located?.at ?? keyPlace.at };
  if (located?.kind === 'scalar' && located.unset !== undefined) {
    const message = `environment variable ${located.unset} is not set`;
    const remedy = `set it, or write a default as in \${env:${located.unset}:-default}`;
    return [{ code: 'CONFIG_MISSING_KEY', ...place, message, remedy }];
  }
  if (issue.code === 'invalid_key') {
    const remedy = issue.issues.map((inner) => inner.message).join('; ');
    const message = `\`${path.at(-1)}\` is not a valid key here`;
    return [{ code: 'CONFIG_INVALID_VALUE', ...keyPlace, message, remedy }];
  }
  // Where a discriminator is missing, zod reports the issue on the map that lacks it.
  if (issue.input === undefined || (issue.code === 'invalid_union' && !located)) {
    const message = located ? 'the key has no value' : 'the required key is missing';
    const purpose = descriptionAt(schema, within);
    const remedy = purpose ? `${issue.message} (${purpose})` : issue.message;
    return [{ code: 'CONFIG_MISSING_KEY', ...place, message, remedy }];
  }
  const isMarked = marksAt(schema, within).secret === true;
  // A text in the place of a section with secrets is likely to be one of them.
  const isSecret = isMarked || (located?.kind === 'scalar' && isSecretAt(schema, within));
  const expression = isMarked ? undefined : located?.written;
  const shown = expression ?? (isSecret ? 'the value' : brief(located ? toPlain(located) : issue.input));
  // A check of a whole map refuses its content, not its type.
  const isMap = issue.code === 'custom' && located?.kind === 'map';
  const message = isMap ? 'this map is not valid' : `${shown} is not valid here`;
  const isHidden = isSecret || located?.written !== undefined;
  // A remedy may repeat the value in quotes.
  const remedy = isHidden ? remedyOf(issue).replace(/, in quotes: ".*"$/s, ', in quotes') : remedyOf(issue);
  return [{ code: 'CONFIG_INVALID_VALUE', ...place, message, remedy, ...(isSecret && { isSecret }) }];
}

function remedyOf(issue: Issue): string {
  if (issue.code === 'invalid_value' && typeof issue.input === 'string') {
    const guess = nearest(issue.input, issue.values.map(String));
    if (guess) return `did you mean \`${guess}\`? ${issue.message}`;
  }
  return issue.message;
}

function brief(value: unknown): string {
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list';
  if (typeof value === 'object' && value !== null) return 'a map';
  if (value === null) return 'an empty item';
  const text = JSON.stringify(typeof value === 'string' ? withoutSecretsOfUrl(value, '…') : value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
