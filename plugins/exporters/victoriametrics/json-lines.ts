import { NUMBER_BYTES, writeNumber, writeText, writeTime } from './number-text.ts';
import type { PointSeries } from './point-series.ts';
import { areSame, type Times } from './sample-times.ts';
import type { Scratch } from './scratch.ts';

const COMMA = 44;

/**
 * Series as lines of VictoriaMetrics' JSON format, `{"metric":{…},"values":[…],"timestamps":[…]}`, one a series, in UTF-8;
 * they lie in `scratch` until it is used again.
 */
export function jsonLines(series: readonly PointSeries[], scratch: Scratch): Buffer<ArrayBuffer> {
  let at = 0;
  // The signals of a run are sampled together, mostly: their times are copied from the line before.
  let last: Times | undefined;
  let [timesFrom, timesTo] = [0, 0];
  for (const one of series) {
    const out = scratch.reserve(at + mostBytes(one));
    const { name, labels, times, values } = one;
    const members = labels.json && `,${labels.json}`;
    at += out.write(`{"metric":{"__name__":${JSON.stringify(name)}${members}},"values":[`, at);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) out[at++] = COMMA;
      at = writeNumber(out, at, values[i] as number);
    }
    at = writeText(out, at, '],"timestamps":[');
    const from = at;
    if (last && areSame(last, times)) {
      out.copyWithin(at, timesFrom, timesTo);
      at += timesTo - timesFrom;
    } else {
      for (let i = 0; i < times.length; i++) {
        if (i > 0) out[at++] = COMMA;
        at = writeTime(out, at, times.at(i) as number);
      }
    }
    timesFrom = from;
    timesTo = at;
    last = times;
    at = writeText(out, at, ']}\n');
  }
  return scratch.reserve(at).subarray(0, at);
}

function mostBytes({ name, labels, times }: PointSeries): number {
  // An UTF-16 unit takes three bytes at most, and six where JSON escapes it.
  const head = '{"metric":{"__name__":"",},"values":[],"timestamps":[]}\n'.length + 6 * name.length;
  return head + 3 * labels.json.length + 2 * times.length * (NUMBER_BYTES + 1);
}
