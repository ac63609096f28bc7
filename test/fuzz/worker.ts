import { parentPort, workerData } from 'node:worker_threads';
import { targetsOf } from './all-targets.ts';
import { campaign } from './campaign.ts';

/** What a thread is to do, and where it says which case it is at. */
export interface Work {
  readonly target: string;
  readonly cases: number;
  readonly seed: number;
  /** The number of the case, and how many bytes it has. */
  readonly at: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

const { target: name, cases, seed, at, bytes } = workerData as Work;
const [target] = await targetsOf([name]);
if (!target) throw new Error(`there is no target ${name}`);

const report = await campaign(target, {
  cases,
  seed,
  isThorough: true,
  onCase(given) {
    bytes.set(given.subarray(0, bytes.length));
    at[1] = given.length;
    Atomics.add(at, 0, 1);
  },
});
target.close?.();
parentPort?.postMessage(report);
