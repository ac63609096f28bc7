import { expect, it } from 'vitest';
import { dashboards } from '../../dashboards/dashboards.ts';
import { readDashboards } from './dashboard-files.ts';

it('is in each JSON file what the code builds; else run `npm run dashboards`', () => {
  const built = Object.entries(dashboards).map(([name, build]) => [name, JSON.parse(JSON.stringify(build()))]);
  expect(Object.fromEntries(readDashboards())).toEqual(Object.fromEntries(built));
});
