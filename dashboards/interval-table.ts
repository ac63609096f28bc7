import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { Kilogram, NoUnit } from '@grafana/grafana-foundation-sdk/units';
import { boundNames, type FigureName, figureNames, latestFigure } from './figure-queries.ts';
import { figuresTable } from './figures-table.ts';

const { totalLower, totalUpper, emissionsLower, emissionsUpper } = boundNames;

/** One row per run that rests on a prediction with an interval: its cost and emissions between their bounds. */
export function intervalTable(): PanelBuilder {
  // A bound of what was predicted before it was measured is none of the measured run.
  const beside = (name: FigureName, other: FigureName) => `${latestFigure(name)} and ${latestFigure(other)}`;
  const { total, emissions } = figureNames;
  return figuresTable({
    title: 'Runs with an interval',
    description:
      'The latest figures of each run whose power or CPU use is predicted or modelled with an interval, between their ' +
      'bounds: what it would come to with the ends of the interval in place of the prediction. Bounds of several runs do ' +
      'not add up to bounds of all.',
    unit: NoUnit,
    width: 24,
    height: 8,
    labels: ['scenario', 'region', 'encoder', 'bitrate', 'power'],
    columns: [
      { refId: 'lower', heading: 'Total, lower bound', figures: beside(totalLower, total), unit: 'money' },
      { refId: 'total', heading: 'Total', figures: beside(total, totalLower), unit: 'money' },
      { refId: 'upper', heading: 'Total, upper bound', figures: beside(totalUpper, total), unit: 'money' },
      { refId: 'lower_kg', heading: 'CO₂e, lower bound', figures: beside(emissionsLower, emissions), unit: Kilogram },
      { refId: 'kg', heading: 'CO₂e', figures: beside(emissions, emissionsLower), unit: Kilogram },
      { refId: 'upper_kg', heading: 'CO₂e, upper bound', figures: beside(emissionsUpper, emissions), unit: Kilogram },
    ],
  });
}
