import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** How many texts a rule remembers, and how long they are at most: who is scraped makes them. */
const REMEMBERED = 1000;
const LONGEST = 1000;

const load = createRequire(import.meta.url);

/** The labels of a target or a sample by name; an empty one counts as absent. */
export type Labels = Readonly<Record<string, string>>;

export const actions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

/** A rule of `relabel_configs`, complete: what its action does not use is not looked at. */
export interface RelabelRule {
  readonly action: (typeof actions)[number];
  readonly source_labels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly modulus: number;
  readonly target_label: string;
  readonly replacement: string;
}

/** Returns what becomes of labels, or undefined where they are dropped. */
export type Relabelling = (labels: Labels) => Labels | undefined;

/** Returns what the rules make of labels, one after the other, as Prometheus 3 does. Throws where a regex is invalid. */
export function relabelling(rules: readonly RelabelRule[]): Relabelling {
  const steps = rules.map(stepOf);
  return (labels) => {
    const own = new Map(Object.entries(labels).filter(([, value]) => value !== ''));
    return steps.every((step) => step(own)) ? Object.fromEntries(own) : undefined;
  };
}

/** Compiles a regular expression in the syntax of RE2 that a whole text must match. Throws where it is invalid. */
export function anchored(regex: string): RE2JS {
  // Its tables are large, and most configurations have no rules.
  const { RE2JS } = load('re2js') as typeof import('re2js');
  return RE2JS.compile(`^(?s:${regex})$`);
}

type Step = (labels: Map<string, string>) => boolean;

/** Returns the step of a rule: it edits labels, and returns whether they are kept. */
function stepOf(rule: RelabelRule): Step {
  const { action, source_labels, separator, target_label: target } = rule;
  const regex = anchored(rule.regex);
  const matches = remembered((text) => regex.test(text));
  const read = (labels: Map<string, string>) => source_labels.map((name) => labels.get(name) ?? '').join(separator);
  const onNames = (edit: (labels: Map<string, string>, name: string, isMatch: boolean) => void): Step => {
    return (labels) => {
      for (const name of [...labels.keys()].sort()) edit(labels, name, matches(name));
      return true;
    };
  };
  const setTarget = (make: (value: string) => string): Step => {
    return (labels) => set(labels, target, make(read(labels)));
  };
  switch (action) {
    case 'keep':
      return (labels) => matches(read(labels));
    case 'drop':
      return (labels) => !matches(read(labels));
    case 'keepequal':
      return (labels) => (labels.get(target) ?? '') === read(labels);
    case 'dropequal':
      return (labels) => (labels.get(target) ?? '') !== read(labels);
    case 'lowercase':
      return setTarget((value) => value.toLowerCase());
    case 'uppercase':
      return setTarget((value) => value.toUpperCase());
    case 'hashmod':
      return setTarget((value) => String(hashOf(value) % BigInt(rule.modulus)));
    case 'labeldrop':
      return onNames((labels, name, isMatch) => isMatch && labels.delete(name));
    case 'labelkeep':
      return onNames((labels, name, isMatch) => isMatch || labels.delete(name));
    case 'labelmap':
      return onNames((labels, name, isMatch) => {
        if (isMatch) set(labels, expanded(rule.replacement, regex, name) ?? '', labels.get(name) ?? '');
      });
    case 'replace': {
      const made = remembered((value) => ({
        name: expanded(target, regex, value) ?? '',
        text: expanded(rule.replacement, regex, value) ?? '',
      }));
      return (labels) => {
        const { name, text } = made(read(labels));
        return name === '' || set(labels, name, text);
      };
    }
  }
}

/** Remembers what was made of the last texts: the names of metrics and labels come again with every sample. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (text.length > LONGEST) return make(text);
    if (known.has(text)) return known.get(text) as T;
    if (known.size >= REMEMBERED) known.clear();
    const made = make(text);
    known.set(text, made);
    return made;
  };
}

function set(labels: Map<string, string>, name: string, value: string): true {
  if (value === '') labels.delete(name);
  else if (name !== '') labels.set(name, value);
  return true;
}

/** The last eight bytes of the MD5 of a text, which is what Prometheus shares targets out by. */
function hashOf(text: string): bigint {
  return createHash('md5').update(text).digest().readBigUInt64BE(8);
}

const REFERENCE = /\$(?:(\$)|(\w+)|\{(\w+)\})/g;

/**
 * Returns a template with the groups of a match in place of `$1` and `${name}` by the rules of Go, where `$$` is a dollar
 * sign and a group that is not there is empty; undefined where the text does not match.
 */
function expanded(template: string, regex: RE2JS, text: string): string | undefined {
  const matcher = regex.matcher(text);
  if (!matcher.find()) return undefined;
  const names = regex.namedGroups();
  return template.replace(REFERENCE, (_, dollar?: string, plain?: string, braced?: string) => {
    const name = plain ?? braced;
    if (dollar || name === undefined) return '$';
    const index = /^\d+$/.test(name) ? Number(name) : (names[name] ?? Number.NaN);
    return index <= matcher.groupCount() ? (matcher.group(index) ?? '') : '';
  });
}
