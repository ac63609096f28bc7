import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The memory of a process, which a test may have another one of. */
export interface Memory {
  /** How many bytes the process may have: those of its control group, else of the machine. */
  readonly total: number;
  /** How many bytes of JavaScript objects and buffers it has, garbage among them; costs next to nothing. */
  used(): number;
  /** Collects garbage, which stops the process for as long as that takes. */
  collect(): void;
}

/** Returns the memory of this process. */
export function processMemory(): Memory {
  const machine = totalmem();
  const constrained = process.constrainedMemory();
  let collector: (() => void) | undefined;
  return {
    total: constrained > 0 ? Math.min(constrained, machine) : machine,
    used() {
      const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
      return heap + external;
    },
    collect() {
      if (!collector) {
        setFlagsFromString('--expose-gc');
        collector = runInNewContext('gc') as () => void;
      }
      collector();
    },
  };
}
