import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { components } from './components.ts';

type Listed = Record<string, { type: string; stability: string; reads?: object; emits?: object }[]>;

let listed: Listed;
beforeAll(async () => {
  listed = parse(await components({ json: false }));
});

describe('components', () => {
  it('lists the plugins of every kind by their folders', () => {
    const folders = readdirSync(new URL('../../plugins/', import.meta.url));
    expect(Object.keys(listed).sort()).toEqual(folders.sort());
    for (const [kinds, plugins] of Object.entries(listed)) {
      const names = readdirSync(new URL(`../../plugins/${kinds}/`, import.meta.url));
      expect(plugins.map(({ type }) => type)).toEqual(names.map((name) => name.replaceAll('-', '_')).sort());
    }
  });

  it('says what they read and add, and in which units', () => {
    expect(listed.processors?.find(({ type }) => type === 'savings')).toEqual({
      type: 'savings',
      stability: 'beta',
      reads: { cost_total_load_aware: '{USD}', co2_emissions_kg: 'kg{CO2e}' },
      emits: {
        cost_savings_usd: '{USD}',
        cost_savings_ratio: '1',
        co2_savings_kg: 'kg{CO2e}',
        co2_savings_ratio: '1',
      },
    });
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

  it('says nothing of those that work on whatever comes', () => {
    expect(listed.exporters?.find(({ type }) => type === 'debug')).toEqual({ type: 'debug', stability: 'beta' });
  });

  it('lists the same as JSON', async () => {
    expect(JSON.parse(await components({ json: true }))).toEqual(listed);
  });
});
