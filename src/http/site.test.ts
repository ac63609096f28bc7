import { type IncomingHttpHeaders, request } from 'node:http';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createListeners, listen, say } from '../../test/kit/listening.ts';
import { problemOfSite, type Site } from './site.ts';

const HOST = /does not go by the name/;
const SITE = /other sites/;
const open: Site = { isLoopback: false, allowedHosts: [], hasName: (name) => name === 'machine' };
const loopback: Site = { ...open, isLoopback: true };
const named: Site = { ...open, allowedHosts: ['Wattline.example'] };

const problem = (site: Site, headers: IncomingHttpHeaders, method = 'GET') =>
  problemOfSite({ method, headers } as Parameters<typeof problemOfSite>[0], site);
const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('the name of the host', () => {
  it.each([
    'localhost:9514',
    'LOCALHOST',
    'a.localhost:1',
    '127.0.0.1:9514',
    '[::1]:9514',
    '10.0.0.5',
    'machine:80',
    'machine.',
  ])('is one of a listener on loopback: %s', (host) => expect(problem(loopback, { host })).toBeUndefined());

  it.each([
    'evil.example:9514',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'wattline',
    '',
    'a b',
    '@',
    '1.2.3.4@evil.example',
  ])('is refused on loopback, whoever asks: %s', (host) => expect(problem(loopback, { host })).toMatch(HOST));

  it('may be any for programs that call a listener of other machines, and not for browsers', () => {
    const host = 'gateway.monitoring.svc:4318';
    expect(problem(open, { host })).toBeUndefined();
    expect(problem(open, { host, 'sec-fetch-mode': 'cors' })).toBeUndefined();
    expect(problem(open, { host, 'sec-fetch-site': 'same-origin' })).toMatch(HOST);
    expect(problem(open, { host, origin: `http://${host}` })).toMatch(HOST);
  });

  it('is held to the list where there is one, and may be any where it says so', () => {
    expect(problem(named, { host: 'wattline.example:443' })).toBeUndefined();
    expect(problem(named, { host: 'gateway' })).toMatch(HOST);
    expect(problem({ ...loopback, allowedHosts: ['*'] }, { host: 'evil.example' })).toBeUndefined();
  });

  it('need not be there, since browsers always send it', () => expect(problem(loopback, {})).toBeUndefined());
});

describe('a request of a browser', () => {
  const host = '127.0.0.1:9514';

  it.each([
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { origin: `http://${host}` },
    { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
  ])('of the own pages is answered: %j', (headers) => {
    for (const method of ['GET', 'POST']) expect(problem(open, { host, ...headers }, method)).toBeUndefined();
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'anything' },
    { origin: 'http://evil.example' },
    { origin: 'http://127.0.0.1:9515' },
    { origin: 'null' },
    { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ])('of other pages is refused: %j', (headers) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      expect(problem(open, { host, ...headers }, method)).toMatch(SITE);
      expect(problem(loopback, { host, ...headers }, method)).toMatch(SITE);
    }
  });

  it('may follow a link, and not send a form', () => {
    const headers = { host, 'sec-fetch-site': 'cross-site', ...link };
    expect(problem(open, headers)).toBeUndefined();
    expect(problem(open, { ...headers, origin: 'http://evil.example' }, 'POST')).toMatch(SITE);
    expect(problem(open, headers, 'POST')).toMatch(SITE);
  });

  it('may come through a proxy that has put another name into `Host`', () => {
    const headers = { host, origin: 'https://wattline.example', 'sec-fetch-site': 'same-origin' };
    expect(problem(named, headers, 'POST')).toBeUndefined();
    expect(problem(open, headers, 'POST')).toMatch(SITE);
  });
});

describe('a listener', () => {
  const ask = (url: string, headers: Record<string, string>) =>
    new Promise<[number | undefined, string]>((resolve, reject) => {
      const asked = request(url, { headers }, (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (part) => (text += part)).on('end', () => resolve([response.statusCode, text]));
      });
      asked.on('error', reject).end();
    });

  it('answers 403 before anything else, also where nothing is', async () => {
    const { url } = await listen(
      createListeners(pino({ enabled: false })),
      { host: '127.0.0.1', port: 0 },
      { 'GET /a': say('A') },
      {
        auth: { bearerTokens: ['the-token'] },
      },
    );
    for (const path of ['/a', '/nothing']) {
      const [status, text] = await ask(url + path, { host: 'evil.example' });
      expect([status, text]).toEqual([403, expect.stringMatching(HOST)]);
    }
    expect((await ask(`${url}/a`, { authorization: 'Bearer the-token' }))[0]).toBe(200);
  });

  it('takes the names of all who share it', async () => {
    const listeners = createListeners();
    const { url } = await listen(
      listeners,
      { host: '127.0.0.1', port: 0 },
      { 'GET /a': say('A') },
      { allowedHosts: ['a.example'] },
    );
    expect(await ask(`${url}/a`, { host: 'a.example' })).toEqual([200, 'A']);
    expect((await ask(`${url}/a`, { host: 'b.example' }))[0]).toBe(403);
  });
});
