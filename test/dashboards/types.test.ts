import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { panelsOf, readDashboards } from './dashboard-files.ts';

const COMPOSABLE = '@grafana/schema/dist/esm/raw/composable';
/** Grafana's types of each kind of panel: its options, and where it has any the settings of its fields. */
const PANEL_TYPES: Readonly<Record<string, { readonly module: string; readonly fields: boolean }>> = {
  bargauge: { module: 'bargauge/panelcfg/x/BarGaugePanelCfg_types.gen', fields: false },
  gauge: { module: 'gauge/panelcfg/x/GaugePanelCfg_types.gen', fields: false },
  piechart: { module: 'piechart/panelcfg/x/PieChartPanelCfg_types.gen', fields: true },
  stat: { module: 'stat/panelcfg/x/StatPanelCfg_types.gen', fields: false },
  'state-timeline': { module: 'statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen', fields: true },
  table: { module: 'table/panelcfg/x/TablePanelCfg_types.gen', fields: true },
  text: { module: 'text/panelcfg/x/TextPanelCfg_types.gen', fields: false },
  timeseries: { module: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen', fields: true },
};

/** JSON writes an enumeration as its bare value. */
const HEADER = `import type { Dashboard } from '@grafana/schema';
type Bare<T> = T extends string ? \`\${T}\` : T extends number ? \`\${T}\` extends \`\${infer N extends number}\` ? N : T
  : T extends readonly (infer U)[] ? Bare<U>[] : T extends object ? { [K in keyof T]: Bare<T[K]> } : T;
`;

const tsconfig = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
  include: ['*.ts'],
};

/** Type-checks each dashboard as a literal, in which TypeScript refuses what Grafana's types do not know. */
async function check(dashboards: ReadonlyMap<string, Dashboard>): Promise<string> {
  const sources = [...dashboards].map(([name, dashboard]) => [`${name}.ts`, sourceOf(dashboard)]);
  const folder = await temporaryFolder({
    ...Object.fromEntries(sources),
    'package.json': '{"type":"module"}',
    'tsconfig.json': JSON.stringify(tsconfig),
  });
  try {
    await symlink(join(projectRoot, 'node_modules'), join(folder.path, 'node_modules'));
    const compiler = startProcess(join(projectRoot, 'node_modules/.bin/tsc'), ['-p', folder.path], {
      cwd: folder.path,
    });
    await compiler.exited;
    return compiler.stdout() + compiler.stderr();
  } finally {
    await folder.remove();
  }
}

function sourceOf(dashboard: Dashboard): string {
  const lines = [HEADER, `export const dashboard: Bare<Dashboard> = ${JSON.stringify(dashboard)};`];
  panelsOf(dashboard).forEach(({ type, options, fieldConfig }, index) => {
    const types = PANEL_TYPES[type];
    if (!types) throw new Error(`no types are known for panels of type ${type}`);
    const module = `${COMPOSABLE}/${types.module}`;
    lines.push(`import type * as panel${index} from '${module}';`);
    lines.push(`export const options${index}: Partial<Bare<panel${index}.Options>> = ${JSON.stringify(options)};`);
    if (!types.fields) return;
    const custom = JSON.stringify(fieldConfig?.defaults.custom ?? {});
    lines.push(`export const fields${index}: Partial<Bare<panel${index}.FieldConfig>> = ${custom};`);
  });
  return lines.join('\n');
}

it('are dashboards to Grafana’s own types', async () => {
  expect(await check(readDashboards())).toBe('');
});

it('would be told where they are not', async () => {
  const [[name, dashboard]] = [...readDashboards()] as [[string, Dashboard]];
  const wrong = structuredClone(dashboard) as unknown as { panels: Record<string, unknown>[]; refresh: unknown };
  wrong.refresh = 10;
  Object.assign(wrong.panels[0] as object, { tittle: 'x' });
  const output = await check(new Map([[name, wrong as unknown as Dashboard]]));
  expect(output).toMatch(/'number' is not assignable to type 'string'/);
  expect(output).toMatch(/"tittle"/);
});
