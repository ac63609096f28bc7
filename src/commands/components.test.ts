import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { components } from './components.ts';

it('lists the plugins of every kind by their folders, with the units of what they add', async () => {
  const listed = parse(await components()) as Record<string, { type: string; stability: string; emits?: object }[]>;
  const folders = readdirSync(new URL('../../plugins/', import.meta.url));
  expect(Object.keys(listed).sort()).toEqual(folders.sort());
  for (const [kinds, plugins] of Object.entries(listed)) {
    const types = readdirSync(new URL(`../../plugins/${kinds}/`, import.meta.url)).map((name) =>
      name.replaceAll('-', '_'),
    );
    expect(plugins.map(({ type }) => type)).toEqual(types.sort());
  }
  expect(listed.providers?.find(({ type }) => type === 'watttime')).toEqual({
    type: 'watttime',
    stability: 'beta',
    emits: {
      wattline_provider_requests_total: '{request}',
      wattline_provider_last_good_age_seconds: 's',
      wattline_provider_state: '1',
    },
  });
});
