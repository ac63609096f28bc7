import { expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers, type Peer, startVictoriaMetrics } from '../kit/peers.ts';
import { type ResultsRun, twoRuns, twoRunsFigures } from '../kit/results.ts';
import { type Finished, runOnce, startWattline } from '../kit/wattline-process.ts';

const DAY = 86_400;
const FIGURES = Object.keys(twoRunsFigures);
const SAMPLES = { hw_host_power_watts: 'power_watts', container_cpu_usage: 'cpu_usage_cores' } as const;

const config = (endpoint: string, settings = '') => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  victoriametrics: { endpoint: "${endpoint}"${settings} }
service:
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2], exporters: [victoriametrics] }
`;

interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

/** Everything that the server holds of the series that match; without the sign of life where nothing is asked for. */
async function exportAll({ url }: Peer, match = '{__name__!="cost_exporter_alive"}'): Promise<StoredSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  const end = Date.now() / 1000 + 10 * DAY;
  const query = new URLSearchParams({ 'match[]': match, start: '0', end: String(end) });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function once(runs: readonly ResultsRun[], { url }: Pick<Peer, 'url'>, settings = ''): Promise<Finished> {
  const files = { 'results/test_results_1.json': JSON.stringify({ scenarios: runs }) };
  return runOnce({ config: config(url, settings), files });
}

/** The points that a run must be stored with, by series. */
function expectedPoints(
  run: ResultsRun,
  withSamples: boolean,
): Map<string, (readonly [time: number, value: number])[]> {
  const points = new Map<string, (readonly [number, number])[]>();
  const key = (name: string) => `${name} ${run.name}`;
  const end = Math.round((run.end_time as number) * 1000);
  for (const name of FIGURES) points.set(key(name), [[end, twoRunsFigures[name]?.[run.name] as number]]);
  if (!withSamples) return points;
  for (const [name, field] of Object.entries(SAMPLES)) {
    const start = run.start_time as number;
    const at = (index: number) => (start + index * (run.step_seconds as number)) * 1000;
    points.set(
      key(name),
      (run[field] as number[]).map((value, index) => [at(index), value] as const),
    );
  }
  return points;
}

function expectStored(stored: readonly StoredSeries[], withSamples: boolean): void {
  const expected = new Map(twoRuns.scenarios.flatMap((run) => [...expectedPoints(run, withSamples)]));
  expect(stored.map(({ metric }) => `${metric.__name__} ${metric.scenario}`).sort()).toEqual(
    [...expected.keys()].sort(),
  );
  for (const { metric, timestamps, values } of stored) {
    const run = twoRuns.scenarios.find(({ name }) => name === metric.scenario) as ResultsRun;
    const { __name__: name, ...labels } = metric;
    const { bitrate, encoder_type: encoder } = run;
    expect(labels).toEqual({ scenario: run.name, region: 'us-east-1', bitrate, encoder });
    const points = expected.get(`${name} ${run.name}`) ?? [];
    expect(timestamps, `times of ${name}`).toEqual(points.map(([time]) => time));
    for (const [index, [, value]] of points.entries()) {
      expect(Math.abs((values[index] as number) / value - 1), `${name} of ${run.name}`).toBeLessThan(1e-12);
    }
  }
}

describeWithPeers('VictoriaMetrics', ['victoria-metrics'], () => {
  async function withServer<T>(flags: readonly string[], use: (server: Peer) => Promise<T>): Promise<T> {
    const server = await startVictoriaMetrics(flags);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  }

  it('holds the figures of each run at the end of the run, point by point', async () => {
    await withServer(['-retentionPeriod=100y'], async (server) => {
      expect(await once(twoRuns.scenarios, server)).toMatchObject({ code: 0 });
      expectStored(await exportAll(server), false);
      const [alive] = await exportAll(server, 'cost_exporter_alive');
      expect(alive?.values).toEqual([1]);
      expect(Math.abs((alive?.timestamps[0] as number) - Date.now())).toBeLessThan(60_000);
    });
  });

  it.each(['none', 'gzip'])('holds all samples at their own times, compression %s', async (compression) => {
    await withServer(['-retentionPeriod=100y'], async (server) => {
      const settings = `, include_samples: true, compression: ${compression}`;
      expect(await once(twoRuns.scenarios, server, settings)).toMatchObject({ code: 0 });
      expectStored(await exportAll(server), true);
    });
  });

  it('gets no differing point when the same results are read again', async () => {
    await withServer(['-retentionPeriod=100y'], async (server) => {
      const points = async () => {
        const series = await exportAll(server);
        return series
          .flatMap(({ metric, timestamps, values }) =>
            timestamps.map((time, index) => JSON.stringify([Object.entries(metric).sort(), time, values[index]])),
          )
          .sort();
      };
      const settings = ', include_samples: true';
      expect(await once(twoRuns.scenarios, server, settings)).toMatchObject({ code: 0 });
      const first = await points();
      expect(await once(twoRuns.scenarios, server, settings)).toMatchObject({ code: 0 });
      expect([...new Set(await points())]).toEqual(first);
    });
  });

  it('gets labels and names as they are, whatever is in them', async () => {
    await withServer(['-retentionPeriod=100y'], async (server) => {
      const names = ['say "4 streams"', 'C:\\results\\new', 'two\nlines', 'größer, {besser}=😀'];
      const runs = names.map((name) => ({ ...twoRuns.scenarios[0], name, resolution: '1920x1080' }));
      const settings =
        ', include_samples: true, resource_labels: [run.resolution], extra_labels: { site: "a \\"b\\"" }';
      expect(await once(runs, server, settings)).toMatchObject({ code: 0 });
      const stored = await exportAll(server);
      expect(stored).toHaveLength(names.length * 6);
      expect([...new Set(stored.map(({ metric }) => metric.scenario))].sort()).toEqual([...names].sort());
      for (const { metric } of stored) expect(metric).toMatchObject({ run_resolution: '1920x1080', site: 'a "b"' });
    });
  });

  it('that keeps a month loses nothing in silence: the old runs are named, the new ones stored', async () => {
    await withServer([], async (server) => {
      const now = Math.floor(Date.now() / 1000);
      const shifted = (name: string, age: number) => {
        const end_time = now - age;
        return { ...twoRuns.scenarios[0], name, start_time: end_time - 120.5, end_time };
      };
      const ended = new Date((now - 40 * DAY) * 1000).toISOString();
      const runs = [shifted('forty days old', 40 * DAY), shifted('a week old', 7 * DAY), shifted('new', 60)];
      const { code, stderr } = await once(runs, server);
      expect(code).toBe(1);
      expect(stderr).toContain('1 of 3 runs were not delivered');
      expect(stderr).toContain(`forty days old, ended ${ended}, is not stored by ${server.url}`);
      expect(stderr).toContain(
        '-retentionPeriod=1); start VictoriaMetrics with a longer one, such as -retentionPeriod=100y',
      );
      const scenarios = (await exportAll(server)).map(({ metric }) => metric.scenario);
      expect([...new Set(scenarios)].sort()).toEqual(['a week old', 'new']);
    });
  });

  it('that is away makes `run --once` fail with the reason', async () => {
    const port = await freePort();
    const { code, stderr } = await once(twoRuns.scenarios, { url: `http://127.0.0.1:${port}` });
    expect(code).toBe(1);
    expect(stderr).toContain('2 of 2 runs were not delivered');
    expect(stderr).toMatch(/given up after \d+ attempts: no answer from http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it('that comes up late gets everything', async () => {
    const port = await freePort();
    const retries = ', retry_on_failure: { initial_interval: 100ms, max_interval: 200ms }';
    const wattline = await startWattline({
      config: config(`http://127.0.0.1:${port}`, retries),
      files: { 'results/test_results_1.json': JSON.stringify(twoRuns) },
    });
    await expect.poll(() => wattline.logs(), { timeout: 10_000 }).toContain('could not send, will try again');
    const server = await startVictoriaMetrics(['-retentionPeriod=100y'], port);
    try {
      await expect.poll(async () => (await exportAll(server)).length, { timeout: 10_000 }).toBe(2 * FIGURES.length);
      expectStored(await exportAll(server), false);
      expect(await wattline.stop()).toBe(0);
    } finally {
      await server.stop();
    }
  });
});
