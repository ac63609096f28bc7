import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
/** The password of each is its name: by `openssl passwd -6`, `-apr1`, and the SHA-1 of `htpasswd -s`. */
const reader =
  'reader:$6$Salt.78$rEYcGlLI.3bxRGpORtvr.D08OPwOW67uN98VWk2VrZhGnfzAC8SZBEcal68Bgs3hIPm52s2N7CYp71hJnhvqN0';
const old = 'old:{SHA}wA27ydrfvh4jLpOnKd1HUvreCr8=';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

async function started(config: object, files: Record<string, string> = {}) {
  const folder = await temporaryFolder(files);
  onTestFinished(folder.remove);
  const context = createTestContext({ directory: folder.path });
  const extension = plugin.create(context.ctx, plugin.configSchema.parse(config));
  await extension.start?.(never);
  const lets = (text: string) => extension.serverAuth?.(basic(text)) === undefined;
  return { ...context, folder, extension, lets };
}

describe('a server', () => {
  it('lets users with their passwords in, and nobody else', async () => {
    const { lets, extension } = await started({ htpasswd: { inline: `# users\n${reader}\n\n${old}\n` } });
    for (const user of ['reader:reader', 'old:old', 'reader:reader']) expect(lets(user)).toBe(true);
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
      expect(lets(user)).toBe(false);
    }
    for (const authorization of [undefined, '', 'Basic', 'Basic ?', 'Bearer reader']) {
      expect(extension.serverAuth?.({ authorization })).toEqual({
        message: 'a user and a password are needed here',
        challenges: ['Basic realm="wattline", charset="UTF-8"'],
      });
    }
  });

  it('lets nobody in before it has started', () => {
    const { serverAuth } = plugin.create(
      createTestContext().ctx,
      plugin.configSchema.parse({ htpasswd: { inline: old } }),
    );
    expect(serverAuth?.(basic('old:old'))).toBeDefined();
  });

  it('reads a file that has changed again, and keeps the users before where it cannot be used', async () => {
    const { lets, folder, logs } = await started({ htpasswd: { file: 'users' } }, { users: reader });
    expect([lets('reader:reader'), lets('old:old')]).toEqual([true, false]);
    await folder.write({ users: old });
    await expect.poll(() => lets('old:old')).toBe(true);
    expect(lets('reader:reader')).toBe(false);
    await folder.write({ users: 'old:hunter2' });
    await expect
      .poll(() => [lets('old:old'), logs.join('\n')][1])
      .toMatch(/line 1 has a hash of an unknown kind.*still count/);
    expect(lets('old:old')).toBe(true);
    expect(logs.join()).not.toContain('hunter2');
  });

  it('has the users of both, and takes those that stand inline first', async () => {
    const { lets } = await started(
      { htpasswd: { file: 'users', inline: old } },
      { users: `${reader}\n${old.replace('wA', 'aA')}` },
    );
    expect([lets('reader:reader'), lets('old:old')]).toEqual([true, true]);
  });

  it.each([
    ['', 'has no user'],
    ['name', 'line 1 is not of the form'],
    [`${old}\nb:$2y$05$abcdefghijklmnopqrstuv`, 'line 2 has a hash of bcrypt, which is not known here'],
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
