/** The values for the placeholders of a query: text by name, undefined where the run does not have it. */
export type Lookup = (name: string) => string | undefined;

/** The result of a template: the query, or the name of a value that the run does not have. */
export type Expanded = { readonly query: string } | { readonly missing: string };

/** The placeholder for the length of a step, the only one that may be outside of strings. */
const STEP = 'step';
const PLACEHOLDER = /\{\{(.*?)\}\}/y;
/** Matches an operator before a string that is a regular expression. */
const MATCHES_PATTERN = /[=!]~\s*$/;

interface Placeholder {
  readonly name: string;
  readonly place: 'bare' | 'string' | 'pattern';
}

/**
 * A PromQL expression with placeholders such as `{{scenario}}` for values of a run. They stand within "…" or '…', where all
 * values are plain text, also after `=~` and `!~`; `{{step}}` is a duration and may stand anywhere.
 */
export class QueryTemplate {
  readonly #parts: readonly (string | Placeholder)[];

  /** Throws an error with a remedy where a placeholder is empty, not closed, or not allowed at its place. */
  constructor(text: string) {
    this.#parts = partsOf(text);
  }

  /** Returns the query for one run; `step` is a PromQL duration such as `5000ms`. */
  expand(step: string, lookup: Lookup): Expanded {
    let query = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') query += part;
      else if (part.name === STEP) query += step;
      else {
        const value = lookup(part.name);
        if (value === undefined) return { missing: part.name };
        query += quoted(part.place === 'pattern' ? literalPattern(value) : value);
      }
    }
    return { query };
  }
}

function partsOf(text: string): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let begun = 0;
  let quote = '';
  let place: Placeholder['place'] = 'bare';
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    PLACEHOLDER.lastIndex = i;
    if (text.startsWith('{{', i)) {
      const [whole, inner] = PLACEHOLDER.exec(text) ?? [];
      if (whole === undefined) throw new Error('a `{{` has no closing `}}`');
      const name = (inner as string).trim();
      checkPlace(name, quote);
      parts.push(text.slice(begun, i), { name, place });
      begun = i + whole.length;
      i = begun - 1;
    } else if (quote === '') {
      if (character === '#') i = endOfLine(text, i);
      else if (character === '"' || character === "'" || character === '`') {
        quote = character;
        place = MATCHES_PATTERN.test(text.slice(0, i)) ? 'pattern' : 'string';
      }
    } else if (character === '\\' && quote !== '`') i++;
    else if (character === quote) {
      quote = '';
      place = 'bare';
    }
  }
  parts.push(text.slice(begun));
  return parts;
}

function checkPlace(name: string, quote: string): void {
  if (name === '') throw new Error('a `{{ }}` names nothing; write an attribute of the run, such as {{scenario}}');
  if (name === STEP || quote === '"' || quote === "'") return;
  const where = quote === '`' ? 'within `…`, where nothing can be escaped' : 'outside of a string';
  throw new Error(`{{${name}}} stands ${where}; write it within "…", as in {job="{{${name}}}"}`);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Escapes text for a PromQL string in either kind of quotes; both kinds are written as numbers. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end would end the string
  return text.replace(/[\\"'\u0000-\u001f\u007f]/g, (character) =>
    character === '\\' ? '\\\\' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Returns a regular expression (RE2) that matches only the text. */
function literalPattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
