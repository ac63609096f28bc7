/** `wattline/prometheus`: what the labels of Prometheus mean, and which series of it a run is. */
export { HEARTBEAT_INTERVAL, keepBeating } from './heartbeat.ts';
export { byInstance, type Instance, instanceAttributes } from './instances.ts';
export { type Family, type PointOptions, pointsOf, type RunPoints } from './points.ts';
export { type Point, type PointSeries, SeriesLabels, timeSpan } from './series.ts';
export { type WriteMessage, type WriteVersion, writeMessageOf, writeVersions } from './write-versions.ts';
