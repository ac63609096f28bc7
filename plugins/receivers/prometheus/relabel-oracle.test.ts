import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Receiver } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { describeWithPeers, startPrometheus } from '../../../test/kit/peers.ts';
import { configSchema } from './config.ts';
import plugin from './index.ts';
import { relabelling } from './relabel.ts';
import { labelsOf, targetFacts } from './targets.ts';

/** A job that uses every action, on targets that each of its rules treats in its own way. */
const job = {
  job_name: 'node',
  scrape_interval: '1h',
  scrape_timeout: '9s',
  params: { module: ['power', 'more'], other: ['x'] },
  static_configs: [
    { targets: ['10.0.0.1:9100', '10.0.0.2:9100', '10.0.0.3:9101'], labels: { env: 'Prod', zone: 'eu-a', a: 'x' } },
    { targets: ['10.0.0.4:9100', '10.0.0.5:9100'], labels: { env: 'test', zone: 'us-b', b: 'x', path: '/federate' } },
    { targets: ['10.0.0.6:9100'], labels: { env: 'drop', __meta_rack: 'r7', __meta_rack_row: '3' } },
    { targets: ['10.0.0.7:9100'], labels: { __meta_rack: 'r8', __meta_rack_row: '4', c: 'y', d: 'y' } },
    { targets: ['10.0.0.8:9100'], labels: { c: 'y', d: 'z', __scheme__: 'https', __param_module: 'own' } },
  ],
  relabel_configs: [
    { source_labels: ['env'], regex: 'drop|never', action: 'drop' },
    { source_labels: ['__address__'], regex: '10\\..*', action: 'keep' },
    { source_labels: ['env'], action: 'lowercase', target_label: 'env' },
    { source_labels: ['zone', 'env'], separator: '/', action: 'uppercase', target_label: 'place' },
    { source_labels: ['__address__'], action: 'hashmod', modulus: 7, target_label: 'shard' },
    { source_labels: ['__address__', 'place'], action: 'hashmod', modulus: 1_000_003, target_label: '__tmp_hash' },
    { source_labels: ['__tmp_hash'], target_label: 'hash' },
    { regex: '__meta_(rack.*)', action: 'labelmap', replacement: 'found_$1' },
    { source_labels: ['path'], regex: '(/.+)', target_label: '__metrics_path__' },
    {
      source_labels: ['__address__'],
      regex: '(?P<ip>[^:]+):(\\d+)',
      target_label: 'instance',
      replacement: '${ip}-$2-$3',
    },
    { source_labels: ['zone'], regex: '(..)-(.)', target_label: 'zone_$2', replacement: '$1' },
    { source_labels: ['zone'], regex: 'us-.*', target_label: '__param_target', replacement: '$0' },
    { source_labels: ['b'], regex: 'x', target_label: 'b', replacement: '' },
    { source_labels: ['c'], action: 'keepequal', target_label: 'd' },
    { source_labels: ['zone'], action: 'dropequal', target_label: 'shard' },
    { source_labels: ['__address__'], regex: '.*:9101', target_label: '__scrape_interval__', replacement: '30s' },
    { regex: 'a|path', action: 'labeldrop' },
    { regex: '__.*|job|instance|env|place|shard|hash|found_.*|zone.*|b|c|d', action: 'labelkeep' },
  ],
};

interface ActiveTarget {
  readonly labels: Record<string, string>;
  readonly scrapeUrl: string;
  readonly scrapeInterval: string;
}

describeWithPeers('a real Prometheus', ['prometheus'], () => {
  it('makes the same targets of the same rules', async () => {
    const { url, stop } = await startPrometheus(JSON.stringify({ scrape_configs: [job] }));
    onTestFinished(stop);
    const active = async (): Promise<ActiveTarget[]> => {
      const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
        data: { activeTargets: ActiveTarget[] };
      };
      return data.activeTargets;
    };
    await expect.poll(async () => (await active()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    const parsed = configSchema.parse({ scrape_configs: [job] }).scrape_configs[0];
    if (!parsed) throw new Error('there is no job');
    const relabel = relabelling(parsed.relabel_configs);
    const own = parsed.static_configs.flatMap(({ targets, labels }) =>
      targets.flatMap(({ instance }) => {
        const left = relabel(labelsOf({ ...labels, __address__: instance }, parsed));
        return left ? [targetFacts(left, parsed, false)] : [];
      }),
    );
    const query = (text: string) => [...new URL(text).searchParams].sort().join('&');
    const place = (text: string) => new URL(text).origin + new URL(text).pathname;
    const byInstance = <T extends { labels: { instance?: string } }>(some: T[]) =>
      some.toSorted((a, b) => ((a.labels.instance ?? '') < (b.labels.instance ?? '') ? -1 : 1));
    expect(byInstance(own).map((one) => [one.labels, place(one.url), query(one.url), one.interval])).toEqual(
      byInstance(await active()).map((one) => [
        one.labels,
        place(one.scrapeUrl),
        query(one.scrapeUrl),
        one.scrapeInterval === '30s' ? 30_000 : 3_600_000,
      ]),
    );
    expect(own.length).toBeGreaterThan(4);
  });

  it('makes the same samples of the same rules', async () => {
    const page = `joules{zone="package",id="0"} 1
joules{zone="psys",id="0"} 2
go_threads 3
my_watts{instance="b:2",job="other",zone="dram"} 4
empty{x=""} 5
`;
    const server = createServer((_, response) => response.end(page));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const instance = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scraped = {
      job_name: 'node',
      scrape_interval: '1s',
      honor_labels: false,
      static_configs: [{ targets: [instance] }],
      relabel_configs: [{ target_label: 'rack', replacement: 'r7' }],
      metric_relabel_configs: [
        { source_labels: ['__name__', 'zone'], regex: 'go_.*|joules;psys', separator: ';', action: 'drop' },
        { source_labels: ['__name__'], regex: 'my_(.*)', target_label: '__name__', replacement: 'own_$1' },
        { source_labels: ['job', 'rack', 'zone'], target_label: 'all' },
        { regex: 'id', action: 'labeldrop' },
        { source_labels: ['exported_job'], regex: '(.+)', target_label: 'from', replacement: '<$1>' },
      ],
    };
    const { url, stop } = await startPrometheus(JSON.stringify({ scrape_configs: [scraped] }));
    onTestFinished(stop);
    const query = `${url}/api/v1/query?${new URLSearchParams({ query: '{job="node",all!=""}' })}`;
    const stored = async () => {
      const { data } = (await (await fetch(query)).json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      const named = data.result.filter(({ metric }) => !/^(?:up$|scrape_)/.test(metric.__name__ ?? ''));
      return named.map(({ metric, value }) => ({ ...metric, value: value[1] }));
    };
    await expect.poll(async () => (await stored()).length, { timeout: 20_000 }).toBe(3);
    const { ctx, runs } = createTestContext();
    const receiver = plugin.create(ctx, plugin.configSchema.parse({ scrape_configs: [scraped] })) as Receiver;
    await receiver.readOnce?.(new AbortController().signal);
    const own = (runs[0]?.scopeMetrics[0]?.metrics ?? []).flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const target = { job: 'node', instance, rack: runs[0]?.attributes.rack };
        return { __name__: descriptor.name, ...target, ...attributes, value: String(value) };
      }),
    );
    const sorted = (some: object[]) =>
      some.toSorted((a, b) => (JSON.stringify(Object.values(a)) < JSON.stringify(Object.values(b)) ? -1 : 1));
    expect(sorted(own).map((one) => Object.entries(one).sort())).toEqual(
      sorted(await stored()).map((one) => Object.entries(one).sort()),
    );
  });
});
