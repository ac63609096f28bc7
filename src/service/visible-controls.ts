const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const HIDDEN_IN_LINES = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Returns a line of the log, which is JSON, for a terminal: a line break, or a sequence that moves the cursor, in a name that
 * somebody sent is written as it is written in JSON, so that it does not pass for something that Wattline says. Errors
 * keep their lines, which are indented there, and nothing else.
 */
export function withVisibleControls(line: string): string {
  const { err, ...texts } = JSON.parse(line) as Record<string, unknown>;
  const shown = visible(texts, HIDDEN) as object;
  return `${JSON.stringify({ ...shown, ...(err !== undefined && { err: visible(err, HIDDEN_IN_LINES) }) })}\n`;
}

function visible(value: unknown, hidden: RegExp): unknown {
  if (typeof value === 'string') return value.replace(hidden, escaped);
  if (Array.isArray(value)) return value.map((item) => visible(item, hidden));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [visible(key, hidden), visible(item, hidden)]));
}

function escaped(character: string): string {
  const short = JSON.stringify(character).slice(1, -1);
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short;
}
