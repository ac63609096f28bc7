import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

async function started(config: object, files: Record<string, string> = {}) {
  const folder = await temporaryFolder(files);
  onTestFinished(folder.remove);
  const context = createTestContext({ directory: folder.path });
  const extension = plugin.create(context.ctx, plugin.configSchema.parse(config));
  await extension.start?.(never);
  const lets = async (headers: Record<string, string>) => (await extension.serverAuth?.(headers)) === undefined;
  return { ...context, folder, extension, lets, shown: () => extension.clientAuth?.() };
}

describe('a server', () => {
  it('lets any of the tokens in, and nothing else', async () => {
    const { lets } = await started(
      { token: 'one', tokens: ['two'], filename: 'tokens' },
      { tokens: 'three\n\nfour\n' },
    );
    for (const token of ['one', 'two', 'three', 'four'])
      expect(await lets({ authorization: `Bearer ${token}` })).toBe(true);
    for (const value of ['Bearer five', 'Bearer ', 'one', 'Token one', 'Bearer one two', ''])
      expect(await lets({ authorization: value })).toBe(false);
    expect(await lets({})).toBe(false);
  });

  it('lets nobody in before it has started', async () => {
    const { serverAuth } = plugin.create(createTestContext().ctx, plugin.configSchema.parse({ token: 'one' }));
    expect(await serverAuth?.({ authorization: 'Bearer one' })).toMatchObject({
      message: 'the tokens are not known yet',
    });
  });

  it('takes them under another scheme and header, and then under no other', async () => {
    const scheme = await started({ token: 'one', scheme: 'Token' });
    expect([
      await scheme.lets({ authorization: 'token  one' }),
      await scheme.lets({ authorization: 'Bearer one' }),
    ]).toEqual([true, false]);
    const header = await started({ token: 'one', scheme: '', header: 'X-Api-Key' });
    expect([await header.lets({ 'x-api-key': 'one' }), await header.lets({ authorization: 'Bearer one' })]).toEqual([
      true,
      false,
    ]);
    expect((await header.extension.serverAuth?.({}))?.message).toBe(
      'a token is needed here, in the header `X-Api-Key`',
    );
    expect(header.shown()).toEqual(['X-Api-Key', 'one']);
  });
});

describe('a client', () => {
  it('shows the first token', async () => {
    expect((await started({ tokens: ['one', 'two'] })).shown()).toEqual(['Authorization', 'Bearer one']);
    expect((await started({ filename: 'a' }, { a: '\n one\ntwo' })).shown()).toEqual(['Authorization', 'Bearer one']);
  });

  it('shows the new one of a file that has changed, and the one before where that cannot be used', async () => {
    const { folder, shown, lets, logs } = await started({ filename: 'a' }, { a: 'one' });
    await folder.write({ a: 'another' });
    await expect.poll(shown).toEqual(['Authorization', 'Bearer another']);
    await expect.poll(() => lets({ authorization: 'Bearer another' })).toBe(true);
    expect(await lets({ authorization: 'Bearer one' })).toBe(false);
    await folder.write({ a: '' });
    await expect
      .poll(async () => [shown(), await lets({ authorization: 'Bearer another' }), logs.join()][2])
      .toMatch(/has no token.*still count/);
    expect(await lets({ authorization: 'Bearer another' })).toBe(true);
    expect(shown()).toEqual(['Authorization', 'Bearer another']);
  });
});

describe('the settings', () => {
  it.each([
    [{}, 'expected `token`, `tokens` or `filename`'],
    [{ token: 'a b' }, 'expected a token'],
    [{ token: 'a', header: 'a:b' }, 'expected the name of a header'],
  ])('are refused: %j', (config, message) => {
    expect(plugin.configSchema.safeParse(config).error?.message).toContain(message);
  });

  it('name the file that cannot be read', async () => {
    await expect(started({ filename: 'none' })).rejects.toThrow(
      /`filename`: .*none cannot be read: there is no such file/,
    );
  });
});
