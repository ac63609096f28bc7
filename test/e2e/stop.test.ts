import { describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

describe('stopping', () => {
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
      await expect.poll(wattline.stderr).toContain('could not send, will try again');
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
