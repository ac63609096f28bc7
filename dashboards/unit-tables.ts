import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { Gram, Kilogram, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units';
import { furtherNames, latestFigure } from './figure-queries.ts';
import { figuresTable } from './figures-table.ts';

const RUN = ['scenario', 'region', 'encoder', 'bitrate'] as const;
const SCALE = 'They are of the time with samples: where coverage is low, so are they.';
const of = (name: keyof typeof furtherNames) => latestFigure(furtherNames[name]);

/** One row per run: its cost per hour, month, hour of watching, and pixel. */
export function unitCostsTable(): PanelBuilder {
  return figuresTable({
    title: 'Unit costs',
    description: `What the processor \`unit_cost\` makes of each run’s total cost, latest runs only. ${SCALE}`,
    unit: NoUnit,
    width: 24,
    height: 8,
    labels: RUN,
    columns: [
      { refId: 'hour', heading: 'An hour', figures: of('perHour'), unit: 'money' },
      { refId: 'month', heading: 'A month', figures: of('perMonth'), unit: 'money' },
      { refId: 'watch', heading: 'An hour of watching', figures: of('perWatchHour'), unit: 'money' },
      { refId: 'pixel', heading: 'A pixel', figures: of('perPixel'), unit: 'money' },
    ],
  });
}

/** One row per run: its savings against the configured baseline. */
export function savingsTable(): PanelBuilder {
  return figuresTable({
    title: 'Savings against the baseline',
    description:
      'What the processor `savings` says: what the baseline would have cost and emitted for the same work, less what the ' +
      'run did; below zero is more. The column Per says what counts as the same work.',
    unit: NoUnit,
    width: 24,
    height: 8,
    labels: [...RUN, 'baseline', 'per'],
    columns: [
      { refId: 'usd', heading: 'Cost saved', figures: of('costSavings'), unit: 'money' },
      { refId: 'share', heading: 'Part of its cost', figures: of('costSavingsRatio'), unit: PercentUnit },
      { refId: 'kg', heading: 'CO₂e saved', figures: of('emissionsSavings'), unit: Kilogram },
      { refId: 'part', heading: 'Part of its CO₂e', figures: of('emissionsSavingsRatio'), unit: PercentUnit },
    ],
  });
}

/** One row per run and functional unit: its Software Carbon Intensity. */
export function carbonIntensityTable(): PanelBuilder {
  return figuresTable({
    title: 'Software Carbon Intensity',
    description:
      '`sci` by ISO/IEC 21031: operational emissions by location and embodied ones, per functional unit. Intensities of ' +
      'different functional units are not comparable, and none of them add up.',
    unit: NoUnit,
    width: 14,
    height: 9,
    labels: [...RUN, 'functional_unit'],
    columns: [{ refId: 'sci', heading: 'SCI, CO₂e a unit', figures: of('sci'), unit: Gram }],
  });
}
