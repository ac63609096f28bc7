import type { Attributes, HrTime } from '@opentelemetry/api';
import { type DataPoint, DataPointType } from '@opentelemetry/sdk-metrics';
import { Attribute, type Batch, runLabelsOf } from 'wattline/plugin';
import { counterName, type Summed, totalCost } from './figures.ts';

/** What a slice adds to a counter. */
export interface Increment {
  /** The name of the counter, such as `cost_energy_load_aware_usd_total`. */
  readonly counter: string;
  readonly unit: string;
  readonly description: string;
  readonly labels: Attributes;
  readonly value: number;
  readonly from: HrTime;
  readonly to: HrTime;
  /** The figure that it comes from, where the counter is over several; the figure of all of them counts as all. */
  readonly part?: string;
}

/** What the figures of a slice add to counters; those that are not summed, and its samples, are left. */
export function incrementsOf(batch: Batch, figures: ReadonlyMap<string, Summed>): Increment[] {
  const boundary = batch.resource.attributes[Attribute.boundary];
  const runLabels = runLabelsOf(batch);
  const increments: Increment[] = [];
  for (const { metrics } of batch.scopeMetrics) {
    for (const { descriptor, dataPointType, dataPoints } of metrics) {
      const figure = figures.get(descriptor.name);
      const isTotal = descriptor.name === totalCost;
      if (dataPointType !== DataPointType.GAUGE || !(figure || isTotal)) continue;
      for (const own of dataPoints as readonly DataPoint<number>[]) {
        const point = { ...own, attributes: { ...runLabels, ...own.attributes } };
        if (isTotal) increments.push(incrementOf(totalCost, descriptor, { ...point, value: 0 }, totalCost));
        if (!figure) continue;
        const attributes =
          figure.hasBoundary && boundary !== undefined
            ? { ...point.attributes, [Attribute.boundary]: boundary }
            : point.attributes;
        increments.push(incrementOf(figure.name, descriptor, { ...point, attributes }));
        if (figure.partOf) increments.push(incrementOf(figure.partOf, descriptor, point, figure.name));
      }
    }
  }
  return increments;
}

function incrementOf(
  figure: string,
  { unit, description }: { readonly unit: string; readonly description: string },
  { attributes, value, startTime, endTime }: DataPoint<number>,
  part?: string,
): Increment {
  return {
    counter: counterName(figure, unit),
    unit,
    description,
    labels: attributes,
    value,
    from: startTime,
    to: endTime,
    ...(part !== undefined && { part }),
  };
}
