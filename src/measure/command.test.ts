import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { findCommand } from './command.ts';

it('finds a command as a shell does, and says why it cannot', async () => {
  const folder = await temporaryFolder({ 'a/tool': '', 'b/tool': '', 'c/only/x': '', 'a/plain': '' });
  try {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder.path, name)) as [string, string, string];
    await chmod(join(b, 'tool'), 0o755);
    const path = [c, a, b].join(delimiter);
    expect(findCommand('tool', path)).toBe(join(b, 'tool'));
    expect(findCommand(join(b, 'tool'), '')).toBe(join(b, 'tool'));
    expect(() => findCommand('none', path)).toThrow('cannot measure `none`: there is no such program on the PATH');
    expect(() => findCommand('only', path)).toThrow('there is no such program on the PATH');
    expect(() => findCommand(`${a}/none`, path)).toThrow('there is no such file');
    expect(() => findCommand('plain', path)).toThrow(`${join(a, 'plain')} is not executable`);
  } finally {
    await folder.remove();
  }
});
