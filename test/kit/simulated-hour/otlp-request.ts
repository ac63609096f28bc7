import type { Reading, Scrape } from './deliveries.ts';

/**
 * Returns an OTLP request in JSON with what was read of some machines, in an hour that began at a time in whole seconds
 * since 1970.
 */
export function otlpRequest(scrapes: readonly Scrape[], hour: number): string {
  return JSON.stringify({ resourceMetrics: scrapes.map((scrape) => resourceOf(scrape, hour)) });
}

function resourceOf(scrape: Scrape, hour: number) {
  const { machine, instance, readings } = scrape;
  const ofInstance = machine.isInstance ? { 'service.instance.id': `${machine.scenario}, process ${instance}` } : {};
  const attributes = attributesOf({ ...machine.attributes, ...ofInstance });
  const ofNames = Map.groupBy(readings, ({ meter }) => meter.name).values();
  const metrics = [...ofNames].map((ofName) => metricOf(ofName, scrape, hour));
  return { resource: { attributes }, scopeMetrics: [{ scope: {}, metrics }] };
}

function metricOf(readings: readonly Reading[], { time, start }: Scrape, hour: number) {
  const [{ meter }] = readings as readonly [Reading];
  const { name, unit, form } = meter;
  const dataPoints = readings.map(({ meter: { attributes }, value }) => ({
    attributes: attributesOf(attributes),
    timeUnixNano: nanoseconds(hour, time),
    ...(start === undefined ? {} : { startTimeUnixNano: nanoseconds(hour, start) }),
    asDouble: value,
  }));
  if (form === 'gauge') return { name, unit, gauge: { dataPoints } };
  return { name, unit, sum: { aggregationTemporality: form === 'delta' ? 1 : 2, isMonotonic: true, dataPoints } };
}

function attributesOf(attributes: Readonly<Record<string, string>>) {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function nanoseconds(hour: number, milliseconds: number): string {
  return `${hour * 1000 + milliseconds}000000`;
}
