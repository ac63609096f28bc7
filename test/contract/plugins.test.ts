import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FactorPeriod } from '../../src/model/factor.ts';
import type { AnyPlugin, Provider } from '../../src/plugin/contract.ts';
import type { Place } from '../../src/plugin/index.ts';
import { contract, createSampled } from '../kit/contract.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const plugins = fileURLToPath(new URL('../../plugins', import.meta.url));
const foldersIn = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = foldersIn(plugins).flatMap((kind) =>
  foldersIn(join(plugins, kind.name)).map((type) => [kind.name, type.name] as const),
);

it('finds the plugins', () => {
  expect(folders.length).toBeGreaterThan(5);
});

describe.each(folders)('plugins/%s/%s', (kinds, type) => {
  const folder = join(plugins, kinds, type);
  let plugin: AnyPlugin;
  let directory: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    plugin = (await import(/* @vite-ignore */ join(folder, 'index.ts'))).default;
    directory = await temporaryFolder();
  });
  afterAll(() => directory.remove());

  it('is the kind and the type that its path says', () => {
    expect([`${plugin.kind}s`, plugin.type]).toEqual([kinds, type.replaceAll('-', '_')]);
  });

  it.each(contract)('$name', async ({ breaches }) => {
    expect(await breaches({ plugin, folder })).toEqual([]);
  });

  if (kinds === 'providers') {
    const places: Place[] = [
      { region: 'us-west-1', country: 'USA', zone: 'US-CAL-CISO' },
      { region: 'eu-west-2', country: 'GBR', zone: 'GB' },
      { region: 'nowhere' },
    ];
    const create = async (settings: object = {}, url?: string) =>
      (await createSampled({ plugin, folder }, directory.path, {}, { settings, ...(url && { url }) }))() as Provider;

    /** What it knows of now and of last week, for each place. */
    async function ask(provider: Provider): Promise<(readonly FactorPeriod[])[]> {
      const now = Date.now() / 1000;
      const never = new AbortController().signal;
      await provider.start?.(never);
      try {
        const ends = [now, now - 7 * 86_400];
        return await Promise.all(
          places.flatMap((place) => ends.map((end) => provider.factors(place, end - 60, end, never))),
        );
      } finally {
        await provider.shutdown?.(never);
      }
    }

    it('says what it knows, and nothing for runs that have been given up', async () => {
      const provider = await create();
      expect(['price', 'intensity']).toContain(provider.quantity);
      if (provider.quantity === 'intensity') expect(['location', 'market', 'marginal']).toContain(provider.method);
      const given = provider.factors(places[0] as Place, 0, 1, AbortSignal.abort(new Error('given up')));
      await expect(given).rejects.toThrow('given up');
    });

    it('knows nothing where its service is away or does not answer, and waits no longer than its timeout', async () => {
      const nothing = places.flatMap(() => [[], []]);
      expect(await ask(await create())).toEqual(nothing);
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      try {
        expect(await ask(await create({ timeout: '50ms' }, url))).toEqual(nothing);
      } finally {
        silent.close();
      }
    });
  }
});
