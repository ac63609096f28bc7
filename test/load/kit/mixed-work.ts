import { runText } from '../../bench/kit/results-text.ts';

const HOSTS = 20;
const APPLICATIONS = 12;
const NAMESPACES = 4;
const RUNS_A_POST = 5;
/** Scenarios of runs, so that the series of runs are always the same. */
const SCENARIOS = 400;
/** How many rounds a container and its process live. */
const LIFE = 3;
const SECONDS_A_ROUND = 5;

/** Returns results of some runs of scenarios that come again and again, as lines of JSON. */
export function resultsOf(round: number): string {
  return Array.from({ length: RUNS_A_POST }, (_, index) => {
    const number = round * RUNS_A_POST + index;
    return runText(number % SCENARIOS, 12, Math.floor(number / SCENARIOS));
  }).join('\n');
}

/**
 * Returns the OTLP request of a host in a round, as JSON: its sockets and CPUs, and of each application a container and its
 * process, which others take the place of every few rounds, with new ids.
 */
export function streamsOf(host: number, round: number, began: number): string {
  const name = `node-${host}`;
  const at = began + round * SECONDS_A_ROUND + host / 1000;
  const machine = { 'host.name': name, 'host.id': `4c4c4544-${host}` };
  const resources = [
    resource(machine, [
      sum(
        'hw.energy',
        'J',
        [0, 1].map((socket) =>
          point(at, began, 40 * (at - began), {
            'hw.id': `s${socket}`,
            'hw.type': 'cpu',
          }),
        ),
      ),
      sum(
        'system.cpu.time',
        's',
        [0, 1, 2, 3].flatMap((cpu) => [
          point(at, began, 0.75 * (at - began), {
            cpu: `cpu${cpu}`,
            state: 'user',
          }),
          point(at, began, 0.25 * (at - began), {
            cpu: `cpu${cpu}`,
            state: 'idle',
          }),
        ]),
      ),
    ]),
  ];
  for (let application = 0; application < APPLICATIONS; application++) {
    const life = Math.floor((round + application) / LIFE);
    const born = began + (life * LIFE - application) * SECONDS_A_ROUND;
    const id = `${host}-${application}-${life}`;
    const service = { 'service.name': `service-${application}` };
    const cpuTime = [point(at, born, 0.1 * (at - born))];
    const container = {
      ...service,
      'k8s.node.name': name,
      'k8s.namespace.name': `namespace-${application % NAMESPACES}`,
      'k8s.pod.uid': `pod-${id}`,
      'container.id': `container-${id}`,
    };
    resources.push(resource(container, [sum('container.cpu.time', 's', cpuTime)]));
    const pid = 1000 + ((life * 37 + application) % 30_000);
    const watched = {
      ...machine,
      'process.pid': pid,
      'process.executable.name': `run-${application}-${life % 7}`,
    };
    resources.push(resource(watched, [sum('process.cpu.time', 's', [point(at, born, 0.05 * (at - born))])]));
  }
  return JSON.stringify({ resourceMetrics: resources });
}

/** How many hosts send in each round. */
export const hosts: readonly number[] = Array.from({ length: HOSTS }, (_, host) => host);

/** How many seconds a round takes. */
export const secondsARound = SECONDS_A_ROUND;

type Labels = Readonly<Record<string, string | number>>;

function resource(attributes: Labels, metrics: readonly object[]): object {
  return {
    resource: { attributes: attributesOf(attributes) },
    scopeMetrics: [{ metrics }],
  };
}

function sum(name: string, unit: string, dataPoints: readonly object[]): object {
  return {
    name,
    unit,
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints },
  };
}

function point(at: number, began: number, value: number, labels: Labels = {}): object {
  return {
    timeUnixNano: nanos(at),
    startTimeUnixNano: nanos(began),
    asDouble: value,
    attributes: attributesOf(labels),
  };
}

function nanos(seconds: number): string {
  return `${Math.round(seconds * 1000)}000000`;
}

function attributesOf(labels: Labels): object[] {
  return Object.entries(labels).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}
