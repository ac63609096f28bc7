import { describe, expect, it } from 'vitest';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { RejectedError } from '../errors.ts';
import { makeRun } from '../plugin/index.ts';
import { ExporterPort, Port } from './port.ts';

const run = makeRun({ scenario: 'a' }, 'test', []);
const { signal } = new AbortController();
const turn = () => new Promise(setImmediate);

function connected<P extends Port>(port: P, target: MemorySink): P {
  port.connect(target);
  return port;
}

describe('a port', () => {
  it('hands over to what is connected when a batch comes, and lets those under way be', async () => {
    const gate = Promise.withResolvers<void>();
    const [first, second] = [new MemorySink(() => gate.promise), new MemorySink()];
    const port = connected(new Port(), first);
    const consumed = port.consume(run, signal);
    port.connect(second);
    await port.consume(run, signal);
    expect([first.batches, second.batches]).toEqual([[], [run]]);
    gate.resolve();
    await consumed;
    expect(first.batches).toEqual([run]);
  });

  it('lets batches wait while it is held, and then hands them to what is connected by then', async () => {
    const [first, second] = [new MemorySink(), new MemorySink()];
    const port = connected(new Port(), first);
    port.hold();
    const consumed = port.consume(run, signal);
    await turn();
    expect([first.batches, port.underWay]).toEqual([[], 0]);
    port.connect(second);
    port.release();
    await consumed;
    expect([first.batches, second.batches]).toEqual([[], [run]]);
  });

  it('lets no batch wait whose sender has gone', async () => {
    const port = connected(new Port(), new MemorySink());
    port.hold();
    const gone = new AbortController();
    const consumed = port.consume(run, gone.signal);
    gone.abort(new Error('gone'));
    await expect(consumed).rejects.toThrow('gone');
    await expect(port.consume(run, gone.signal)).rejects.toThrow('gone');
  });

  it('is idle when the last batch under way is settled, whether it arrived or not', async () => {
    const gate = Promise.withResolvers<void>();
    const port = connected(new Port(), new MemorySink(() => gate.promise));
    let isIdle = false;
    const consumed = Promise.allSettled([port.consume(run, signal), port.consume(run, signal)]);
    const idle = port.idle().then(() => {
      isIdle = true;
    });
    await turn();
    expect([isIdle, port.underWay]).toEqual([false, 2]);
    gate.reject(new Error('away'));
    await consumed;
    await idle;
    expect(port.underWay).toBe(0);
    await port.idle();
  });
});

describe('the port of an exporter', () => {
  it('hands what it could not deliver before it was exchanged to the one in its place', async () => {
    const gate = Promise.withResolvers<void>();
    const [first, second] = [new MemorySink(() => gate.promise), new MemorySink()];
    const port = connected(new ExporterPort(), first);
    const consumed = port.consume(run, signal);
    port.hold();
    gate.reject(new Error('stopped'));
    await turn();
    port.connect(second);
    port.release();
    await consumed;
    expect(second.batches).toEqual([run]);
  });

  it.each<[string, Error, (port: Port) => void]>([
    ['has rejected for good', new RejectedError('never'), (port) => port.hold()],
    ['could not deliver while nobody took its place', new Error('away'), () => {}],
  ])('does not hand over again what it %s', async (_, error, meanwhile) => {
    const gate = Promise.withResolvers<void>();
    const port = connected(new ExporterPort(), new MemorySink(() => gate.promise));
    const consumed = port.consume(run, signal);
    meanwhile(port);
    gate.reject(error);
    await expect(consumed).rejects.toBe(error);
  });
});
