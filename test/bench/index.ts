/**
 * Measures Wattline beside the floor and prints the table of goals. `test/bench/README.md` says what each row means.
 *
 *   npm run bench -- [--only once,push] [--rounds 5] [--most-runs 10000] [--cli src/cli.ts] [--peers] [--output file.json] [--markdown]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../kit/checkout.ts';
import { machineLine, thisMachine } from './kit/machine.ts';
import { installPeers } from './kit/peers.ts';
import { lastResults, latestFile, writeResults } from './kit/results.ts';
import { type BenchOptions, holds, type Row } from './kit/row.ts';
import { formatTable } from './kit/table.ts';
import { benches } from './rows/index.ts';

const { values: options } = parseArgs({
  options: {
    /** Names of benches; all where it is left out. */
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    /** Measures other tools too, and installs them outside of the project. */
    peers: { type: 'boolean', default: false },
    /** Leaves out larger inputs. */
    'most-runs': { type: 'string', default: 'Infinity' },
    /** Which command line is run, of the project; by default that of the built package. */
    cli: { type: 'string', default: 'dist/src/cli.js' },
    /** Where the results go; results/latest.json where all benches run, else nowhere. */
    output: { type: 'string' },
    /** Prints the table alone, for the README. */
    markdown: { type: 'boolean', default: false },
  },
});

const wanted = options.only?.split(',');
const unknown = wanted?.find((name) => !benches.some((bench) => bench.name === name));
if (unknown !== undefined) {
  console.error(`there is no bench ${unknown}; there are ${benches.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const machine = thisMachine();
const rounds = Number(options.rounds);
const log = (line: string) => console.error(`… ${line}`);
const benchOptions: BenchOptions = {
  rounds,
  wattline: [resolve(projectRoot, options.cli)],
  mostRuns: Number(options['most-runs']),
  peers: options.peers ? await installPeers(log) : undefined,
  smoke: false,
  log,
};
const rows: Row[] = [];
for (const bench of benches) {
  if (wanted && !wanted.includes(bench.name)) continue;
  rows.push(...(await bench.run(benchOptions)));
}

const last = await lastResults();
const table = formatTable(rows, new Map(last?.rows.map((row) => [row.id, row])));
console.log(`${machineLine(machine)}; medians of ${rounds} interleaved rounds\n`);
console.log(table);
if (!options.markdown) {
  const missed = rows.filter((row) => holds(row) === false).length;
  console.log(`\n${missed === 0 ? 'all goals hold' : `${missed} of ${rows.length} rows miss their goal`}`);
  if (last) console.log(`before: ${machineLine(last.machine)}`);
}
const output = options.output ?? (wanted ? undefined : latestFile);
if (output !== undefined) await writeResults(output, { machine, rounds, rows });
