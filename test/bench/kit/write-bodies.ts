import { compressSync } from 'snappy';
import type { WriteMessage } from '../../../src/prometheus/index.ts';
import { type PlainSeries, writeRequest } from '../../kit/remote-write.ts';

const HOSTS_A_BODY = 20;
const CPUS = 10;
const MODES = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user', 'guest', 'guest_nice'];
const SECONDS_A_SCRAPE = 15;
const BEGAN = 1_790_000_000;

/** How many samples a body has: Prometheus's default `max_samples_per_send`, one of each series. */
export const SAMPLES_A_BODY = HOSTS_A_BODY * CPUS * MODES.length;

/** Requests of remote write, each of another scrape of `hosts` hosts in turn, 100 series of a host and 7 labels of a series. */
export function writeBodies(message: WriteMessage, count: number, hosts: number): Buffer[] {
  return Array.from({ length: count }, (_, body) => {
    const series = Array.from({ length: HOSTS_A_BODY }, (_, index) => {
      const place = body * HOSTS_A_BODY + index;
      return seriesOf(place % hosts, BEGAN + Math.floor(place / hosts) * SECONDS_A_SCRAPE);
    });
    return compressSync(writeRequest(message, series.flat()));
  });
}

function seriesOf(host: number, seconds: number): PlainSeries[] {
  return Array.from({ length: CPUS }, (_, cpu) => cpu).flatMap((cpu) =>
    MODES.map((mode, index): PlainSeries => {
      const labels = {
        __name__: 'node_cpu_seconds_total',
        cluster: 'production-eu-west-1',
        cpu: String(cpu),
        instance: `node-${String(host).padStart(4, '0')}.example.com:9100`,
        job: 'node-exporter',
        mode,
        node: `node-${String(host).padStart(4, '0')}`,
      };
      const value = 1e6 + seconds - BEGAN + host + cpu + index / 10;
      const help = 'Seconds the CPUs spent in each mode.';
      return {
        labels: Object.entries(labels),
        samples: [{ timestamp: seconds * 1000, value }],
        metadata: { type: 1, help },
      };
    }),
  );
}
