import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSameComponent } from '../../src/pipeline/node.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { projectRoot } from '../kit/checkout.ts';
import { PluginFolder } from '../kit/plugin-folder.ts';

const plugins = join(projectRoot, 'plugins');
const foldersIn = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = foldersIn(plugins).flatMap((kind) =>
  foldersIn(join(plugins, kind.name)).map(({ name }) => join(plugins, kind.name, name)),
);

describe('a reload', () => {
  it.each(folders)('knows settings that have not changed: %s', async (path) => {
    const plugin: AnyPlugin = (await import(/* @vite-ignore */ join(path, 'index.ts'))).default;
    const folder = new PluginFolder(plugin, path);
    const component = () => ({
      kind: plugin.kind,
      id: plugin.type,
      plugin,
      config: plugin.configSchema.parse(folder.section(folder.samples[1])),
      at: { file: 'a.yaml', line: 1, column: 1 },
      directory: '/',
    });
    expect(isSameComponent(component(), component())).toBe(true);
    expect(isSameComponent(component(), { ...component(), directory: '/elsewhere' })).toBe(false);
  });
});
