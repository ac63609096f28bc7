/**
 * Measures how long results text takes to become runs, beside `JSON.parse` of the same file, in one process. Prints
 * medians of interleaved rounds, in milliseconds of wall time and of this process's CPU, and their ratios.
 *
 *   npx node test/bench/scan.ts <results.json> [rounds]
 */
import { createReadStream, readFileSync } from 'node:fs';
import { readResults } from '../../src/results/index.ts';

const [path, rounds = '7'] = process.argv.slice(2);
if (path === undefined) throw new Error('give the path of a results file');

const ways = {
  'JSON.parse': async () => JSON.parse(readFileSync(path, 'utf8')).scenarios.length,
  scan: async () => {
    let count = 0;
    const chunks = createReadStream(path, { highWaterMark: 256 * 1024 });
    for await (const runs of readResults(chunks, { fallbackTime: 0 })) count += runs.length;
    return count;
  },
};

const times = Object.keys(ways).map((title) => ({ title, runs: 0, wall: [] as number[], cpu: [] as number[] }));
for (let round = 0; round <= Number(rounds); round++) {
  for (const time of times) {
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    time.runs = await ways[time.title as keyof typeof ways]();
    const wall = performance.now() - before;
    const { user, system } = process.cpuUsage(cpuBefore);
    if (round === 0) continue;
    time.wall.push(wall);
    time.cpu.push((user + system) / 1000);
  }
}
const [floor] = times;
for (const { title, runs, wall, cpu } of times) {
  const ratio = (mine: number[], theirs: number[] = []) => (median(mine) / median(theirs)).toFixed(3);
  console.log(
    `${title.padEnd(12)} ${runs} runs  wall ${median(wall).toFixed(0)} ms (${ratio(wall, floor?.wall)} ×)`,
    ` CPU ${median(cpu).toFixed(0)} ms (${ratio(cpu, floor?.cpu)} ×)`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
