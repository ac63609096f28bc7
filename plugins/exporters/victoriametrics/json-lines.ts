import type { PointSeries } from './points.ts';

/** Series as lines of VictoriaMetrics' JSON format: `{"metric":{…},"values":[…],"timestamps":[…]}`, one a series. */
export function jsonLines(series: readonly PointSeries[]): string {
  let text = '';
  for (const { name, labels, times, values } of series) {
    const metric = JSON.stringify({ __name__: name, ...labels });
    text += `{"metric":${metric},"values":[${values.join()}],"timestamps":[${times.join()}]}\n`;
  }
  return text;
}
