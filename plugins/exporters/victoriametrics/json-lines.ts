import type { PointSeries } from 'wattline/prometheus';

/** Returns series as lines of VictoriaMetrics' JSON format, `{"metric":{…},"values":[…],"timestamps":[…]}`, one a series. */
export function jsonLines(series: readonly PointSeries[]): string {
  let text = '';
  // The signals of a run are sampled together, mostly.
  let last: readonly number[] = [];
  let timesText = '[]';
  for (const { name, labels, times, values } of series) {
    if (!areSame(times, last)) {
      last = times;
      timesText = JSON.stringify(times);
    }
    const metric = `{"__name__":${JSON.stringify(name)}${labels.json && `,${labels.json}`}}`;
    text += `{"metric":${metric},"values":${JSON.stringify(values)},"timestamps":${timesText}}\n`;
  }
  return text;
}

function areSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((time, index) => time === others[index]);
}
