import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type SumMetricData } from '@opentelemetry/sdk-metrics';

/** Core-seconds a second of each mode of a CPU, as a Collector names them; that of `user` is below. */
const MODES = { system: 0.125, nice: 0, interrupt: 0.0625, softirq: 0.0625, steal: 0, wait: 0, idle: 0.25 } as const;
const USER = 0.5;
/** Core-seconds a second that count as used. */
const USED = USER + MODES.system + MODES.interrupt + MODES.softirq;
const CPUS = 6;
const SOCKET_WATTS = [64, 32] as const;
const SECONDS_A_SCRAPE = 15;
const HOSTS_A_BODY = 20;

/** How many points a host has in each scrape: the modes of 6 CPUs, and the energy of two sockets. */
export const METERS_A_HOST = CPUS * (1 + Object.keys(MODES).length) + SOCKET_WATTS.length;

/** What counters of all hosts must have come to between the first scrape and another. */
export interface Truth {
  readonly joules: number;
  readonly coreSeconds: number;
}

/** Returns what so many hosts have used from the first of so many scrapes to the last. */
export function usedBy(hosts: number, scrapes: number): Truth {
  const seconds = hosts * (scrapes - 1) * SECONDS_A_SCRAPE;
  return { joules: seconds * (SOCKET_WATTS[0] + SOCKET_WATTS[1]), coreSeconds: seconds * CPUS * USED };
}

/** Returns the requests of a scrape of so many hosts, of which the first was at `began`, in seconds since 1970: 20 hosts each. */
export function hostBodies(hosts: number, scrape: number, began: number): Buffer[] {
  const resources = Array.from({ length: hosts }, (_, host) => resourceOf(host, scrape * SECONDS_A_SCRAPE, began));
  // Requests one after the other are one request with all of their resources.
  return Array.from({ length: Math.ceil(hosts / HOSTS_A_BODY) }, (_, body) =>
    Buffer.concat(resources.slice(body * HOSTS_A_BODY, (body + 1) * HOSTS_A_BODY)),
  );
}

function resourceOf(host: number, elapsed: number, began: number): Uint8Array {
  const resource = resourceFromAttributes({
    'host.name': `node-${host}`,
    'host.id': `4c4c4544-0000-1000-8000-${String(host).padStart(12, '0')}`,
    'os.type': 'linux',
  });
  const startTime: HrTime = [began - 1_000_000 - host, 0];
  // Not all agents scrape at the same moment.
  const endTime: HrTime = [began + elapsed, host * 1_000_000];
  const sum = (name: string, unit: string, values: readonly (readonly [Attributes, number])[]): SumMetricData => ({
    descriptor: { name, unit, description: '', valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.SUM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: values.map(([attributes, rate]) => {
      return { startTime, endTime, attributes, value: (elapsed + host + 1_000_000) * rate };
    }),
  });
  const cpus = Array.from({ length: CPUS }, (_, cpu) =>
    Object.entries({ user: USER, ...MODES }).map(([state, rate]) => [{ cpu: `cpu${cpu}`, state }, rate] as const),
  );
  const sockets = SOCKET_WATTS.map((watts, socket) => {
    return [{ 'hw.id': `package-${socket}`, 'hw.type': 'cpu' }, watts] as const;
  });
  const metrics = [sum('system.cpu.time', 's', cpus.flat()), sum('hw.energy', 'J', sockets)];
  const scope = { name: 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver' };
  const request = { resource, scopeMetrics: [{ scope, metrics }] };
  return ProtobufMetricsSerializer.serializeRequest(request) as Uint8Array;
}
