import { timeFloor } from '../kit/floor.ts';
import { resultsFile } from '../kit/inputs.ts';
import { interleave } from '../kit/interleave.ts';
import { type Bench, type BenchOptions, count, type Row, spreadIn } from '../kit/row.ts';
import { timeOnce } from '../kit/run-once.ts';
import { spreadOfRounds } from '../kit/spread.ts';
import type { TimedProcess } from '../kit/timed-process.ts';
import { checkTotals } from '../kit/totals.ts';

/** The text of more runs is longer than V8's longest string. */
const FLOOR_RUNS = 400_000;
/** Up to here start-up outweighs the work, so that it is no part of the ratio. */
const SMALL_RUNS = 1000;
const MEMORY_RUNS = 10_000;
/** What growth by a factor of ten may do to what should stay as it is. */
const FLAT = 1.1;
const START_UP_MS = 150;

/** What goes with one size of the input, by round. */
interface Measured {
  readonly runs: number;
  readonly wattline: readonly TimedProcess[];
  readonly floor: readonly TimedProcess[];
}

/** `run --once` as a whole process beside the floor: wall time, peak memory, and growth with the number of runs. */
export const once: Bench = {
  name: 'once',
  async run(options) {
    const sizes = options.smoke ? [1, 10, 100] : [1, 1000, 10_000, 100_000, 1_000_000];
    const all: Measured[] = [];
    for (const runs of sizes) if (runs <= options.mostRuns) all.push(await measure(runs, options));
    const [startUp, ...some] = all as [Measured, ...Measured[]];
    const large = some.filter(({ runs }) => options.smoke || runs >= MEMORY_RUNS);
    const [before, last] = large.slice(-2);
    return [
      ...some.filter(({ floor }) => floor.length > 0).map(wallRow),
      ...large.map(memoryRow),
      ...(before && last ? [flatnessRow(before, last)] : []),
      ...some.slice(1).map((grown, index) => growthRow(startUp, some[index] as Measured, grown)),
    ];
  },
};

async function measure(runs: number, { rounds, wattline, log }: BenchOptions): Promise<Measured> {
  const input = await resultsFile(runs);
  try {
    log(`run --once, ${count(runs)}`);
    const byFloor = runs <= FLOOR_RUNS ? [() => timeFloor(input.path)] : [];
    const [ours = [], floor = []] = await interleave(rounds, [() => timeOnce(wattline, input.path), ...byFloor]);
    if (floor[0]) checkTotals(ours[0]?.stdout ?? '', floor[0].stdout);
    return { runs, wattline: ours, floor };
  } finally {
    await input.release();
  }
}

function wallRow({ runs, wattline, floor }: Measured): Row {
  const [ours, theirs] = [wattline.map(({ wallMs }) => wallMs), floor.map(({ wallMs }) => wallMs)];
  const cpu = (processes: readonly TimedProcess[]) =>
    spreadIn(
      'ms',
      processes.map(({ userMs, systemMs }) => userMs + systemMs),
    );
  const ratio = spreadOfRounds(ours, theirs, (a, b) => a / b);
  const factor = runs <= SMALL_RUNS ? 1 : 1.2;
  const beyond = spreadOfRounds(ours, theirs, (a, b) => a - factor * b);
  const isLarge = runs >= 100_000;
  return {
    id: `once/${runs}`,
    measure: `run --once, ${count(runs)} × 60 samples, whole process`,
    ...(isLarge
      ? { goal: '≤ 0.8 × floor', value: { ...ratio, unit: '×' as const }, most: 0.8 }
      : {
          goal: `≤ ${factor === 1 ? '' : `${factor} × `}floor + ${START_UP_MS} ms`,
          value: { ...beyond, unit: 'ms' as const },
          most: START_UP_MS,
        }),
    parts: {
      Wattline: spreadIn('ms', ours),
      floor: spreadIn('ms', theirs),
      ratio: { ...ratio, unit: '×' },
      'CPU of Wattline': cpu(wattline),
      'CPU of the floor': cpu(floor),
    },
  };
}

function memoryRow({ runs, wattline, floor }: Measured): Row {
  const peak = (processes: readonly TimedProcess[]) =>
    spreadIn(
      'MiB',
      processes.map(({ peakMib }) => peakMib),
    );
  return {
    id: `memory/${runs}`,
    measure: `peak memory of the same, ${count(runs)}`,
    goal: '≤ 200 MiB',
    value: peak(wattline),
    most: 200,
    ...(floor.length > 0 && { parts: { floor: peak(floor) } }),
  };
}

function flatnessRow(before: Measured, grown: Measured): Row {
  const [less, more] = [before, grown].map(({ wattline }) => wattline.map(({ peakMib }) => peakMib)) as [
    number[],
    number[],
  ];
  return {
    id: 'memory/flat',
    measure: `peak memory from ${before.runs.toLocaleString('en')} to ${count(grown.runs)}`,
    goal: `≤ ${FLAT} × (flat)`,
    value: { ...spreadOfRounds(more, less, (a, b) => a / b), unit: '×' },
    most: FLAT,
  };
}

/** How much more a run costs than at the next smaller size, start-up left out; less is warm-up that pays off. */
function growthRow(startUp: Measured, before: Measured, grown: Measured): Row {
  const perRun = ({ runs, wattline }: Measured) =>
    wattline.map(({ wallMs }, round) => ((wallMs - (startUp.wattline[round]?.wallMs ?? 0)) / runs) * 1000);
  const [less, more] = [perRun(before), perRun(grown)];
  return {
    id: `growth/${grown.runs}`,
    measure: `time a run without start-up, from ${before.runs.toLocaleString('en')} to ${count(grown.runs)}`,
    goal: `≤ ${FLAT} × (linear)`,
    value: { ...spreadOfRounds(more, less, (a, b) => a / b), unit: '×' },
    most: FLAT,
    parts: {
      before: spreadIn('µs', less),
      after: spreadIn('µs', more),
      'start-up': spreadIn(
        'ms',
        startUp.wattline.map(({ wallMs }) => wallMs),
      ),
    },
  };
}
