import { type RunPoints, type SeriesLabels, timeSpan } from 'wattline/prometheus';
import type { Limits } from './metrics-page.ts';

/** Why a server will not keep a run: a reason to count, and what is wrong and what would be right. */
export interface LimitBreach {
  readonly reason: 'too_old' | 'in_the_future' | 'too_many_labels' | 'label_too_long' | 'dropped' | 'not_corrected';
  readonly message: string;
}

/** Whether a server keeps a run: surely, surely not (and why), or not certain. */
export type Forecast = 'kept' | 'uncertain' | LimitBreach;

const DAY = 86_400_000;
/** Clocks and the way to the server leave this much of doubt about a time, in milliseconds. */
const DOUBT = 60_000;
/** What every VictoriaMetrics keeps, since it takes no retention below a day, and no limit on labels below these. */
const SURE_LIMITS: Limits = {
  retentionPeriod: '1d',
  retention: DAY,
  future: 2 * DOUBT,
  labelsPerSeries: 26,
  labelValueBytes: 1000,
  labelNameBytes: 1000,
  seriesLimited: false,
};
/** How much of a long text a message shows. */
const SHOWN = 60;

/** Predicts whether a server with the given limits keeps a run's points; `now` is the server's time in milliseconds. */
export function forecast(points: Sent, limits: Limits | undefined, now: number): Forecast {
  const span = timeSpan(points.figures, points.samples);
  if (!span) return 'kept';
  const known = limits ?? SURE_LIMITS;
  const expected = labelBreach(points, known) ?? withinTime(span, known, now);
  return limits || expected === 'kept' ? expected : 'uncertain';
}

type Sent = Pick<RunPoints, 'figures' | 'samples'>;

function withinTime({ oldest, newest }: { oldest: number; newest: number }, limits: Limits, now: number): Forecast {
  const from = Math.max(0, now - limits.retention);
  const to = now + limits.future;
  if (oldest < 0 || oldest < from - DOUBT) {
    const message =
      `it has a sample of ${isoTime(oldest)}, and the server keeps none from before ${isoTime(from)} ` +
      `(-retentionPeriod=${limits.retentionPeriod}); start VictoriaMetrics with a longer one, such as -retentionPeriod=100y`;
    return { reason: 'too_old', message };
  }
  if (newest > to + DOUBT) {
    const message =
      `it has a sample of ${isoTime(newest)}, and the server takes none from after ${isoTime(to)}; ` +
      'check the clock of the machine that measured';
    return { reason: 'in_the_future', message };
  }
  const surelyKept = (from === 0 || oldest > from + DOUBT) && newest < to - DOUBT && !limits.seriesLimited;
  return surelyKept ? 'kept' : 'uncertain';
}

function labelBreach({ figures, samples }: Sent, limits: Limits): LimitBreach | undefined {
  // The series of a run share their labels, mostly.
  let last: SeriesLabels | undefined;
  for (const list of [figures, samples]) {
    for (const { name, labels } of list) {
      const breach = tooLong(name, name, limits.labelValueBytes) ?? (labels !== last && breachOf(name, labels, limits));
      if (breach) return breach;
      last = labels;
    }
  }
  return undefined;
}

function breachOf(name: string, { all }: SeriesLabels, limits: Limits): LimitBreach | undefined {
  const names = Object.keys(all);
  const count = names.length + 1;
  if (count > limits.labelsPerSeries) {
    const message =
      `${name} has ${count} labels, its name counted, and the server keeps ${limits.labelsPerSeries}; send fewer ` +
      '`resource_labels`, or start VictoriaMetrics with a higher -maxLabelsPerTimeseries';
    return { reason: 'too_many_labels', message };
  }
  for (const label of names) {
    const breach =
      tooLong(all[label] as string, name, limits.labelValueBytes) ?? tooLong(label, name, limits.labelNameBytes);
    if (breach) return breach;
  }
  return undefined;
}

function tooLong(text: string, name: string, bytes: number): LimitBreach | undefined {
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return undefined;
  const long = `"${text.slice(0, SHOWN)}…" has ${Buffer.byteLength(text)} bytes where the server keeps ${bytes}`;
  const message = `${long} on ${name.slice(0, SHOWN)}; shorten it, or start VictoriaMetrics with a higher limit`;
  return { reason: 'label_too_long', message };
}

/** A time in milliseconds as ISO 8601, whatever its size. */
function isoTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms since 1970` : date.toISOString();
}
