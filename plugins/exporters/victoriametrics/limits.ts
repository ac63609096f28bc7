import type { Limits } from './metrics-page.ts';
import { timeSpan } from './point-series.ts';
import type { RunPoints } from './points.ts';

/** Why a server will not keep a run: a reason to count, and what is wrong and what would be right. */
export interface LimitBreach {
  readonly reason: 'too_old' | 'in_the_future' | 'too_many_labels' | 'label_too_long' | 'dropped';
  readonly message: string;
}

/** Whether a server keeps a run: surely, surely not (and why), or not certain. */
export type Forecast = 'kept' | 'uncertain' | LimitBreach;

const DAY = 86_400_000;
/** Clocks and the way to the server leave this much of doubt about a time, in milliseconds. */
const DOUBT = 60_000;
/** VictoriaMetrics takes no retention below a day, and no limit on labels below these. */
const SURE_AGE = DAY - DOUBT;
const SURE_LABELS = 25;
const SURE_LABEL_BYTES = 1000;
/** So many bytes a UTF-16 unit takes at most. */
const MOST_BYTES = 3;
/** How much of a long text a message shows. */
const SHOWN = 60;

/** Predicts whether a server with the given limits keeps a run's points; `now` is the server's time in milliseconds. */
export function forecast(points: Sent, limits: Limits | undefined, now: number): Forecast {
  const span = timeSpan(points.figures, points.samples);
  if (!span) return 'kept';
  if (limits) return labelRejection(points, limits) ?? withinTime(span, limits, now);
  const young = span.oldest > now - SURE_AGE && span.newest <= now + DOUBT;
  return young && all(points, areUsual) ? 'kept' : 'uncertain';
}

type Sent = Pick<RunPoints, 'figures' | 'samples'>;
type Named = Pick<RunPoints['figures'][number], 'name' | 'labels'>;

function all({ figures, samples }: Sent, is: (series: Named) => boolean): boolean {
  return figures.every(is) && samples.every(is);
}

function areUsual({ labels }: Named): boolean {
  return labels.size.count <= SURE_LABELS && labels.size.longestValue * MOST_BYTES <= SURE_LABEL_BYTES;
}

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

function labelRejection(points: Sent, limits: Limits): LimitBreach | undefined {
  if (all(points, (series) => surelyFits(series, limits))) return undefined;
  const rejections = [...points.figures, ...points.samples].map((series) => rejectionOf(series, limits));
  return rejections.find((rejection) => rejection !== undefined);
}

/** Without looking at each label of each series. */
function surelyFits({ name, labels }: Named, limits: Limits): boolean {
  const { count, longestName, longestValue } = labels.size;
  return (
    count < limits.labelsPerSeries &&
    longestName * MOST_BYTES <= limits.labelNameBytes &&
    Math.max(longestValue, name.length) * MOST_BYTES <= limits.labelValueBytes
  );
}

function rejectionOf({ name, labels }: Named, limits: Limits): LimitBreach | undefined {
  const count = labels.size.count + 1;
  if (count > limits.labelsPerSeries) {
    const message =
      `${name} has ${count} labels, its name counted, and the server keeps ${limits.labelsPerSeries}; send fewer ` +
      '`resource_labels`, or start VictoriaMetrics with a higher -maxLabelsPerTimeseries';
    return { reason: 'too_many_labels', message };
  }
  for (const [label, value] of Object.entries(labels.all)) {
    const long =
      longerThan(value, limits.labelValueBytes) ??
      longerThan(label, limits.labelNameBytes) ??
      longerThan(name, limits.labelValueBytes);
    if (!long) continue;
    const message = `${long} on ${name.slice(0, SHOWN)}; shorten it, or start VictoriaMetrics with a higher limit`;
    return { reason: 'label_too_long', message };
  }
  return undefined;
}

function longerThan(text: string, bytes: number): string | undefined {
  if (text.length * MOST_BYTES <= bytes || Buffer.byteLength(text) <= bytes) return undefined;
  return `"${text.slice(0, SHOWN)}…" has ${Buffer.byteLength(text)} bytes where the server keeps ${bytes}`;
}

/** A time in milliseconds as ISO 8601, whatever its size. */
function isoTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms since 1970` : date.toISOString();
}
