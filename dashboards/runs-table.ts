import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { Kilogram, NoUnit } from '@grafana/grafana-foundation-sdk/units';
import { figureNames, latestFigure } from './figure-queries.ts';
import { figuresTable } from './figures-table.ts';

const { total, energy, compute, emissions } = figureNames;

/** One row per run: scenario, region, encoder and bitrate, with its cost and emissions. */
export function runsTable(): PanelBuilder {
  return figuresTable({
    title: 'Runs',
    description:
      'The latest figures of each run within the time range, most expensive first; click a heading to sort. Power says ' +
      'whether the energy behind them was measured, modelled or predicted. CO₂e is by location. A figure that a run does not have ' +
      'is left empty: missing is not zero.',
    unit: NoUnit,
    width: 24,
    height: 11,
    labels: ['scenario', 'region', 'encoder', 'bitrate', 'power'],
    columns: [
      { refId: 'total', heading: 'Total', figures: latestFigure(total), unit: 'money' },
      { refId: 'energy', heading: 'Energy', figures: latestFigure(energy), unit: 'money' },
      { refId: 'compute', heading: 'Compute', figures: latestFigure(compute), unit: 'money' },
      { refId: 'co2', heading: 'CO₂e', figures: latestFigure(emissions), unit: Kilogram },
    ],
  });
}
