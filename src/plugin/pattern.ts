import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { z } from 'zod';

const load = createRequire(import.meta.url);

/** A regular expression of a configuration. It is looked for anywhere in a text, unless it is anchored by `^` and `$`. */
export interface Pattern {
  /** The names of its groups, in their order. */
  readonly groupNames: readonly string[];
  /** Whether it is found in the text. */
  test(text: string): boolean;
  /** What its named groups have taken where it is first found; without those that took no part, and empty where it is not found. */
  groups(text: string): Readonly<Record<string, string>>;
}

/**
 * A regular expression in the syntax of RE2, as the Collector's are: with `(?P<name>…)` or `(?<name>…)`, without
 * look-around and back-references. The time that it takes grows with the text no more than in proportion, whoever wrote it.
 */
export const pattern = () =>
  z
    .string()
    .min(1)
    .transform((text, ctx): Pattern => {
      try {
        return new Re2Pattern(text);
      } catch (error) {
        const message = `expected a regular expression in the syntax of RE2: ${(error as Error).message}`;
        ctx.addIssue({ code: 'custom', message, input: text });
        return z.NEVER;
      }
    });

/** Two of the same text are equal to `isDeepStrictEqual`, so that a reload knows settings that have not changed. */
class Re2Pattern implements Pattern {
  readonly text: string;
  readonly groupNames: readonly string[];
  readonly #expression: RE2JS;

  /** Throws where the text is no regular expression. */
  constructor(text: string) {
    this.text = text;
    // Its tables are large, and most configurations have no pattern.
    const re2js = load('re2js') as typeof import('re2js');
    this.#expression = re2js.RE2JS.compile(text);
    this.groupNames = Object.keys(this.#expression.namedGroups());
  }

  test(text: string): boolean {
    return this.#expression.test(text);
  }

  groups(text: string): Readonly<Record<string, string>> {
    const matcher = this.#expression.matcher(text);
    if (!matcher.find()) return {};
    const taken = this.groupNames.map((name) => [name, matcher.group(name)] as const);
    return Object.fromEntries(taken.filter((group): group is [string, string] => group[1] !== null));
  }
}
