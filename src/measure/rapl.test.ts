import { describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { type EnergyMeter, openRapl } from './rapl.ts';

const zone = (folder: string, name: string, microjoules: number, range = 262_143_328_850) => ({
  [`${folder}/name`]: `${name}\n`,
  [`${folder}/energy_uj`]: `${microjoules}\n`,
  [`${folder}/max_energy_range_uj`]: `${range}\n`,
});

async function withFolder(files: Record<string, string>, test: (folder: TemporaryFolder) => Promise<void>) {
  const folder = await temporaryFolder(files);
  try {
    await test(folder);
  } finally {
    await folder.remove();
  }
}

describe('openRapl', () => {
  it('adds up the packages, and nothing that is a part of them, the same again, or more than them', () => {
    const files = {
      ...zone('intel-rapl:0', 'package-0', 1000),
      ...zone('intel-rapl:1', 'package-1', 5_000_000),
      ...zone('intel-rapl:2', 'psys', 7_000_000),
      ...zone('intel-rapl:0:0', 'core', 100),
      ...zone('intel-rapl:0:1', 'dram', 100),
      ...zone('intel-rapl-mmio:0', 'package-0', 1000),
    };
    return withFolder(files, async (folder) => {
      const meter = openRapl(folder.path) as EnergyMeter;
      expect(meter.zones).toEqual(['package-0', 'package-1']);
      expect(meter.read()).toBe(0);
      await folder.write({ 'intel-rapl:0/energy_uj': '2001000\n', 'intel-rapl:1/energy_uj': '5500000\n' });
      await folder.write({ 'intel-rapl:2/energy_uj': '99000000\n', 'intel-rapl:0:1/energy_uj': '99000000\n' });
      expect(meter.read()).toBe(2.5);
    });
  });

  it('goes on where a counter starts again at its range', () =>
    withFolder(zone('intel-rapl:0', 'package-0', 900_000, 1_000_000), async (folder) => {
      const meter = openRapl(folder.path) as EnergyMeter;
      for (const [now, joules] of [
        [950_000, 0.05],
        [50_000, 0.15],
        [40_000, 1.14],
        [40_000, 1.14],
      ]) {
        await folder.write({ 'intel-rapl:0/energy_uj': `${now}\n` });
        expect(meter.read()).toBeCloseTo(joules as number, 12);
      }
    }));

  it('says why there is none', async () => {
    await withFolder({}, async ({ path }) => {
      expect(openRapl(path)).toEqual({ missing: `${path} has no RAPL package` });
      expect(openRapl(`${path}/none`)).toEqual({ missing: `this machine has no ${path}/none` });
    });
    await withFolder({ 'intel-rapl:0/name': 'package-0\n' }, async ({ path }) => {
      expect(openRapl(path)).toEqual({
        missing: expect.stringMatching(/^RAPL cannot be read; run as root, or allow reading .*\/energy_uj: ENOENT/),
      });
    });
  });
});
