import { readdirSync, readFileSync } from 'node:fs';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

const FOLDER = new URL('../../dashboards/', import.meta.url);

/** A query of a dashboard, as it is written there. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly refId: string;
  readonly expression: string;
  /** Whether it is asked at the end of the time range rather than over it. */
  readonly instant: boolean;
}

/** The dashboards that are in the folder, by the name of their file. */
export function readDashboards(): Map<string, Dashboard> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [name.replace(/\.json$/, ''), JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]),
  );
}

/** The panels of a dashboard; there are no rows around them. */
export function panelsOf(dashboard: Dashboard): Panel[] {
  return (dashboard.panels ?? []).map((panel) => {
    if ('panels' in panel) throw new Error(`the row ${panel.title} is not expected`);
    return panel;
  });
}

/** All queries of the panels of a dashboard. */
export function queriesOf(name: string, dashboard: Dashboard): PanelQuery[] {
  return panelsOf(dashboard).flatMap((panel) =>
    ((panel.targets ?? []) as unknown as Dataquery[]).map(({ refId = '', expr, instant = false }) => ({
      dashboard: name,
      panel: panel.title ?? '',
      refId,
      expression: expr,
      instant,
    })),
  );
}
