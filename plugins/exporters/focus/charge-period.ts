import { type Run, toSeconds } from 'wattline/plugin';

/** When a run was charged for, as FOCUS writes times: UTC, to the second, the start included and the end excluded. */
export interface ChargePeriod {
  readonly start: string;
  readonly end: string;
  /** The calendar month of the start. */
  readonly billingStart: string;
  readonly billingEnd: string;
}

/** The end of the year 9999, in seconds since 1970: beyond it years have more than four digits. */
const LATEST = Date.UTC(9999, 11) / 1000;
/** A double holds an epoch time to 0.2 µs; what is less than this over a second is that second. */
const ROUNDING = 1e-6;

/**
 * The time of a run, widened to whole seconds and never empty; undefined where it says nothing of it, since the time of the
 * export would be another at each export.
 */
export function chargePeriodOf(run: Run): ChargePeriod | undefined {
  if (!run.isDated) return undefined;
  const [start, end] = [toSeconds(run.window.start), toSeconds(run.window.end)];
  const from = Math.floor(Math.min(start, end) + ROUNDING);
  const to = Math.max(from + 1, Math.ceil(end - ROUNDING));
  if (!(from >= 0 && to < LATEST)) return undefined;
  const date = new Date(from * 1000);
  const monthFrom = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset) / 1000;
  return {
    start: utcText(from),
    end: utcText(to),
    billingStart: utcText(monthFrom(0)),
    billingEnd: utcText(monthFrom(1)),
  };
}

function utcText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
