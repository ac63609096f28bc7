import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
/** The password of each is its name: by `openssl passwd -6`, `-apr1`, and the SHA-1 of `htpasswd -s`. */
const reader =
  'reader:$6$Salt.78$rEYcGlLI.3bxRGpORtvr.D08OPwOW67uN98VWk2VrZhGnfzAC8SZBEcal68Bgs3hIPm52s2N7CYp71hJnhvqN0';
const old = 'old:{SHA}wA27ydrfvh4jLpOnKd1HUvreCr8=';

const bcrypt = 'bcrypt:$2y$05$FEObxgie3XN6u56eMah76uge44XZHke4mTzMJIVgroN/2BkKMe38W';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

async function started(config: object, files: Record<string, string> = {}) {
  const folder = await temporaryFolder(files);
  onTestFinished(folder.remove);
  const context = createTestContext({ directory: folder.path });
  const extension = plugin.create(context.ctx, plugin.configSchema.parse(config));
  await extension.start?.(never);
  const lets = async (text: string) => (await extension.serverAuth?.(basic(text))) === undefined;
  return { ...context, folder, extension, lets };
}

describe('a server', () => {
  it('lets users with their passwords in, and nobody else', async () => {
    const { lets, extension } = await started({ htpasswd: { inline: `# users\n${reader}\n\n${old}\n` } });
    for (const user of ['reader:reader', 'old:old', 'reader:reader']) expect(await lets(user)).toBe(true);
    for (const user of [
      'reader:old',
      'old:reader',
      'reader:',
      'reader',
      ':reader',
      'none:none',
      ':',
      `reader:${'x'.repeat(2000)}`,
    ]) {
      expect(await lets(user)).toBe(false);
    }
    for (const authorization of [undefined, '', 'Basic', 'Basic ?', 'Bearer reader']) {
      expect(await extension.serverAuth?.({ authorization })).toEqual({
        message: 'a user and a password are needed here',
        challenges: ['Basic realm="wattline", charset="UTF-8"'],
      });
    }
  });

  it('takes bcrypt, of no more bytes than it hashes', async () => {
    const { lets } = await started({
      htpasswd: { inline: `${bcrypt}\nlong:$2b$04$tuwdXkPyeDT9jgBqHcnS1.bk/jaqaCOVwRaNVX2S0ZU6cMsLcyaBe` },
    });
    expect([await lets('bcrypt:bcrypt'), await lets('bcrypt:bcrypt'), await lets('bcrypt:other')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await lets(`long:${'x'.repeat(72)}`), await lets(`long:${'x'.repeat(73)}`)]).toEqual([true, false]);
  });

  it('lets nobody in before it has started', async () => {
    const { serverAuth } = plugin.create(
      createTestContext().ctx,
      plugin.configSchema.parse({ htpasswd: { inline: old } }),
    );
    expect(await serverAuth?.(basic('old:old'))).toBeDefined();
  });

  it('reads a file that has changed again, and keeps the users before where it cannot be used', async () => {
    const { lets, folder, logs } = await started({ htpasswd: { file: 'users' } }, { users: reader });
    expect([await lets('reader:reader'), await lets('old:old')]).toEqual([true, false]);
    await folder.write({ users: old });
    await expect.poll(() => lets('old:old')).toBe(true);
    expect(await lets('reader:reader')).toBe(false);
    await folder.write({ users: 'old:hunter2' });
    await expect
      .poll(async () => [await lets('old:old'), logs.join('\n')][1])
      .toMatch(/line 1 has a hash of an unknown kind.*still count/);
    expect(await lets('old:old')).toBe(true);
    expect(logs.join()).not.toContain('hunter2');
  });

  it('has the users of both, and takes those that stand inline first', async () => {
    const { lets } = await started(
      { htpasswd: { file: 'users', inline: old } },
      { users: `${reader}\n${old.replace('wA', 'aA')}` },
    );
    expect([await lets('reader:reader'), await lets('old:old')]).toEqual([true, true]);
  });

  it.each([
    ['', 'has no user'],
    ['name', 'line 1 is not of the form'],
    [`${old}\nb:$2y$05$abcdefghijklmnopqrstuv`, 'line 2 has a hash of an unknown kind'],
    [`b:${bcrypt.slice('bcrypt:'.length).replace('$05$', '$13$')}`, 'bcrypt of a cost of at most 12'],
    ['a:$6$rounds=999999999$Salt$abc', 'line 1 has a hash of an unknown kind'],
    ['a:plain-password', 'line 1 has a hash of an unknown kind'],
  ])('does not start with %j', async (users, message) => {
    await expect(started({ htpasswd: { file: 'users' } }, { users })).rejects.toThrow(message);
    await expect(started({ htpasswd: { file: 'users' } }, { users })).rejects.not.toThrow('plain-password');
  });
});

describe('a client', () => {
  it('shows the user and the password, which no output shows in any form', async () => {
    const { extension } = await started({ client_auth: { username: 'wattline', password: 'pä:ss' } });
    expect(extension.clientAuth?.()).toEqual(['authorization', basic('wattline:pä:ss').authorization]);
    expect(extension.serverAuth).toBeUndefined();
  });
});

it.each([[{}], [{ htpasswd: {} }], [{ client_auth: { username: 'a:b', password: 'c' } }]])('refuses %j', (config) => {
  expect(plugin.configSchema.safeParse(config).success).toBe(false);
});
