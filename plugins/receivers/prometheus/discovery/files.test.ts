import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestContext } from '../../../../test/kit/context.ts';
import { temporaryFolder } from '../../../../test/kit/temporary-folder.ts';
import { fileDiscovery } from './files.ts';

const never = new AbortController().signal;

async function discovering(contents: Record<string, string>, files = ['*.json', '*.yml']) {
  const folder = await temporaryFolder(contents);
  onTestFinished(folder.remove);
  const { ctx, logs } = createTestContext({ directory: folder.path });
  const discovery = fileDiscovery({ files, refresh_interval: 300_000 }, ctx);
  return { folder, logs, interval: discovery.interval, discover: () => discovery.discover(never) };
}

describe('files', () => {
  it('list targets in JSON and in YAML', async () => {
    const { discover, folder } = await discovering({
      'a.json': '[{"targets":["a:1","a:2"],"labels":{"region":"eu"}},{"targets":["b:1"]}]',
      'b.yml': '- targets: ["c:1"]\n  labels: { number: 5, __metrics_path__: /m }\n',
      'c.txt': '[{"targets":["d:1"]}]',
    });
    const [a, b] = ['a.json', 'b.yml'].map((name) => `${folder.path}/${name}`);
    expect(await discover()).toEqual([
      { __address__: 'a:1', region: 'eu', __meta_filepath: a },
      { __address__: 'a:2', region: 'eu', __meta_filepath: a },
      { __address__: 'b:1', __meta_filepath: a },
      { __address__: 'c:1', number: '5', __metrics_path__: '/m', __meta_filepath: b },
    ]);
  });

  it('stand where the configuration does, or at a path of their own', async () => {
    const contents = { 'of [x]/a.json': '[{"targets":["a:1"]}]' };
    const within = await discovering(contents, ['of */a.json']);
    expect(await within.discover()).toHaveLength(1);
    const elsewhere = await discovering({}, [`${within.folder.path}/of*/*.json`, `${within.folder.path}/none.json`]);
    expect(await elsewhere.discover()).toHaveLength(1);
  });

  it('are seen when they change, come and go', async () => {
    const { discover, folder, interval } = await discovering({ 'a.json': '[{"targets":["a:1"]}]' });
    const first = await discover();
    expect(await discover()).toBe(first);
    await folder.write({ 'a.json': '[{"targets":["a:2"]}]', 'b.json': '[{"targets":["b:1"]}]' });
    expect((await discover()).map(({ __address__ }) => __address__)).toEqual(['a:2', 'b:1']);
    await folder.write({ 'a.json': '' });
    expect((await discover()).map(({ __address__ }) => __address__)).toEqual(['b:1']);
    await folder.remove();
    expect(await discover()).toEqual([]);
    expect(interval).toBe(5000);
  });

  it.each([
    ['[{"targets":', 'lists no targets'],
    ['{"targets":["a:2"]}', 'expected a list of `targets` with `labels`'],
    ['[{"targets":["a:2"],"labels":{"x":{}}}, {"targets":"a:2"}]', '1.targets'],
    ['[{"labels":{}}]', '0.targets'],
  ])('keep what they listed while they are broken, which is said once: %s', async (broken, message) => {
    const { discover, folder, logs } = await discovering({ 'a.json': '[{"targets":["a:1"]}]' });
    const first = await discover();
    await folder.write({ 'a.json': broken });
    for (let i = 0; i < 3; i++) expect(await discover()).toBe(first);
    expect(logs).toEqual([expect.stringMatching(/^error: .*a\.json lists no targets/)]);
    expect(logs[0]).toContain(message);
    expect(logs[0]).toContain('those that it had stay');
    await folder.write({ 'a.json': '[{"targets":["a:2"]}]' });
    expect((await discover()).map(({ __address__ }) => __address__)).toEqual(['a:2']);
    expect(logs[1]).toMatch(/^info: .*a\.json can be read again$/);
  });
});
