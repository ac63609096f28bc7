import { printable } from './printable.ts';

/** Returns a table in Markdown; what names have in them is shown, and makes no cell, row or element of its own. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => printable(text).replace(/[\\|<]/g, '\\$&');
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}

/** Returns a line of Markdown in which `<` begins no element of HTML. */
export function markdownLine(text: string): string {
  return printable(text).replaceAll('<', '\\<');
}
