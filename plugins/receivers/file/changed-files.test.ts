import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { ChangedFiles } from './changed-files.ts';

const never = new AbortController().signal;

/** A folder with a configuration, one with results within, and one beside them. */
async function folders() {
  const base = await temporaryFolder({
    'own/results/a.json': '{}',
    'own/results/deep/b.json': '{}',
    'other/c.json': '{}',
  });
  onTestFinished(base.remove);
  const own = join(base.path, 'own');
  const results = join(own, 'results');
  const found = async (...include: string[]) => {
    const files = await new ChangedFiles({ include, exclude: [], poll_interval: 1 }, own).all();
    return files.map(({ file }) => relative(base.path, file.path));
  };
  return { base: base.path, own, results, found };
}

describe('what `include` leads to', () => {
  it('starts from the folder of the configuration, and may lead out of it', async () => {
    const { base, found } = await folders();
    expect(await found('results/*.json')).toEqual(['own/results/a.json']);
    expect(await found('./results/**/*.json')).toEqual(['own/results/a.json', 'own/results/deep/b.json']);
    expect(await found('../other/*.json')).toEqual(['other/c.json']);
    expect(await found(`${base}/other/c.json`)).toEqual(['other/c.json']);
  });

  it('follows links to files and folders, under the names of the links', async () => {
    const { base, results, found } = await folders();
    await symlink(join(base, 'other/c.json'), join(results, 'link.json'));
    await symlink(join(base, 'other'), join(results, 'folder'));
    expect(await found('results/*.json')).toEqual(['own/results/a.json', 'own/results/link.json']);
    expect(await found('results/folder/*.json')).toEqual(['own/results/folder/c.json']);
  });

  it('is files only: no folder, pipe, device, or link that leads to one, nowhere or round in a circle', async () => {
    const { results, found } = await folders();
    await mkdir(join(results, 'folder.json'));
    execFileSync('mkfifo', [join(results, 'pipe.json')]);
    for (const [name, target] of Object.entries({
      zero: '/dev/zero',
      pipe2: 'pipe.json',
      none: 'nowhere',
      self: 'self.json',
      up: '..',
    })) {
      await symlink(target, join(results, `${name}.json`));
    }
    expect(await found('results/*.json')).toEqual(['own/results/a.json']);
    for (const name of ['folder', 'pipe', 'zero', 'none', 'self', 'up'])
      expect(await found(`results/${name}.json`)).toEqual([]);
  });

  it('is the file behind a link that is exchanged, as Kubernetes does with a volume', async () => {
    const { results } = await folders();
    await writeFile(join(results, 'deep/next.json'), '{"a":1}');
    await symlink('deep/b.json', join(results, 'now.json'));
    const files = new ChangedFiles({ include: ['now.json'], exclude: [], poll_interval: 1 }, results);
    for (const name of ['b', 'next']) await utimes(join(results, `deep/${name}.json`), 1, 1);
    const seen = async () => {
      const found = await files.changed();
      for (const { file } of found) for await (const _ of file.read({ isLast: true, digests: false, signal: never }));
      return found.map(({ file, bytes }) => [basename(file.path), bytes]);
    };
    expect(await seen()).toEqual([['now.json', 2]]);
    expect(await seen()).toEqual([]);
    await symlink('deep/next.json', join(results, 'now.new'));
    await rename(join(results, 'now.new'), join(results, 'now.json'));
    expect(await seen()).toEqual([['now.json', 7]]);
    await rm(join(results, 'now.json'));
    expect(await seen()).toEqual([]);
  });
});
