import { hostOfAddress, isLoopback } from './addresses.ts';

/** What stands in the place of a secret; the Collector writes the same. */
export const REDACTED = '[REDACTED]';

/** A text shorter than this is hidden only where the configuration itself is shown: in other texts it says nothing. */
const SHORTEST = 4;
/** A text shorter than this counts as a whole word only, so that `5.0` does not change `15.04`. */
const LONG = 8;
/** A longer text is looked for as it is, and not by a pattern, which would become too large. */
const LONGEST_IN_PATTERN = 1000;
/** Words of a language, and addresses of machines, which are no secrets wherever they come from. */
const PLAIN = /^(?:[a-z]{1,7}|(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|localhost|):\d{1,5})$/i;

/**
 * Knows the texts of a configuration that no output may show: what comes from the environment and from files, the values of
 * secret settings, and what is secret in URLs. Everything that leaves the process as a message goes through it.
 */
export class Secrets {
  /** What is shown in the place of each text, by the text in lower case, since host names change their case. */
  readonly #shown = new Map<string, string>();
  /** The same of long texts, as they are. */
  readonly #long = new Map<string, string>();
  /** Texts of which a part is secret too, as where a server repeats what it was sent and the answer is cut. */
  readonly #whole = new Set<string>();
  #pattern: RegExp | undefined;

  /** Hides a text from now on, in all the ways in which it may be written; `shown` stands in its place. */
  add(text: string, shown: string = REDACTED): void {
    const trimmed = text.trim();
    const lines = trimmed.split(/\s*\n\s*/);
    for (const one of new Set([trimmed, ...(shown === REDACTED ? lines : [])])) {
      if (one.length < SHORTEST || PLAIN.test(one)) continue;
      for (const way of waysToWrite(one)) this.#put(way, shown);
      if (shown === REDACTED && one.length >= LONG) this.#whole.add(one);
    }
  }

  /** Returns the text without secrets. */
  redact(text: string): string {
    if (this.#shown.size + this.#long.size === 0) return text;
    if (this.#shown.size > 0) this.#pattern ??= patternOf(this.#shown.keys());
    let short = text;
    for (const [long, shown] of this.#long) if (long.length <= text.length) short = short.replaceAll(long, () => shown);
    const hide = (found: string) => this.#shown.get(found.toLowerCase()) ?? REDACTED;
    const whole = this.#pattern ? short.replace(this.#pattern, hide) : short;
    return [...this.#whole].reduce(withoutBeginnings, whole);
  }

  /** Returns a value of JSON without secrets in its texts. */
  redactIn<T>(value: T): T {
    if (typeof value === 'string') return this.redact(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.redactIn(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.redactIn(item)])) as T;
  }

  #put(text: string, shown: string): void {
    const isLong = text.length > LONGEST_IN_PATTERN;
    const [known, key] = isLong ? [this.#long, text] : [this.#shown, text.toLowerCase()];
    // What is secret for two reasons is shown as the stricter of the two.
    if (known.has(key) && shown !== REDACTED) return;
    known.set(key, shown);
    this.#pattern = undefined;
  }
}

/** A text as it is, in JSON, in HTML and in a URL, a relative path as part of an absolute one, and the host of a URL. */
function waysToWrite(text: string): Set<string> {
  const ways = [text, JSON.stringify(text).slice(1, -1), escapedHtml(text), encodeURIComponent(text.toWellFormed())];
  const parts = [text.replace(/^(?:\.{1,2}\/)+/, ''), hostOf(text) ?? ''];
  return new Set([...ways, ...parts].filter((way) => way.length >= SHORTEST));
}

/** Returns the host of a URL or an address, which the system names by itself; undefined where it is this machine. */
function hostOf(text: string): string | undefined {
  const host = URL.canParse(text) ? new URL(text).hostname : hostOfAddress(text);
  return host === undefined || isLoopback(host) ? undefined : host;
}

function escapedHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Matches the longest of several texts that stand at a place. */
function patternOf(texts: Iterable<string>): RegExp {
  const sorted = [...texts].sort((a, b) => b.length - a.length);
  const alternatives = sorted.map((text) => {
    const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return text.length < LONG ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped;
  });
  return new RegExp(alternatives.join('|'), 'giu');
}

/** Returns a text in which no beginning of a secret stands that is longer than half of it, or than what is short. */
function withoutBeginnings(text: string, secret: string): string {
  const beginning = secret.slice(0, Math.max(LONG, Math.ceil(secret.length / 2)));
  let result = text;
  for (let at = result.indexOf(beginning); at >= 0; at = result.indexOf(beginning, at + REDACTED.length)) {
    let end = at + beginning.length;
    while (end - at < secret.length && result[end] === secret[end - at]) end++;
    result = `${result.slice(0, at)}${REDACTED}${result.slice(end)}`;
  }
  return result;
}
