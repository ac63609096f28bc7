import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { meaningOf, meanings } from 'wattline/figures';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

/** A name in the README as the names that it stands for: `a_{b,c}` is `a_b` and `a_c`. */
function namesIn(text: string): string[] {
  const [, before, all, after] = /^(.*)\{(.*)\}(.*)$/.exec(text) ?? [];
  return all === undefined ? [text] : all.split(',').map((one) => `${before}${one}${after}`);
}

it('the README names every metric of the table, and no other', () => {
  const section = readme.split(/^### /m).find((part) => part.startsWith('What is read\n')) ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? []);
  const named = cells.flatMap((cell) =>
    [...cell.matchAll(/`([\w.]+[\w.{},]*)`/g)].flatMap(([, name]) => namesIn(name as string)),
  );
  const others = named.filter((name) => !meaningOf(name));
  expect(others).toEqual([]);
  const read = new Set(named.map((name) => meaningOf(name)?.name));
  expect(meanings.map(({ name }) => name).filter((name) => !read.has(name))).toEqual([]);
});
