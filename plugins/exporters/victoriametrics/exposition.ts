import type { Point, SeriesLabels } from 'wattline/prometheus';

/** Returns points as lines `name{label="value"} number milliseconds` of the Prometheus text format. */
export function expositionText(points: readonly Point[]): string {
  let text = '';
  // The figures of a run have the same labels and time, mostly.
  let labels: SeriesLabels | undefined;
  let time: number | undefined;
  let [labelsText, timeText] = ['', ''];
  for (const point of points) {
    if (point.labels !== labels) {
      labels = point.labels;
      labelsText = labels.text && `{${labels.text}}`;
    }
    if (point.time !== time) {
      time = point.time;
      timeText = String(time);
    }
    text += `${point.name}${labelsText} ${point.value} ${timeText}\n`;
  }
  return text;
}
