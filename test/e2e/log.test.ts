import { describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

/** Runs until it is asked to stop, with what a shell makes of standard error. */
async function runWith(setUp: string, redirection: string) {
  const port = await freePort();
  const folder = await temporaryFolder({
    'wattline.yaml': `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
service:
  telemetry: { logs: { level: debug } }
  pipelines: { metrics: { receivers: [http], exporters: [prometheus] } }
`,
  });
  const script = `${setUp} exec "${process.execPath}" src/cli.ts run --config "${folder.path}/wattline.yaml" ${redirection}`;
  const env = { FOLDER: folder.path };
  const wattline = startProcess('/bin/sh', ['-c', script], { cwd: projectRoot, env });
  try {
    const url = `http://127.0.0.1:${port}`;
    await wattline.waitFor(`${url}/health`);
    const results = { scenarios: [{ name: 'a', duration: -1 }] };
    const sent = await fetch(`${url}/v1/results`, { method: 'POST', body: JSON.stringify(results) });
    await sent.arrayBuffer();
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, dropped] = /^wattline_log_dropped_lines_total(?:\{.*\})? (\d+)/m.exec(metrics) ?? [];
    return { dropped: Number(dropped), status: await wattline.stop('SIGTERM') };
  } finally {
    await wattline.stop('SIGKILL');
    await folder.remove();
  }
}

describe.skipIf(process.platform !== 'linux')('a log that cannot be written (Linux only)', () => {
  it('holds nothing up and ends nothing where nobody reads it', async () => {
    const full = 'mkfifo "$FOLDER/pipe" && exec 3<>"$FOLDER/pipe" && head -c 65536 /dev/zero >&3 &&';
    expect(await runWith(full, '2>&3')).toEqual({ dropped: 0, status: 0 });
  });

  it('holds nothing up and ends nothing where the disk is full, and what is lost is counted', async () => {
    const { dropped, status } = await runWith('', '2>/dev/full');
    expect(status).toBe(0);
    expect(dropped).toBeGreaterThan(0);
  });
});
