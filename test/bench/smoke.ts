/**
 * Checks that every bench runs, at tiny sizes, and that the counts which do not depend on the machine hold. Exit status
 * 1 where one does not.
 *
 *   npm run bench:smoke
 */
import { resolve } from 'node:path';
import { projectRoot } from '../kit/checkout.ts';
import { type BenchOptions, holds, type Row } from './kit/row.ts';
import { formatTable } from './kit/table.ts';
import { counts } from './rows/counts.ts';
import { benches } from './rows/index.ts';

const options: BenchOptions = {
  rounds: 1,
  wattline: [resolve(projectRoot, process.argv[2] ?? 'dist/src/cli.js')],
  mostRuns: Number.POSITIVE_INFINITY,
  smoke: true,
  log: () => {},
};

for (const bench of benches.filter(({ name }) => name !== 'impact')) {
  const began = performance.now();
  const rows = await bench.run(options);
  const odd = rows.filter(({ value }) => !Number.isFinite(value.median));
  if (odd.length > 0) fail(`${bench.name} has measured nothing`, odd);
  if (rows.length === 0 && process.env.WATTLINE_REQUIRE_PEERS) fail(`${bench.name} was left out`, []);
  console.log(`${bench.name}: ${rows.length} rows in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

const counted = await counts.run(options);
console.log(`\n${formatTable(counted, new Map())}`);
const missed = counted.filter((row) => holds(row) !== true);
if (missed.length > 0) fail('these counts do not hold', missed);

function fail(what: string, rows: readonly Row[]): void {
  console.error([what, ...rows.map(({ id }) => id)].join(' '));
  process.exitCode = 1;
}
