import { hash } from 'node:crypto';
import { toSeconds } from 'wattline/plugin';
import { type Last, type Point, type Rival, timeOf } from './points.ts';
import { rivalOf, type Step } from './rivals.ts';

/** What a point of a gauge says of who sends it, and what another sender may be at from now on. */
export interface Heard {
  readonly step?: Step;
  readonly rival?: Rival | undefined;
}

/** The share by which two readings of one level may differ. */
const NOISE = 0.1;
/** The score at which it is known that two senders share a name, and what it loses by each point that says nothing. */
const KNOWN = 16;
const LEAK = 0.5;

/** Returns what stands for an address where positions are kept, which go through all stages behind. */
export function witnessOf(address: string | undefined): string | undefined {
  return address && hash('sha256', address).slice(0, 8);
}

/**
 * Returns what a level says of who sends it. Two agents that read one machine in turn agree, or are now the one above and now
 * the other; and one that takes over from another goes on. Two machines are told by levels of which one stays above the
 * other, by the witnesses of their senders. Where all have one witness or none, as behind a proxy, the times between points
 * tell them apart, as far as these are by turns short and long.
 */
export function hear({ time, value }: Point, last: Last, witness: string | undefined, maxGap: number): Heard {
  const [, , level, , , , before] = last;
  const known = toSeconds(timeOf(last));
  const rival = rivalOf({ time }, last, maxGap);
  const isOther = witness !== undefined && before !== undefined && witness !== before;
  if (!isOther && rival?.witness !== undefined) return { rival };
  const width = rival && known - rival.at;
  const side = isOther ? (witness > before ? 1 : -1) : sideOf(rival?.width, width, toSeconds(time) - known);
  const leap = differ(level, value) ? Math.sign(value - level) : 0;
  const score = leaking((rival?.score ?? 0) + side * leap);
  if (!isOther && leap === 0 && score === 0) return {};
  const left = { at: known, value: level, score };
  const next: Rival = isOther ? { ...left, witness: before } : { ...left, ...(width !== undefined && { width }) };
  if (Math.abs(score) >= KNOWN) return { step: 'crossed', rival: next };
  return isOther && leap !== 0 ? { step: 'fell', rival: next } : { rival: next };
}

/** Which of two senders a point is of by the times between points: 1 after a short one, -1 after a long one, else 0. */
function sideOf(first: number | undefined, second: number | undefined, third: number): number {
  if (second === undefined || !differ(second, third)) return 0;
  const isInTurn = first === undefined || (differ(first, second) && first > second === third > second);
  return isInTurn ? Math.sign(second - third) : 0;
}

function leaking(score: number): number {
  return Math.sign(score) * Math.min(KNOWN, Math.max(0, Math.abs(score) - LEAK));
}

function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > NOISE * Math.max(a, b);
}
