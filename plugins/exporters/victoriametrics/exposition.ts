import { NUMBER_BYTES, writeNumber, writeText, writeTime } from './number-text.ts';
import type { Point } from './point-series.ts';
import type { Scratch } from './scratch.ts';

const SPACE = 32;
const LINE_END = 10;

/**
 * Points as lines `name{label="value"} number milliseconds` of the Prometheus text format, in UTF-8; they lie in `scratch`
 * until it is used again.
 */
export function expositionText(points: readonly Point[], scratch: Scratch): Buffer<ArrayBuffer> {
  let at = 0;
  // The figures of a run have the same labels and time, mostly: these are copied from the line before.
  let last: Point | undefined;
  let [labelsFrom, labelsTo, timeFrom] = [0, 0, 0];
  for (const point of points) {
    const out = scratch.reserve(at + mostBytes(point));
    const lineFrom = at;
    at = writeText(out, at, point.name);
    const from = at;
    if (point.labels === last?.labels) {
      out.copyWithin(at, labelsFrom, labelsTo);
      at += labelsTo - labelsFrom;
    } else {
      at += out.write(point.labels.text ? `{${point.labels.text}} ` : ' ', at);
    }
    labelsFrom = from;
    labelsTo = at;
    at = writeNumber(out, at, point.value);
    const end = at;
    if (point.time === last?.time) {
      out.copyWithin(at, timeFrom, lineFrom);
      at += lineFrom - timeFrom;
    } else {
      out[at++] = SPACE;
      at = writeTime(out, at, point.time);
      out[at++] = LINE_END;
    }
    timeFrom = end;
    last = point;
  }
  return scratch.reserve(at).subarray(0, at);
}

function mostBytes({ name, labels }: Point): number {
  // An UTF-16 unit takes three bytes at most.
  return name.length + 3 * labels.text.length + 2 * NUMBER_BYTES + '{}  \n'.length;
}
