import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedPower, type HostPower, type ModelledWatts } from './host-power.ts';
import { findInstanceType } from './instance-types.ts';
import { serverCpus } from './server-cpus.ts';

const types = ['m6i.xlarge', 'c7i-flex.2xlarge', 'm7a.large', 'c5a.24xlarge', 'r5n.metal', 'c3d-highmem-30'] as const;

const wattsOf = (power: ReturnType<typeof citedPower>) => (cores: number) =>
  (power as HostPower).at(cores) as ModelledWatts;

describe('cited power', () => {
  it('is idle without use and the most with all CPUs busy, never falls, and lies in its interval', () => {
    const cores = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.integer({ min: 1, max: 192 }), cores, cores, (type, cpus, a, b) => {
        const at = wattsOf(citedPower({ 'host.type': type }, cpus));
        const [less, more] = [at(Math.min(a, b)), at(Math.max(a, b))];
        for (const key of ['value', 'lower', 'upper'] as const) {
          expect(less[key]).toBeGreaterThanOrEqual(at(0)[key] as number);
          expect(more[key]).toBeGreaterThanOrEqual(less[key] as number);
          expect(more[key]).toBeLessThanOrEqual(at(cpus)[key] as number);
        }
        expect(less.lower).toBeLessThanOrEqual(less.value);
        expect(less.upper).toBeGreaterThanOrEqual(less.value);
      }),
    );
  });

  it('is that of the table for each CPU, and of two for each that is a whole core', () => {
    const cited = citedPower({ 'host.type': 'm6i.xlarge' }) as HostPower;
    const { level, basis } = cited;
    const at = wattsOf(cited);
    expect([at(0).value, at(4).value]).toEqual([0.767 * 4, 3.758 * 4]);
    expect(level).toBe(0.9);
    expect(basis).toContain('Ice Lake');
    const whole = wattsOf(citedPower({ 'host.type': 'm7a.large' }));
    expect([whole(0).value, whole(2).value]).toEqual([0.739 * 4, 2.282 * 4]);
  });

  it.each([
    [{ 'host.type': 'projects/12345/machineTypes/c3d-standard-8' }, 'EPYC 4th generation, 8 CPUs'],
    [{ 'azure.vm.size': 'Standard_D16as_v5' }, 'EPYC 3rd generation, 16 CPUs'],
  ])('is known by the type as the detector of each cloud says it: %j', (attributes, basis) => {
    expect((citedPower(attributes) as HostPower).basis).toContain(basis);
  });

  it('is known by the CPU where the type says nothing, as numbers or texts', () => {
    const cpu = { 'host.cpu.vendor.id': 'AuthenticAMD', 'host.cpu.family': '25', 'host.cpu.model.id': 1 };
    expect((citedPower({ ...cpu, 'host.type': 'own.one' }, 8) as HostPower).basis).toContain(
      'EPYC 3rd generation, 8 CPUs',
    );
  });

  it.each([
    [{}, 4, 'unknown_cpu', 'it has no `host.type`'],
    [{ 'host.type': 'm5.large' }, 4, 'unknown_cpu', 'the CPU of `host.type` m5.large is not in the table'],
    [{ 'host.cpu.vendor.id': 'GenuineIntel', 'host.cpu.family': 6 }, 4, 'unknown_cpu', 'names none'],
    [{ 'host.type': 'm6i.metal' }, undefined, 'unknown_cpu_count', 'system.cpu.logical.count'],
  ])('is not known of %j with %s CPUs: %s', (attributes, cpus, reason, problem) => {
    expect(citedPower(attributes, cpus)).toEqual({ reason, problem: expect.stringContaining(problem) });
  });
});

describe('a type of instances', () => {
  const { cascadeLake, iceLake, sapphireRapids, epyc2, epyc3, epyc4 } = serverCpus;
  it.each([
    ['m5zn.12xlarge', cascadeLake, 48, 1],
    ['m6i.large', iceLake, 2, 1],
    ['r6idn.32xlarge', iceLake, 128, 1],
    ['c7i-flex.xlarge', sapphireRapids, 4, 1],
    ['m7i.metal-24xl', sapphireRapids, undefined, 1],
    ['c5ad.4xlarge', epyc2, 16, 1],
    ['r7a.medium', epyc4, undefined, 2],
    ['c2-standard-30', cascadeLake, 30, 1],
    ['c3-standard-8-lssd', sapphireRapids, 8, 1],
    ['c2d-highcpu-112', epyc3, 112, 1],
    ['Standard_D16as_v5', epyc3, 16, 1],
    ['Standard_E4ads_v5', epyc3, 4, 1],
    ['Standard_D2as_v6', epyc4, 2, 1],
  ])('%s is known by its name', (name, cpu, cpus, threads) => {
    expect(findInstanceType(name)).toEqual({ cpu, cpus, threads });
  });

  it.each(['m5.large', 'm6g.large', 'g5.xlarge', 'n2-standard-4', 'Standard_D4s_v5', 'Standard_E16-4as_v5', 'x', ''])(
    '%s is not known: it has one of several CPUs, or none of the table',
    (name) => {
      expect(findInstanceType(name)).toBeUndefined();
    },
  );
});
