import { arch, hostname, platform } from 'node:os';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Run } from 'wattline/plugin';
import { createTestContext } from 'wattline/testing';
import { attributesOfText, detectSystem } from './detect.ts';
import plugin from './index.ts';

afterEach(() => vi.unstubAllEnvs());

async function attributesAfter(before: Record<string, string>, settings: object, environment = '') {
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', environment);
  const { ctx, runs } = createTestContext();
  const processor = plugin.create(ctx, plugin.configSchema.parse(settings));
  const { signal } = new AbortController();
  await processor.start?.(signal);
  await processor.consume([Run.of(before)], signal);
  return runs[0]?.resource.attributes;
}

describe('the processor `resourcedetection`', () => {
  it('adds what the environment says, by default over what a run has', async () => {
    const before = { scenario: 'a', region: 'here' };
    expect(await attributesAfter(before, {}, 'region=eu-west-1, team=video%20one')).toEqual({
      scenario: 'a',
      region: 'eu-west-1',
      team: 'video one',
    });
    expect(await attributesAfter(before, { override: false }, 'region=eu-west-1,team=b')).toEqual({
      ...before,
      team: 'b',
    });
  });

  it('adds the name of the machine and its system, and of the rest what is asked for', async () => {
    const system = { hostname_sources: ['os'], resource_attributes: { 'host.arch': { enabled: true } } };
    expect(await attributesAfter({}, { detectors: ['system'], system })).toEqual({
      'host.name': hostname(),
      'os.type': platform(),
      'host.arch': { x64: 'amd64' }[arch() as string] ?? arch(),
    });
  });

  it('takes the first detector that has an attribute', async () => {
    const system = { hostname_sources: ['os'] };
    const after = await attributesAfter({}, { detectors: ['env', 'system'], system }, 'host.name=other');
    expect(after?.['host.name']).toBe('other');
    const reversed = await attributesAfter({}, { detectors: ['system', 'env'], system }, 'host.name=other');
    expect(reversed?.['host.name']).toBe(hostname());
  });

  it('warns that all machines would get the name of this one', () => {
    const notesOn = (settings: object) => plugin.notes?.(plugin.configSchema.parse(settings));
    expect(notesOn({ detectors: ['system'] })).toHaveLength(1);
    expect(notesOn({ detectors: ['system'], override: false })).toEqual([]);
    expect(notesOn({ detectors: ['env'] })).toEqual([]);
  });

  it('says what to do in place of other detectors', () => {
    const { error } = plugin.configSchema.safeParse({ detectors: ['env', 'ec2'] });
    expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringContaining('let a Collector')]);
  });
});

describe('what is detected', () => {
  it('has a name where the resolver has none in time', async () => {
    expect((await detectSystem(['dns', 'os'], 0))['host.name']).not.toBe('');
  });

  it('is any text that was written as OpenTelemetry writes it', () => {
    const key = fc.stringMatching(/^[a-z][a-z.]{0,9}$/);
    const written = fc.dictionary(
      key,
      fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed()),
    );
    fc.assert(
      fc.property(written, (attributes) => {
        const text = Object.entries(attributes).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
        expect(attributesOfText(text.join(','))).toEqual({ ...attributes });
      }),
    );
  });

  it.each(['novalue', '=value', 'a=%zz'])('is refused where the variable is %s', (text) => {
    expect(() => attributesOfText(text)).toThrow('OTEL_RESOURCE_ATTRIBUTES');
  });
});
