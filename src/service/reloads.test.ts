import { afterEach, describe, expect, it } from 'vitest';
import { at, ReloadBench, turns } from '../../test/kit/reload-bench.ts';
import { ConfigurationError, type Problem } from '../errors.ts';

const benches: ReloadBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.service.stop();
});
async function running(...started: Parameters<ReloadBench['start']>): Promise<ReloadBench> {
  const bench = new ReloadBench();
  await bench.start(...started);
  benches.push(bench);
  return bench;
}

describe('a reload', () => {
  it('restarts what has changed, and nothing else', async () => {
    const bench = await running({});
    expect(await bench.reload({ 'processor first': { mark: '!' } })).toEqual([
      'stop processor first',
      'start processor first',
    ]);
    await bench.send('a');
    expect(bench.arrived).toEqual(['a>first!>second>sink']);
    expect(bench.lines).toEqual(['reloaded: restarted processor first; 3 components kept']);
    expect(await bench.reloads()).toEqual({ success: 1 });
  });

  it('restarts nothing where nothing has changed', async () => {
    const components = { 'provider prices': {}, 'processor first': { provider: 'prices' } };
    const bench = await running(components);
    expect(await bench.reload(components)).toEqual([]);
    expect(bench.lines).toEqual(['reloaded: nothing has changed; 5 components kept']);
    expect(await bench.reload(components, 'source > second, first > sink')).toEqual([]);
    await bench.send('a');
    expect(bench.arrived).toEqual(['a>second>first>sink']);
    expect(bench.lines.at(-1)).toBe('reloaded: the pipelines are connected differently; 5 components kept');
  });

  it('restarts what uses a provider or a storage that has changed, from the last to the first', async () => {
    const components = (mark: string) => ({
      'provider prices': { mark },
      'extension keeper': { mark },
      'processor first': { provider: 'prices' },
      'processor second': { storage: 'keeper' },
    });
    const bench = await running(components('a'), undefined, { extensions: ['keeper'] });
    const changed = ['processor first', 'processor second', 'provider prices', 'extension keeper'];
    expect(await bench.reload(components('b'), undefined, { extensions: ['keeper'] })).toEqual([
      ...changed.map((name) => `stop ${name}`),
      ...changed.toReversed().map((name) => `start ${name}`),
    ]);
  });

  it('starts what is new before runs come to it, and stops what is gone when none comes any more', async () => {
    const bench = await running({});
    const more = { 'exporter sink/more': {}, 'processor third': {}, 'receiver other': {} };
    const pipeline = 'source, other > first, third, second > sink, sink/more';
    expect(await bench.reload(more, pipeline)).toEqual([
      'start exporter sink/more',
      'start processor third',
      'start receiver other',
    ]);
    await bench.send('a');
    expect(bench.arrived).toEqual(['a>first>third>second>sink', 'a>first>third>second>sink/more']);
    expect(await bench.reload({})).toEqual(['stop receiver other', 'stop processor third', 'stop exporter sink/more']);
    expect(bench.lines.at(-1)).toBe(
      'reloaded: stopped exporter sink/more, processor third, receiver other; 4 components kept',
    );
  });

  it('is nothing that a probe would see', async () => {
    const bench = await running({});
    const states: (string | undefined)[] = [];
    for (const stage of ['processor first', 'receiver source'])
      bench.onStart[stage] = () => void states.push(bench.state);
    await bench.reload({ 'processor first': { mark: '!' }, 'receiver source': { mark: '!' } });
    expect(states).toEqual(['running', 'running']);
  });

  it('takes the level of the log along', async () => {
    const bench = await running({});
    await bench.reload({ 'processor first': { mark: '!' } }, undefined, { logLevel: 'error' });
    expect(bench.lines).toEqual([]);
  });
});

describe('runs under way', () => {
  it('go through the old stages or the new ones, never through some of both', async () => {
    const bench = await running({});
    const gate = Promise.withResolvers<void>();
    bench.onRun.second = (scenario) => (scenario === 'old' ? gate.promise : undefined);
    const old = bench.send('old');
    await turns();
    const reload = bench.reload({ 'processor first': { mark: '!' }, 'processor second': { mark: '!' } });
    await turns();
    const fresh = bench.send('new');
    await turns();
    expect([bench.events, bench.arrived]).toEqual([[], []]);
    gate.resolve();
    await Promise.all([old, fresh, reload]);
    expect(bench.arrived).toEqual(['old>first>second>sink', 'new>first!>second!>sink']);
  });

  it('do not wait where only an exporter comes or goes that others need not wait for', async () => {
    const bench = await running({});
    const gate = Promise.withResolvers<void>();
    bench.onRun.sink = (scenario) => (scenario === 'old' ? gate.promise : undefined);
    const old = bench.send('old');
    await bench.reload({ 'exporter sink/more': {} }, 'source > first, second > sink, sink/more');
    await bench.send('new');
    expect(bench.arrived.sort()).toEqual(['new>first>second>sink', 'new>first>second>sink/more']);
    gate.resolve();
    await old;
  });

  it('are waited for before an exporter stops that another is started before', async () => {
    const bench = await running({ 'exporter overlapping': {} }, 'source > first > overlapping');
    const gate = Promise.withResolvers<void>();
    bench.onRun.overlapping = (scenario) => (scenario === 'old' ? gate.promise : undefined);
    const old = bench.send('old');
    const reload = bench.reload({ 'exporter overlapping': { mark: '!' } }, 'source > first > overlapping');
    await expect.poll(() => bench.lines).toHaveLength(1);
    await bench.send('new');
    expect([bench.events, bench.arrived]).toEqual([['start exporter overlapping'], ['new>first>overlapping!']]);
    gate.resolve();
    await Promise.all([old, reload]);
    expect(bench.arrived.at(-1)).toBe('old>first>overlapping');
    expect(bench.events.at(-1)).toBe('stop exporter overlapping');
  });

  it('go to the exporter in its place where one could not deliver them', async () => {
    const bench = await running({ 'exporter queued': { mark: ' away' } }, 'source > first > queued');
    bench.onRun.queued = () => {
      throw new Error('away');
    };
    const sent = bench.send('a');
    await expect.poll(() => bench.lines).toContain('could not send, will try again: away');
    bench.onStart['exporter queued'] = () => {
      bench.onRun = {};
    };
    // It waits 5 s for the run to arrive by itself.
    await bench.reload({ 'exporter queued': { mark: ' here' } }, 'source > first > queued');
    await sent;
    expect(bench.arrived).toEqual(['a>first>queued here']);
    expect(bench.lines).toContain('runs that have not arrived after 5 s, and are not waited for any longer: 1');
  });
});

describe('a new configuration', () => {
  const bad = (...messages: string[]) => {
    const problems = messages.map(
      (message): Problem => ({ code: 'CONFIG_UNKNOWN_KEY', at, path: message, message, remedy: 'mend it' }),
    );
    return Promise.reject(new ConfigurationError(problems));
  };

  it('that has problems is refused, and all of them are logged', async () => {
    const bench = await running({});
    await bench.service.reload(() => bad('one', 'two'));
    await bench.send('a');
    expect([bench.events, bench.arrived]).toEqual([[], ['a>first>second>sink']]);
    expect(bench.lines).toEqual([
      'a.yaml:1:1 one: one; mend it [CONFIG_UNKNOWN_KEY]',
      'a.yaml:1:1 two: two; mend it [CONFIG_UNKNOWN_KEY]',
      'the new configuration is refused, and the one before runs on: 2 problems',
    ]);
    expect(await bench.reloads()).toEqual({ refused: 1 });
  });

  it('that a plugin refuses leaves nothing behind', async () => {
    const bench = await running({});
    bench.refuse = ['processor second'];
    expect(
      await bench.reload(
        { 'exporter other': {}, 'processor second': { mark: '!' } },
        'source > first, second > sink, other',
      ),
    ).toEqual([]);
    expect(bench.lines).toEqual([
      'a.yaml:1:1 processors.second: no second here; check its settings against the README of the processor `second` [PLUGIN_CREATE_FAILED]',
      'the new configuration is refused, and the one before runs on: 1 problem',
    ]);
    expect(await bench.points('alive')).toHaveLength(4);
  });

  it('that cannot start is taken back: what has stopped starts anew, everything else goes on', async () => {
    const pipeline = 'source > first, second > sink, overlapping';
    const bench = await running({ 'exporter overlapping': {} }, pipeline);
    bench.onStart['processor first'] = () => {
      bench.onStart = {};
      throw new Error('no GPU');
    };
    const held = turns().then(() => bench.send('a'));
    const changed = { mark: '!' };
    expect(
      await bench.reload(
        {
          'exporter overlapping': changed,
          'processor second': changed,
          'processor first': changed,
          'receiver source': changed,
        },
        pipeline,
      ),
    ).toEqual([
      'start exporter overlapping',
      'stop receiver source',
      'stop processor first',
      'stop processor second',
      'start processor second',
      'start processor first',
      // Here it fails.
      'stop processor second',
      'start processor second',
      'start processor first',
      'start receiver source',
      'stop exporter overlapping',
    ]);
    await held;
    await bench.send('b');
    expect(bench.arrived.sort()).toEqual(
      ['a', 'b'].flatMap((run) => [`${run}>first>second>overlapping`, `${run}>first>second>sink`]),
    );
    expect(bench.lines).toEqual([
      'the new configuration cannot run, and the one before goes on: processor first cannot start: no GPU',
    ]);
    expect(await bench.reloads()).toEqual({ failed: 1 });
    expect((await bench.points('alive')).map(({ attributes }) => attributes.stage).sort()).toEqual([
      'exporter overlapping',
      'exporter sink',
      'processor first',
      'processor second',
      'receiver source',
    ]);
  });

  it('is taken back as far as that goes, and can be mended by the next one', async () => {
    const bench = await running({});
    bench.onStart['processor first'] = () => Promise.reject(new Error('no GPU'));
    await bench.reload({ 'processor first': { mark: '!' } });
    expect(bench.lines).toEqual([
      'the new configuration cannot run, and the one before goes on: processor first cannot start: no GPU',
      'processor first cannot start: no GPU',
    ]);
    bench.onStart = {};
    expect(await bench.reload({})).toEqual(['start processor first']);
    await bench.send('a');
    expect(bench.arrived).toEqual(['a>first>second>sink']);
  });
});

describe('several reloads', () => {
  it('come one after the other, and of those that wait the last one counts', async () => {
    const bench = await running({});
    const gate = Promise.withResolvers<void>();
    const loaded: string[] = [];
    const load = (mark: string) => async () => {
      loaded.push(mark);
      if (mark === '1') await gate.promise;
      return bench.configure({ 'processor first': { mark } }, 'source > first, second > sink');
    };
    const reloads = ['1', '2', '3', '4'].map((mark) => bench.service.reload(load(mark)));
    await turns();
    expect(loaded).toEqual(['1']);
    gate.resolve();
    await Promise.all(reloads);
    expect(loaded).toEqual(['1', '4']);
    await bench.send('a');
    expect(bench.arrived).toEqual(['a>first4>second>sink']);
    expect(await bench.reloads()).toEqual({ success: 2 });
  });

  it('end with everything else, whatever they are at', async () => {
    const bench = await running({});
    const begun = Promise.withResolvers<void>();
    bench.onStart['processor first'] = () => {
      begun.resolve();
      return new Promise(() => {});
    };
    const reload = bench.reload({ 'processor first': { mark: '!' } });
    await begun.promise;
    const stopped = bench.service.stop();
    const late = bench.service.reload(async () => bench.configure({}, 'source > first > sink'));
    await Promise.all([reload, stopped, late]);
    expect(bench.events.slice(1)).toEqual([
      'start processor first',
      'stop processor first',
      'stop receiver source',
      'stop processor second',
      'stop exporter sink',
    ]);
    expect(bench.lines).toEqual([]);
  });
});

it('what stages show of themselves goes with them, and what they have counted stays', async () => {
  const bench = await running({ 'exporter queued': {} }, 'source > first > sink, queued');
  await bench.send('a');
  expect(await bench.points('otelcol_exporter_queue_size')).toHaveLength(1);
  await bench.reload({}, 'source > first > sink');
  expect(await bench.points('otelcol_exporter_queue_size')).toEqual([]);
  expect((await bench.points('alive')).map(({ attributes }) => attributes.stage)).not.toContain('exporter queued');
  const sent = await bench.points('otelcol_exporter_sent_metric_points');
  expect(sent.map(({ attributes }) => attributes.exporter).sort()).toEqual(['queued', 'sink']);
});
