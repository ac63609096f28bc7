import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Certificates, createCertificates } from '../../test/kit/certificates.ts';
import { freePort } from '../../test/kit/free-port.ts';
import { anyPort, listen, say } from '../../test/kit/listening.ts';
import { describeWithPeers } from '../../test/kit/peers.ts';
import type { RequestHandler } from '../plugin/index.ts';
import type { HttpListeners, ListenOptions } from '../plugin/listening.ts';
import { Listeners } from './listeners.ts';

const turn = () => new Promise(setImmediate);

/** Components that come and go at one endpoint, and a client that keeps one connection open. */
class Bench {
  readonly listeners = new Listeners();
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(port: number) {
    this.port = port;
    onTestFinished(() => this.#agent.destroy());
  }

  /** A component that serves `GET /a` with a text. */
  async serve(text: string, options?: ListenOptions, owner = this.listeners.forComponent()) {
    return this.listen(owner, say(text), options);
  }

  async listen(owner: HttpListeners, handler: RequestHandler, options?: ListenOptions) {
    const endpoint = { ...anyPort, port: this.port };
    return { owner, ...(await listen(owner, endpoint, { 'GET /a': handler }, options)) };
  }

  /** What is answered, and on which connection: its number by the client's own port. */
  async ask(headers = {}): Promise<{ status: number | undefined; text: string; socket: number | undefined }> {
    const sent = request({ host: '127.0.0.1', port: this.port, path: '/a', agent: this.#agent, headers });
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
    const { localPort } = response.socket;
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, text, socket: localPort };
  }
}

const bench = async () => new Bench(await freePort());

describe('an exchange of components', () => {
  it('lets one take the paths of another on open connections, and have them back where it goes', async () => {
    const at = await bench();
    const first = await at.serve('first');
    const before = await at.ask();
    at.listeners.exchange([first.owner]);
    const second = await at.serve('second');
    expect(await at.ask()).toEqual({ ...before, text: 'second' });
    await second.close();
    expect(await at.ask()).toEqual(before);
    await at.serve('third');
    await first.close();
    await at.listeners.settle();
    expect(await at.ask()).toEqual({ ...before, text: 'third' });
  });

  it('lets nobody take the paths of one that stays, nor differ in its protection', async () => {
    const at = await bench();
    await at.serve('first');
    at.listeners.exchange([]);
    await expect(at.serve('second')).rejects.toThrow('two components serve `GET /a`');
    await expect(at.serve('second', { auth: { bearerTokens: ['a'] } })).rejects.toThrow('a different `auth`');
    await at.listeners.settle();
    expect(await at.ask()).toMatchObject({ text: 'first' });
  });

  it('lets requests wait for the next one where the one before stops first, and refuses none', async () => {
    const at = await bench();
    const first = await at.serve('first');
    const { socket } = await at.ask();
    at.listeners.exchange([first.owner]);
    at.listeners.hold(first.owner);
    const early = at.ask();
    await turn();
    await first.close();
    const late = fetch(`http://127.0.0.1:${at.port}/a`, { headers: { connection: 'close' } });
    await at.serve('second');
    expect(await early).toEqual({ status: 200, text: 'second', socket });
    expect(await (await late).text()).toBe('second');
  });

  it('ends with 503 for requests that wait for nobody, and closes unused ports', async () => {
    const at = await bench();
    const first = await at.serve('first');
    const other = await listen(first.owner, { ...anyPort, port: at.port }, { 'GET /b': say('b') });
    at.listeners.exchange([first.owner]);
    at.listeners.hold(first.owner);
    const waiting = at.ask();
    await turn();
    await first.close();
    await at.listeners.settle();
    expect(await waiting).toMatchObject({ status: 503 });
    at.listeners.exchange([first.owner]);
    await other.close();
    // Nobody is there, and the port is open all the same.
    expect((await fetch(`http://127.0.0.1:${at.port}/c`)).status).toBe(404);
    await at.listeners.settle();
    await expect(fetch(`http://127.0.0.1:${at.port}/c`)).rejects.toThrow();
  });

  it('asks for the tokens of the next one as soon as that is there', async () => {
    const at = await bench();
    const first = await at.serve('first', { auth: { bearerTokens: ['old'] } });
    at.listeners.exchange([first.owner]);
    await at.serve('second', { auth: { bearerTokens: ['new'] } });
    expect(await at.ask({ authorization: 'Bearer old' })).toMatchObject({ status: 401 });
    expect(await at.ask({ authorization: 'Bearer new' })).toMatchObject({ status: 200, text: 'second' });
  });

  it('drains one when it has answered what it had begun to, and lets nobody in meanwhile', async () => {
    const at = await bench();
    const begun = Promise.withResolvers<() => void>();
    const owner = at.listeners.forComponent();
    await at.listen(owner, (_, response) => begun.resolve(() => void response.end('begun')));
    const answer = fetch(`http://127.0.0.1:${at.port}/a`);
    const finish = await begun.promise;
    let isDrained = false;
    const drained = at.listeners.drain(owner).then(() => {
      isDrained = true;
    });
    expect(await at.ask()).toMatchObject({ status: 503 });
    expect(isDrained).toBe(false);
    finish();
    expect(await (await answer).text()).toBe('begun');
    await drained;
  });
});

describeWithPeers('an exchange of certificates', ['openssl'], () => {
  let made: Certificates;
  beforeAll(async () => {
    made = await createCertificates();
  });
  afterAll(() => made.remove());
  const tls = () => ({ certFile: made.server.cert, keyFile: made.server.key, minVersion: '1.2' as const });
  const askSecurely = async (port: number) => (await made.fetchTrusting()(`https://127.0.0.1:${port}/a`)).text();

  it('reopens the port, and as it was where the next one goes', async () => {
    const at = await bench();
    const first = await at.serve('first');
    at.listeners.exchange([first.owner]);
    const second = await at.serve('second', { tls: tls() });
    expect(await askSecurely(at.port)).toBe('second');
    await second.close();
    expect(await at.ask()).toMatchObject({ text: 'first' });
    await at.serve('third', { tls: tls() });
    await first.close();
    await at.listeners.settle();
    expect(await askSecurely(at.port)).toBe('third');
    await expect(at.ask()).rejects.toThrow();
  });

  it('leaves the port to the one before where the next one cannot open it', async () => {
    const at = await bench();
    const first = await at.serve('first');
    at.listeners.exchange([first.owner]);
    const missing = { ...tls(), keyFile: '/nowhere' };
    await expect(at.serve('second', { tls: missing })).rejects.toThrow('there is no such file');
    expect(await at.ask()).toMatchObject({ text: 'first' });
  });
});
