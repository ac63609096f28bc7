import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it, vi } from 'vitest';
import { freePort, startWattline } from '../kit/wattline-process.ts';

const page = `# TYPE pdu_outlet_watts gauge
pdu_outlet_watts{outlet="rack-1"} 200
pdu_outlet_watts{outlet="rack-2"} 300
`;
const exporter = createServer((_, response) => response.end(page)).listen(0, '127.0.0.1');
afterAll(() => exporter.close());

const port = await freePort();
const config = (live: string) => `
receivers:
  prometheus:
    scrape_configs:
      - job_name: pdu
        scrape_interval: 100ms
        static_configs: [{ targets: ["127.0.0.1:${(exporter.address() as AddressInfo).port}"] }]
processors: { live: ${live}, energy: , totals: , cost: { usd_per_kwh: 0.1 } }
exporters: { prometheus: { endpoint: "127.0.0.1:${port}" } }
extensions: { status: { endpoint: "127.0.0.1:${port}" } }
service:
  extensions: [status]
  pipelines:
    metrics: { receivers: [prometheus], processors: [live, energy, cost, totals], exporters: [prometheus] }
`;

async function stageOf(id: string) {
  const answer = await fetch(`http://127.0.0.1:${port}/status`, { headers: { accept: 'application/json' } });
  const { pipelines } = (await answer.json()) as { pipelines: { stages: { id: string; unread?: object }[] }[] };
  return pipelines[0]?.stages.find((stage) => stage.id === id);
}

it('power that is not read is named in the log and the status, and is read with the line that it says', async () => {
  const wattline = await startWattline({ config: config('{}') });
  try {
    await wattline.waitFor(`http://127.0.0.1:${port}/status`);
    const metrics = [{ name: 'pdu_outlet_watts', unit: 'W', sender: expect.any(String), labels: ['outlet'] }];
    const senders = [{ metric: 'pdu_outlet_watts', sender: expect.any(String) }];
    await vi.waitFor(
      async () => expect((await stageOf('live'))?.unread).toEqual({ metrics, more: 0, senders }),
      20_000,
    );
    const line = '{ metric: pdu_outlet_watts, unit: W, boundary: host }';
    expect(wattline.logs().split(line)).toHaveLength(2);
    await wattline.reload(config(`{ meters: [${line.replace(' }', ', identity: [outlet] }')}] }`));
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await vi.waitFor(async () => {
      const text = await read();
      for (const host of ['rack-1', 'rack-2'])
        expect(text).toMatch(new RegExp(`^energy_joules_total\\{[^}]*scenario="${host}"[^}]*\\} [^0]`, 'm'));
    }, 20_000);
    expect((await stageOf('live'))?.unread).toEqual({ metrics: [], more: 0, senders: [] });
  } finally {
    await wattline.stop();
  }
});
