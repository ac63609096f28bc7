import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { meaningOf, meanings } from 'wattline/figures';
import { findInstanceType } from '../../../src/prediction/instance-types.ts';
import { serverCpus } from '../../../src/prediction/server-cpus.ts';

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

it('the README has the table of CPUs, and for each the families of instances that have it', () => {
  const section = readme.split(/^## /m).find((part) => part.startsWith('Hosts without a meter\n')) ?? '';
  const rows = section.split('\n').flatMap((line) => {
    const cells = /^\| ((?:Intel|AMD) .*) \|$/.exec(line)?.[1]?.split(' | ');
    return cells ? [cells] : [];
  });
  const range = ([lower, upper]: readonly [number, number]) => `${lower}–${upper}`;
  expect(rows.map((cells) => cells.slice(0, 4))).toEqual(
    Object.values(serverCpus).map(({ name, idle, max, idleRange, maxRange }) => [
      ...[name, String(idle), String(max)],
      `${range(idleRange)}, ${range(maxRange)}`,
    ]),
  );
  for (const [name, , , , families = ''] of rows) {
    for (const family of families.replace(', two logical CPUs each', '').split(/[ ;]+/)) {
      const names = [`${family}.xlarge`, `${family}-standard-4`, `Standard_${family.replace(/^([A-Z])/, '$14')}`];
      expect(
        names.map((one) => findInstanceType(one)?.cpu.name),
        family,
      ).toContain(name);
    }
  }
});
