/**
 * Returns a line of the log, which is JSON, for a terminal: a line break, or a sequence that moves the cursor, in a name that
 * somebody sent is written as it is written in JSON, so that it does not pass for something that Wattline says. Stacks of
 * errors keep their lines.
 */
export function withVisibleControls(line: string): string {
  const { err, ...texts } = JSON.parse(line) as Record<string, unknown>;
  return `${JSON.stringify({ ...(visible(texts) as object), ...(err !== undefined && { err }) })}\n`;
}

function visible(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escaped);
  if (Array.isArray(value)) return value.map(visible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [visible(key), visible(item)]));
}

function escaped(character: string): string {
  const short = JSON.stringify(character).slice(1, -1);
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short;
}
