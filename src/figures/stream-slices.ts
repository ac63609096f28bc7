import type { Attributes } from '@opentelemetry/api';
import { Attribute } from '../model/attributes.ts';
import type { Figure } from '../model/figure.ts';
import { toHrTime } from '../model/hr-time.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { samplesOf } from '../model/signals.ts';
import type { KeptPeriod, KeptStream } from './kept-streams.ts';
import type { Stretch } from './slice-amounts.ts';

/** How the ids of slices begin that stand for others. */
const OF_STREAM = 'restated/';

/** Returns a slice that a stream came to in a period, with the same integrals. */
export function sliceOf({ attributes }: KeptStream, { from, to, amounts }: KeptPeriod): Run {
  const samples = Array.from(amounts, ([signal, amount]) => {
    const mean = Float64Array.of(amount / (to - from));
    return samplesOf(signal, Series.regular(toHrTime(from), to - from, mean));
  });
  return Run.of({ ...attributes, ...windowOf({ from, to }), [Attribute.streamId]: OF_STREAM }, { samples });
}

/** Returns a run that says who a stream is, over all periods that are kept of it. */
export function extentOfStream(stream: KeptStream): Run {
  return Run.of({ ...stream.attributes, ...windowOf(extentOf(stream)), [Attribute.streamId]: OF_STREAM });
}

/** Returns a slice that adds to figures of a stream; `id` names the sequence in which it has a position. */
export function correctionOf(extent: Run, figures: readonly Figure[], id: string, position: string): Run {
  const marks = { [Attribute.restated]: 1, [Attribute.streamId]: OF_STREAM + id, [Attribute.streamPart]: 0 };
  return Run.of({ ...extent.attributes, ...marks, [Attribute.streamPosition]: position }, { figures });
}

function extentOf({ periods }: KeptStream): Stretch {
  const all = [...periods.values()];
  const from = Math.min(...all.map((period) => period.from));
  const to = Math.max(...all.map((period) => period.to));
  // The present period has not ended: what is stamped with its end would be ahead of the slices.
  return { from, to: Math.max(from, Math.min(to, Date.now() / 1000)) };
}

function windowOf({ from, to }: Stretch): Attributes {
  return { [Attribute.startTime]: from, [Attribute.duration]: to - from, [Attribute.sampling]: 'interval' };
}
