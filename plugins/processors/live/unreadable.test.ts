import { expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import { hostPower, type Processor } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import plugin from './index.ts';

const { signal } = new AbortController();

async function start(storage: ReturnType<typeof memoryStorage>) {
  const context = createTestContext({ storages: { s: storage } });
  const stage = plugin.create(context.ctx, plugin.configSchema.parse({ storage: 's' })) as Required<Processor>;
  await stage.start(signal);
  return { ...context, stage };
}

const sent = (host: string, at: number) =>
  liveRun({ 'host.name': host }, liveMetric('node_rapl_package_joules_total', 'counter', [{ at, value: 40 * at }]));

type Broken = [
  ledger: { feeds: Record<string, unknown> },
  positions: Record<string, [unknown, string[], number[], object]>,
];
const edited = (edit: (stored: Broken) => unknown) => (text: string) => {
  const stored = JSON.parse(text) as Broken;
  edit(stored);
  return JSON.stringify(stored);
};

it.each([
  [
    'has a position that is none',
    'a',
    edited(([, positions]) => Object.keys(positions).map((key) => (positions[key] = [null, ['x'], [], {}]))),
  ],
  ['lacks its positions', 'a', edited((stored) => stored.pop())],
  [
    'has a position that is no list',
    'a',
    edited(([, positions]) => Object.assign(positions, { [Object.keys(positions)[0] ?? '']: 7 })),
  ],
  [
    'has a meter whose position is no list',
    'a',
    edited(([, positions]) => Object.values(positions)[0]?.splice(3, 1, { x: 5 })),
  ],
  ['has no feeds', 'a', edited(([ledger]) => Object.assign(ledger, { feeds: null }))],
  ['has a feed of nothing', 'a', edited(([ledger]) => Object.assign(ledger.feeds, { x: {} }))],
  ['is cut off', undefined, (text: string) => text.slice(0, -9)],
  ['is a number', undefined, () => '7'],
  ['is nothing', undefined, () => 'null'],
])('a host whose ledger %s is named and counted anew, and no other is lost', async (_, name, broken) => {
  const storage = memoryStorage();
  const before = await start(storage);
  await before.stage.consume([sent('a', 1), sent('b', 1)], signal);
  await before.stage.consume([sent('a', 2), sent('b', 2)], signal);
  await before.stage.shutdown(signal);
  const state = await storage.openState('live', 'test');
  const [key = '', text = ''] = state.entries('stream/').find(([, value]) => value.includes('"a"')) ?? [];
  const forged = broken(text);
  await state.update(() => [[key, forged]]);

  const { stage, runs, skips, logs } = await start(storage);
  const said = `the host \`${name ?? key.slice('stream/'.length)}\` in ${state.place} cannot be read, and is counted from now on`;
  expect(logs.filter((line) => line.startsWith('error: '))).toEqual([expect.stringContaining(said)]);
  expect(skips).toEqual([expect.objectContaining({ item: 'host', reason: 'unreadable' })]);
  expect(state.get(`unreadable/${key}`)).toBe(forged);
  await stage.consume([sent('a', 3), sent('b', 3)], signal);
  const joulesOf = (host: string) => {
    const ofHost = runs.filter(({ attributes }) => attributes['host.name'] === host);
    return ofHost.map((run) => measure(run, hostPower).value);
  };
  expect([joulesOf('a'), joulesOf('b')]).toEqual([[], [40]]);
  await stage.consume([sent('a', 4)], signal);
  expect(joulesOf('a')).toEqual([40]);
  await stage.shutdown(signal);
  expect((await start(storage)).skips).toEqual([]);
});
