import { expect, it } from 'vitest';
import { markdownLine, markdownTable } from './markdown.ts';

it('shows what names have in them, which makes no cell, row or element', () => {
  const table = markdownTable(['name', 'W'], [['a|b\\|c\n| d |\u001b[31m<b>', '1']]);
  expect(table).toBe('| name | W |\n| --- | --- |\n| a\\|b\\\\\\|c�\\| d \\|�[31m\\<b> | 1 |');
  expect(markdownLine('measure -- <now>\r\n# <then>')).toBe('measure -- \\<now>��# \\<then>');
});
