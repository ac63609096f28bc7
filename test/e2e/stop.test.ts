import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startWattline } from '../kit/wattline-process.ts';

describe('stopping', () => {
  it('does not wait for a request whose sender has gone silent', async () => {
    const port = await freePort();
    const wattline = await startWattline({
      config: `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
service: { pipelines: { metrics: { receivers: [http], exporters: [prometheus] } } }
`,
    });
    await wattline.waitFor(`http://127.0.0.1:${port}/health`);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /v1/results HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n{"name"');
    // Once another request is answered, this one has been begun.
    await once(socket, 'connect');
    await fetch(`http://127.0.0.1:${port}/health`);
    expect(await wattline.stop()).toBe(0);
    expect(wattline.logs()).toContain('cut off a request to /v1/results that had not arrived whole');
    socket.destroy();
  });

  it('gives up a stage that does not finish starting', async () => {
    const folder = await temporaryFolder({
      'hangs.js': `import { definePlugin, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'extension', type: 'hangs', stability: 'development', configSchema: z.strictObject({}),
  create: ({ logger }) => ({
    start: () => new Promise(() => { logger.info('begins'); setInterval(() => {}, 1000); }),
    async shutdown() { logger.info('is stopped'); },
  }),
});
`,
      'package.json': '{"type":"module"}',
      'wattline.yaml': `
plugins: [./hangs.js]
receivers: { http: { endpoint: 127.0.0.1:0 } }
exporters: { debug: }
extensions: { hangs: }
service: { extensions: [hangs], pipelines: { metrics: { receivers: [http], exporters: [debug] } } }
`,
    });
    try {
      const args = ['src/cli.ts', 'run', '--config', `${folder.path}/wattline.yaml`];
      const wattline = startProcess(process.execPath, args, { cwd: projectRoot });
      await expect.poll(wattline.stderr, { timeout: 20_000 }).toContain('begins');
      expect(await wattline.stop('SIGINT')).toBe(0);
      expect(wattline.stderr()).toContain('is stopped');
    } finally {
      await folder.remove();
    }
  });

  it('is clean and quick, also where one Ctrl-C arrives twice', async () => {
    const port = await freePort();
    const folder = await temporaryFolder({
      'wattline.yaml': `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} }, victoriametrics: { endpoint: http://127.0.0.1:1 } }
service: { pipelines: { metrics: { receivers: [http], exporters: [prometheus, victoriametrics] } } }
`,
    });
    try {
      const args = ['src/cli.ts', 'run', '--config', `${folder.path}/wattline.yaml`];
      const wattline = startProcess(process.execPath, args, { cwd: projectRoot });
      await wattline.waitFor(`http://127.0.0.1:${port}/health`);
      // A run waits for a server that is not there.
      const posted = fetch(`http://127.0.0.1:${port}/v1/results`, {
        method: 'POST',
        body: JSON.stringify({ name: 'a', duration: 10, step_seconds: 5, power_watts: [1, 2, 3] }),
      });
      await expect.poll(wattline.stderr, { timeout: 20_000 }).toContain('could not send, will try again');
      const stopped = wattline.stop('SIGINT');
      const again = wattline.stop('SIGINT');
      expect((await posted).status).toBe(503);
      expect(await stopped).toBe(0);
      expect(await again).toBe(0);
    } finally {
      await folder.remove();
    }
  });
});
