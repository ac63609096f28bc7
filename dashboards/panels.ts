import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  type DataSourceRef,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { chosenDatasource } from './variables.ts';

/** The options of all panels; sizes in Grafana's grid of 24 columns. */
export interface PanelOptions {
  readonly title: string;
  /** Explains to the reader what is shown and how it is computed. */
  readonly description: string;
  /** The id of a Grafana unit. */
  readonly unit: string;
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Builder<Dataquery>[];
}

/** The maximum number of points of a line: each of them looks back over the whole time range. */
const MAX_POINTS = 300;

interface CommonBuilder {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  span(width: number): this;
  height(height: number): this;
  datasource(datasource: DataSourceRef): this;
  targets(targets: Builder<Dataquery>[]): this;
}

/** Sets the common options of all panels on a builder. */
export function describedPanel<B extends CommonBuilder>(builder: B, options: PanelOptions): B {
  return builder
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .span(options.width)
    .height(options.height)
    .datasource(chosenDatasource)
    .targets([...options.queries]);
}

/** A panel of lines that keep their value until the next one, with the last value in the legend. */
export function timeSeries(options: PanelOptions): TimeSeriesBuilder {
  return describedPanel(new TimeSeriesBuilder(), options)
    .maxDataPoints(MAX_POINTS)
    .lineInterpolation(LineInterpolation.StepAfter)
    .lineWidth(2)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Auto)
    .axisSoftMin(0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

/** A panel with one number, or one per series. */
export function stat(options: PanelOptions): StatBuilder {
  return describedPanel(new StatBuilder(), options).reduceOptions(lastValue());
}

/** A panel with horizontal bars from 0, one per series. */
export function bars(options: PanelOptions): BarGaugeBuilder {
  return describedPanel(new BarGaugeBuilder(), options)
    .reduceOptions(lastValue())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .min(0);
}

/** A panel with rows that can be sorted by any column. */
export function table(options: PanelOptions): TableBuilder {
  return describedPanel(new TableBuilder(), options).showHeader(true).filterable(true);
}

/** The last value of each series. */
export function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('');
}

/** Colours that change at percentages between a panel's minimum and its maximum. */
export function percentThresholds(steps: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Percentage).steps([...steps]);
}

/** Colours that change at values. */
export function valueThresholds(steps: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]);
}
