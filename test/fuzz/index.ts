/**
 * Reads hostile bytes with every reader: 1,000,000 cases, or those of the targets that are named. Exit status 1 where
 * something does not hold; the input is kept in the corpus then.
 *
 *   FUZZ_CASES=1000000 FUZZ_SEED=1 npm run test:fuzz [target …]
 */
import { Worker } from 'node:worker_threads';
import { sharesOf, targetsOf } from './all-targets.ts';
import type { Report } from './campaign.ts';
import { keepFailure } from './corpus.ts';
import type { Work } from './worker.ts';

/** A case that takes more than this many milliseconds of CPU time hangs; on a busy machine that may take long. */
const HANGS = 30_000;
/** The heap of a thread, in MiB: a case that needs more is one that its bytes do not bound. */
const HEAP = 1024;
const MOST_BYTES = 1024 * 1024;

const cases = Number(process.env.FUZZ_CASES ?? 1_000_000);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const targets = await targetsOf(process.argv.slice(2));
const shares = sharesOf(targets, cases);

console.log(`seed ${seed}, ${cases} cases; the worst for each byte, of what it may be at most`);
let [sum, failures] = [0, 0];
const began = performance.now();
for (const [index, { name, most }] of targets.entries()) {
  const begun = performance.now();
  const { worst, failure, ...counts } = await run(name, shares[index] as number);
  const ratio = (what: 'steps' | 'memory' | 'made') => `${what} ${worst[what].toPrecision(3)} of ${most[what]}`;
  const said = [
    `${counts.cases} cases`,
    `${counts.accepted} accepted`,
    `${counts.refused} refused`,
    ratio('steps'),
    ratio('memory'),
    ratio('made'),
    `growth ${worst.growth.toPrecision(2)}`,
    `${((performance.now() - begun) / 1000).toFixed(1)} s`,
  ];
  console.log(`${name}: ${said.join(', ')}`);
  sum += counts.cases;
  if (!failure) continue;
  failures++;
  console.error(
    `${name} has failed: ${failure.why}\nkept as ${keepFailure(name, failure.bytes)}; name it for what it shows`,
  );
}
console.log(`${sum} cases in ${((performance.now() - began) / 1000).toFixed(0)} s, ${failures} targets have failed`);
process.exitCode = failures ? 1 : 0;

/** Runs cases in a thread, which is ended where a case hangs or takes too much memory. */
function run(target: string, count: number): Promise<Report> {
  const at = new Int32Array(new SharedArrayBuffer(8));
  const bytes = new Uint8Array(new SharedArrayBuffer(MOST_BYTES));
  const workerData: Work = { target, cases: count, seed, at, bytes };
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP },
  });
  return new Promise((resolve) => {
    let [last, since] = [0, cpuTime()];
    const watch = setInterval(() => {
      const current = Atomics.load(at, 0);
      if (current !== last) [last, since] = [current, cpuTime()];
      else if (cpuTime() - since > HANGS) end(`a case takes more than ${HANGS / 1000} s of CPU time`);
    }, 1000);
    const settle = (report: Report) => {
      clearInterval(watch);
      worker.terminate().then(() => resolve(report));
    };
    const end = (why: string) => {
      const worst = { steps: 0, memory: 0, made: 0, growth: 0 };
      settle({ cases: last, accepted: 0, refused: 0, worst, failure: { bytes: bytes.slice(0, at[1]), why } });
    };
    worker.once('message', settle);
    worker.once('error', (error) => end(error.stack ?? String(error)));
  });
}

/** The CPU time that the process has taken, in milliseconds; nearly all of it is that of the thread. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
