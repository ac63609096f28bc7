import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { panelsOf, queriesOf, readDashboards } from './dashboard-files.ts';

const GRID_WIDTH = 24;
const known: ReadonlySet<unknown> = new Set(Object.values(units));
const dashboards = readDashboards();

it('has the dashboard that other systems rely on', () => {
  const dashboard = dashboards.get('cost-energy-monitoring');
  expect(dashboard).toMatchObject({ uid: 'cost-energy-monitoring', refresh: '10s' });
  expect(dashboard && panelsOf(dashboard).map(({ title, type }) => `${type}: ${title}`)).toEqual([
    'stat: Exporter status',
    'gauge: Total cost',
    'gauge: Total CO₂',
    'piechart: Cost distribution',
    'timeseries: Total cost by scenario',
    'timeseries: Energy against compute cost',
    'timeseries: CO₂ emissions',
    'table: Runs',
  ]);
  expect(dashboard?.templating.list?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['datasource', 'scenario', 'region', 'encoder', 'currency']),
  );
});

describe.each([...dashboards])('dashboard %s', (name, dashboard) => {
  const panels = panelsOf(dashboard);

  it('has the uid that its file is named for, and links to its siblings', () => {
    expect(dashboard.uid).toBe(name);
    const [link] = dashboard.links ?? [];
    expect(dashboard.tags).toEqual(expect.arrayContaining(link?.tags ?? ['a link']));
  });

  it('numbers its panels without repetition', () => {
    const ids = panels.map(({ id }) => id);
    expect(ids.every((id) => Number.isInteger(id))).toBe(true);
    expect(new Set(ids).size).toBe(panels.length);
  });

  it('places its panels side by side, each cell of a row taken once', () => {
    const cells = panels.flatMap(({ gridPos, title }) => {
      if (!gridPos) throw new Error(`${title} has no place`);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(GRID_WIDTH);
      const rows = Array.from({ length: gridPos.h }, (_, row) => gridPos.y + row);
      return rows.flatMap((row) => Array.from({ length: gridPos.w }, (_, column) => `${row} ${gridPos.x + column}`));
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.length % GRID_WIDTH, 'no hole at the end of a row').toBe(0);
  });

  it('describes every panel, and gives every value a unit that Grafana knows', () => {
    for (const panel of panels) {
      expect(panel.title, 'title').toBeTruthy();
      expect(panel.description?.length, panel.title).toBeGreaterThan(40);
      if (panel.type === 'text') continue;
      const overrides = panel.fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
      const used = [
        panel.fieldConfig?.defaults.unit,
        ...overrides.filter(({ id }) => id === 'unit').map(({ value }) => value),
      ];
      for (const unit of used) {
        expect(known.has(unit) || /^suffix:\S/.test(String(unit)), `${panel.title}: ${unit}`).toBe(true);
      }
    }
  });

  it('asks the chosen data source only', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    for (const { type, datasource, targets = [], title } of panels) {
      if (type === 'text') continue;
      expect(datasource, title).toEqual(chosen);
      expect(targets.length, title).toBeGreaterThan(0);
      for (const target of targets) expect(target, title).toMatchObject({ datasource: chosen });
    }
    const variables = dashboard.templating.list ?? [];
    expect(variables.find(({ name }) => name === 'datasource')).toMatchObject({
      type: 'datasource',
      query: 'prometheus',
    });
    for (const variable of variables) if (variable.type === 'query') expect(variable.datasource).toEqual(chosen);
  });

  it('gives each query of a panel a name of its own', () => {
    const names = queriesOf(name, dashboard).map(({ panel, refId }) => `${panel} ${refId}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
