import { expect, it, onTestFinished } from 'vitest';
import { freePort, startWattline } from '../kit/wattline-process.ts';

/** A receiver that starts and stops when a file says so. */
const slow = `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { definePlugin, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'receiver', type: 'slow', stability: 'development', configSchema: z.strictObject({}),
  create: ({ resolvePath }) => {
    const until = async (name) => { while (!existsSync(resolvePath(name))) await setTimeout(10); };
    return { start: () => until('may-start'), shutdown: () => until('may-stop') };
  },
});
`;

it('says 503 while stages start and stop, by pipeline, and 200 in between', async () => {
  const port = await freePort();
  const wattline = await startWattline({
    config: `
plugins: [./slow.js]
receivers: { http: { endpoint: "127.0.0.1:${await freePort()}" }, slow: }
exporters: { debug: }
extensions: { health_check: { endpoint: "127.0.0.1:${port}" } }
service:
  extensions: [health_check]
  pipelines:
    metrics: { receivers: [http], exporters: [debug] }
    metrics/slow: { receivers: [slow], exporters: [debug] }
`,
    files: { 'slow.js': slow, 'package.json': '{"type":"module"}' },
  });
  onTestFinished(async () => {
    await wattline.stop();
  });
  const probe = async (query = '') => {
    const answer = await fetch(`http://127.0.0.1:${port}/${query}`).catch(() => undefined);
    return answer && [answer.status, await answer.json()];
  };
  const unavailable = { status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '' };

  await wattline.waitFor(`http://127.0.0.1:${port}/?pipeline=metrics`);
  expect(await probe()).toEqual([503, { ...unavailable, reason: 'starting' }]);
  expect(await probe('?pipeline=metrics/slow')).toEqual([503, { ...unavailable, reason: 'starting' }]);

  await wattline.write({ 'may-start': '' });
  await expect.poll(() => probe('?pipeline=metrics/slow')).toMatchObject([200, { status: 'Server available' }]);
  const [code, body] = (await probe()) as [number, { upSince: string; uptime: string }];
  expect(code).toBe(200);
  expect(Math.abs(Date.now() - Date.parse(body.upSince))).toBeLessThan(60_000);
  expect(body.uptime).toMatch(/^(\d+m)?[\d.]+m?s$/);
  expect(await probe('?pipeline=none')).toMatchObject([404, { status: expect.stringContaining('metrics/slow') }]);

  const stopped = wattline.stop();
  await expect.poll(() => probe()).toEqual([503, { ...unavailable, reason: 'stopping' }]);
  expect(await probe('?pipeline=metrics')).toEqual([503, { ...unavailable, reason: 'stopping' }]);
  await wattline.write({ 'may-stop': '' });
  expect(await stopped).toBe(0);
  expect(await probe()).toBeUndefined();
});
