import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { freePort, runOnce, runWattline, startWattline } from './wattline-process.ts';

/** Plugins of a user: a receiver that brings nothing, and an exporter that answers at the given port. */
const plugin = (port: number) => `import { allTaken, z } from 'wattline/plugin';
const configSchema = z.strictObject({});
const create = ({ http, logger }) => {
  let listening;
  return {
    async start() {
      const answer = (_, response) => response.end('OK');
      listening = await http.listen({ host: '127.0.0.1', port: ${port} }, { 'GET /': answer });
      logger.info('the exporter listens');
    },
    consume: async () => allTaken,
    shutdown: () => listening.close(),
  };
};
export default [
  { contract: 2, kind: 'receiver', type: 'nothing', stability: 'beta', configSchema, create: () => ({ readOnce: async () => {} }) },
  { contract: 2, kind: 'exporter', type: 'answer', stability: 'beta', configSchema, create },
];
`;

const config = `
plugins: [./plugin.js]
receivers: { nothing: }
exporters: { answer: }
service: { pipelines: { metrics: { receivers: [nothing], exporters: [answer] } } }
`;

it('runs Wattline until it is stopped, and removes its folder', async () => {
  const port = await freePort();
  const wattline = await startWattline({ config, files: { 'plugin.js': plugin(port) } });
  await wattline.waitFor(`http://127.0.0.1:${port}/`);
  // The line is written after the port answers, and comes through a pipe of its own.
  await expect.poll(wattline.logs).toContain('the exporter listens');
  expect(existsSync(wattline.directory)).toBe(true);
  expect(await wattline.stop()).toBe(0);
  expect(existsSync(wattline.directory)).toBe(false);
});

it('says why Wattline did not come up', async () => {
  const wattline = await startWattline({ config: 'receivers: {}' });
  await expect(wattline.waitFor('http://127.0.0.1:1/')).rejects.toThrow(/ended before[\s\S]*CONFIG_/);
  expect(await wattline.stop()).toBe(1);
});

it('runs a command to its end', async () => {
  const { code, stdout, stderr } = await runWattline(['--version']);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
});

it('runs a configuration once', async () => {
  const port = await freePort();
  expect((await runOnce({ config: '' })).code).toBe(1);
  const finished = await runOnce({ config, files: { 'plugin.js': plugin(port) } });
  expect(finished).toMatchObject({ code: 0, stderr: expect.stringContaining('the exporter listens') });
});
