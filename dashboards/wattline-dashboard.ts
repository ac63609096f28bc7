import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  type RowPanel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasourceVariable } from './variables.ts';

/** The options of a dashboard. */
export interface DashboardOptions {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly refresh: string;
  /** The variables besides the choice of a data source. */
  readonly variables: readonly Builder<VariableModel>[];
  /** In reading order; each row's widths add up to 24. */
  readonly panels: readonly Builder<Panel>[];
}

const TAG = 'wattline';

/** Builds a dashboard with links to the others, its panels numbered from 1 in reading order. */
export function numberedDashboard(options: DashboardOptions): Dashboard {
  const builder = new DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags([TAG])
    .refresh(options.refresh)
    .time({ from: 'now-6h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([datasourceVariable(), ...options.variables])
    .links([
      new DashboardLinkBuilder('Wattline')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    ]);
  for (const panel of options.panels) builder.withPanel(panel);
  const dashboard = builder.build();
  const panels = (dashboard.panels ?? []).map((panel, index) => ({ ...withoutFooter(panel), id: index + 1 }));
  const list = (dashboard.templating.list ?? []).map(withoutAuto);
  return { ...dashboard, panels, templating: { list } };
}

/** Removes fields that the builder sets on every variable, though Grafana's types have them only for intervals. */
function withoutAuto({ auto: _, auto_min: __, auto_count: ___, ...variable }: VariableModel): VariableModel {
  return variable;
}

/** Removes the table footer that the builder sets, which Grafana 13 no longer has. */
function withoutFooter<P extends Panel | RowPanel>(panel: P): P {
  if (!('options' in panel) || !panel.options) return panel;
  const { footer: _, ...options } = panel.options;
  return { ...panel, options };
}
