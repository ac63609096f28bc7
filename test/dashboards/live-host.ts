import { setTimeout as sleep } from 'node:timers/promises';

/** What a host that keeps reporting is, and how much it uses all the time. */
export const liveHost = {
  scenario: 'encoder',
  region: 'eu-west-2',
  ...{ 'k8s.node.name': 'node-1', 'k8s.namespace.name': 'media', 'k8s.pod.name': 'encoder-0' },
  ...{ watts: 120, idleWatts: 20, cores: 1.5 },
} as const;

/** Sends the power and CPU time of the host now, and then every second, to a receiver `http` until it is stopped. */
export function reportLive(endpoint: string): { stop(): Promise<void> } {
  const began = Date.now() / 1000;
  const send = async () => {
    const now = Date.now() / 1000;
    const { watts, cores } = liveHost;
    const power = { name: 'hw.host.power', unit: 'W', gauge: { dataPoints: [pointAt(now, watts)] } };
    const cpu = [pointAt(now, cores * (now - began), began)];
    const time = {
      name: 'process.cpu.time',
      unit: 's',
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: cpu },
    };
    await post(endpoint, liveHost, [power, time]);
  };
  const ended = new AbortController();
  const reporting = (async () => {
    while (!ended.signal.aborted) {
      await send();
      await sleep(1000, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  // What goes wrong is told by `stop`.
  reporting.catch(() => {});
  return {
    async stop() {
      ended.abort();
      await reporting;
    },
  };
}

/** Emissions of a run that somebody else has reckoned, with labels that say how. */
export interface GivenEmissions {
  readonly labels: Readonly<Record<string, string>>;
  readonly kilograms: number;
  /** When the run ended, in seconds since 1970. */
  readonly end: number;
}

/** Sends emissions as they are to a receiver `http`. */
export async function sendEmissions(endpoint: string, given: readonly GivenEmissions[]): Promise<void> {
  for (const { labels, kilograms, end } of given) {
    const point = { ...pointAt(end, kilograms), attributes: attributesOf(labels) };
    await post(endpoint, {}, [{ name: 'co2_emissions_kg', unit: 'kg{CO2e}', gauge: { dataPoints: [point] } }]);
  }
}

function pointAt(seconds: number, value: number, start?: number) {
  const nanoseconds = (time: number) => `${Math.round(time * 1000)}000000`;
  const since = start === undefined ? {} : { startTimeUnixNano: nanoseconds(start) };
  return { ...since, timeUnixNano: nanoseconds(seconds), asDouble: value };
}

function attributesOf(labels: object) {
  const texts = Object.entries(labels).filter(([, value]) => typeof value === 'string');
  return texts.map(([key, value]) => ({ key, value: { stringValue: value } }));
}

async function post(endpoint: string, labels: object, metrics: readonly object[]): Promise<void> {
  const resource = { attributes: attributesOf(labels) };
  const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope: {}, metrics }] }] });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`http://${endpoint}/v1/metrics`, { method: 'POST', headers, body });
  const text = await response.text();
  if (text !== '{}') throw new Error(`${response.status} ${text}`);
}
