import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { parseExposition } from '../kit/exposition.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const running: WattlineProcess[] = [];
afterEach(async () => {
  for (const wattline of running.splice(0)) expect(await wattline.stop()).toBe(0);
});

const pasted = readFileSync(new URL('../golden/pasted/gateway-of-metrics.yaml', import.meta.url), 'utf8');

/** The configuration with a free port in place of each that it names. */
async function onFreePorts(text: string) {
  const ports = new Map<string, number>();
  for (const [, port = ''] of text.matchAll(/127\.0\.0\.1:(\d+)/g))
    if (!ports.has(port)) ports.set(port, await freePort());
  const health = await freePort();
  const config = text
    .replaceAll(/127\.0\.0\.1:(\d+)/g, (_, port) => `127.0.0.1:${ports.get(port)}`)
    .replace('health_check:', `health_check: { endpoint: 127.0.0.1:${health} }`);
  return { config, health, portOf: (written: number) => ports.get(String(written)) };
}

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

it("a gateway's configuration sends on what it is sent, by both exporters, with the resource that it asks for", async () => {
  const { config, health, portOf } = await onFreePorts(pasted);
  const page = await freePort();
  const behind = await startWattline({
    config: `
receivers:
  otlp/http: { protocols: { http: { endpoint: 127.0.0.1:${portOf(14318)} } } }
  otlp/grpc: { protocols: { grpc: { endpoint: 127.0.0.1:${portOf(14317)} } } }
exporters:
  prometheus:
    endpoint: 127.0.0.1:${page}
    include_samples: true
    resource_labels: [deployment.environment.name, host.name, k8s.pod.uid]
service: { pipelines: { metrics: { receivers: [otlp/http, otlp/grpc], exporters: [prometheus] } } }
`,
  });
  running.push(behind);
  await behind.waitFor(`http://127.0.0.1:${page}/health`);
  const gateway = await startWattline({ config });
  running.unshift(gateway);
  await gateway.waitFor(`http://127.0.0.1:${health}/`);

  const point = { asDouble: 200, timeUnixNano: '1766947958000000000' };
  const resource = {
    attributes: [
      attribute('scenario', 'a'),
      attribute('k8s.node.name', 'node-1'),
      attribute('k8s.pod.uid', 'uid'),
      attribute('run.start_time', '1766947958'),
    ],
  };
  const metrics = [{ name: 'host.power', unit: 'W', gauge: { dataPoints: [point] } }];
  const answer = await fetch(`http://127.0.0.1:${portOf(4318)}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }),
  });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);

  const counted = async () => {
    const samples = parseExposition(await (await fetch(`http://127.0.0.1:${page}/metrics`)).text());
    const accepted = samples.filter(({ name }) => name === 'otelcol_receiver_accepted_metric_points_total');
    return {
      points: accepted.map(({ labels, value }) => [labels.receiver, value]).sort(),
      labels: samples.find(({ name }) => name.startsWith('host_power'))?.labels,
    };
  };
  await expect.poll(counted, { timeout: 10_000 }).toEqual({
    points: [
      ['otlp/grpc', 1],
      ['otlp/http', 1],
    ],
    labels: expect.objectContaining({ deployment_environment_name: 'production', host_name: 'node-1' }),
  });
  expect((await counted()).labels).not.toHaveProperty('k8s_pod_uid');
  expect(gateway.logs()).toMatch(/batch.*it does nothing here/);
  expect(gateway.logs()).toMatch(/file_storage\.timeout: it has no effect here/);
});
