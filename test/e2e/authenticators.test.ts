import { expect, it } from 'vitest';
import { twoRuns } from '../kit/results.ts';
import { freePort, runWattline, startWattline } from '../kit/wattline-process.ts';

it('extensions decide who is let in by listeners, and give clients what they need', async () => {
  const [store, gate] = [await freePort(), await freePort()];
  const listening = (port: number, authenticator: string) =>
    `{ endpoint: 127.0.0.1:${port}, auth: { authenticator: ${authenticator} } }`;
  const behind = await startWattline({
    // Authenticators are ready before the extensions that ask them, though they are listed behind.
    config: `
receivers: { http: ${listening(store, 'basicauth')} }
processors: { cost: { region: us-east-1 } }
exporters: { prometheus: ${listening(store, 'basicauth')} }
extensions: { basicauth: { htpasswd: { file: ./users } }, status: ${listening(store, 'basicauth')} }
service: { extensions: [status, basicauth], pipelines: { metrics: { receivers: [http], processors: [cost], exporters: [prometheus] } } }
`,
    files: { users: `sender:{SHA}WyODknBASKzr1bAZZ3N7Ps9o0Kw=\n` },
  });
  const before = await startWattline({
    config: `
receivers: { http: ${listening(gate, 'bearertokenauth')} }
exporters: { otlphttp: { endpoint: "http://127.0.0.1:${store}", auth: { authenticator: basicauth/store } } }
extensions:
  bearertokenauth: { token: "\${env:TOKEN}" }
  basicauth/store: { client_auth: { username: sender, password: "\${env:PASSWORD}" } }
service: { extensions: [bearertokenauth, basicauth/store], pipelines: { metrics: { receivers: [http], processors: [], exporters: [otlphttp] } } }
`,
    env: { TOKEN: 'the-long-token', PASSWORD: 'the-long-password' },
  });
  try {
    await behind.waitFor(`http://127.0.0.1:${store}/health`);
    await expect.poll(before.logs).toContain('receiving OTLP');
    const send = (authorization: string) =>
      fetch(`http://127.0.0.1:${gate}/v1/results`, {
        method: 'POST',
        body: JSON.stringify(twoRuns),
        headers: { authorization },
      });
    expect((await send('Bearer wrong')).status).toBe(401);
    const sent = await send('Bearer the-long-token');
    expect([sent.status, await sent.json()]).toMatchObject([200, { accepted: 2 }]);
    const basic = { authorization: `Basic ${Buffer.from('sender:the-long-password').toString('base64')}` };
    const page = (path: string, headers = {}) => fetch(`http://127.0.0.1:${store}${path}`, { headers });
    expect([(await page('/metrics')).status, (await page('/status')).status]).toEqual([401, 401]);
    expect(await (await page('/metrics', basic)).text()).toContain('cost_total_load_aware{');
    expect((await page('/status', basic)).status).toBe(200);
  } finally {
    expect([await before.stop(), await behind.stop()]).toEqual([0, 0]);
  }
});

it('validate says which extension is missing, or does not do what it is named for', async () => {
  const config = (extension: string, listed: string) =>
    `yaml:${JSON.stringify({
      receivers: { http: { auth: { authenticator: 'basicauth' } } },
      exporters: { debug: {} },
      extensions: { basicauth: JSON.parse(extension), file_storage: { directory: 'x' } },
      service: {
        extensions: JSON.parse(listed),
        pipelines: { metrics: { receivers: ['http'], processors: [], exporters: ['debug'] } },
      },
    })}`;
  const said = async (extension: string, listed: string) =>
    (await runWattline(['validate', '--config', config(extension, listed)])).stderr;
  const client = '{"client_auth":{"username":"a","password":"b"}}';
  expect(await said(client, '[]')).toContain('receivers.http.auth.authenticator: extension `basicauth` is not started');
  expect(await said(client, '["basicauth"]')).toContain(
    'extension `basicauth` says nothing about who may call a server',
  );
});
