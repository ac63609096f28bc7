import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { liveMetric } from '../kit/live-streams.ts';
import { otlpRequests, type Request } from './requests.ts';

const BEGAN = 1_766_947_958;
const SCENARIOS = 50;
/** Seconds from one sample to the next, of which a run has three. */
const STEP = 30;
const USD_PER_KWH = 0.25;
const USD_PER_CORE_HOUR = 0.5;
const KG_PER_KWH = 0.5;
const JOULES_PER_KWH = 3.6e6;

/** The processors that make the figures of `pointsOf`. */
export const valuation = {
  cost: { usd_per_kwh: USD_PER_KWH, usd_per_core_hour: USD_PER_CORE_HOUR },
  co2: { kg_per_kwh: KG_PER_KWH },
};

/** A run that is made of its number alone: of one scenario no two end at the same time. Times are seconds since 1970. */
export interface NumberedRun {
  readonly scenario: string;
  readonly times: readonly number[];
  readonly watts: number;
  readonly cores: number;
}

/** Returns the run of a number, in one of so many scenarios. */
export function numberedRun(number: number, scenarios = SCENARIOS): NumberedRun {
  const times = [0, STEP, 2 * STEP].map((second) => BEGAN + number + second);
  return { scenario: `scenario ${number % scenarios}`, times, watts: 50 + (number % 97), cores: 1 + (number % 7) };
}

/** A stored value, by metric, scenario and milliseconds since 1970. */
export type Points = Map<string, number>;

export function pointKey(metric: string, scenario: string, milliseconds: number): string {
  return `${metric} of ${scenario} at ${milliseconds}`;
}

/** Returns the figures of a run by the closed form, by the names that they are stored under. */
export function figuresOf({ watts, cores }: NumberedRun): [metric: string, value: number][] {
  const kwh = (watts * 2 * STEP) / JOULES_PER_KWH;
  const energy = kwh * USD_PER_KWH;
  const compute = ((cores * 2 * STEP) / 3600) * USD_PER_CORE_HOUR;
  return [
    ['cost_energy_load_aware', energy],
    ['cost_compute_load_aware', compute],
    ['cost_total_load_aware', energy + compute],
    ['co2_emissions_kg', kwh * KG_PER_KWH],
  ];
}

/** Returns the points that a database must hold of a run; with its samples where these are sent too. */
export function pointsOf(run: NumberedRun, withSamples: boolean): Points {
  const { scenario, times, watts, cores } = run;
  const end = times.at(-1) as number;
  const points: Points = new Map(
    figuresOf(run).map(([metric, value]) => [pointKey(metric, scenario, end * 1000), value]),
  );
  if (!withSamples) return points;
  for (const time of times) {
    points.set(pointKey('hw_host_power_watts', scenario, time * 1000), watts);
    points.set(pointKey('container_cpu_usage', scenario, time * 1000), cores);
  }
  return points;
}

/** All ways in which runs can be posted. */
export const runRequests: readonly ((runs: readonly NumberedRun[]) => Request)[] = [
  ...otlpRequests.map((request) => (runs: readonly NumberedRun[]) => request(runs.map(resourceOf))),
  (runs) => ({
    path: '/v1/results',
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ scenarios: runs.map(resultsRun) })),
    isTaken: (answer) => {
      const { accepted, refused } = JSON.parse(String(answer)) as { accepted: number; refused: unknown[] };
      return accepted === runs.length && refused.length === 0;
    },
  }),
];

/** Returns a run as results files have it. */
export function resultsRun({ scenario, times, watts, cores }: NumberedRun): Readonly<Record<string, unknown>> {
  return {
    name: scenario,
    start_time: times[0],
    end_time: times.at(-1),
    step_seconds: STEP,
    power_watts: times.map(() => watts),
    cpu_usage_cores: times.map(() => cores),
  };
}

function resourceOf({ scenario, times, watts, cores }: NumberedRun): ResourceMetrics {
  const resource = resourceFromAttributes({
    scenario,
    'run.start_time': times[0] as number,
    'run.end_time': times.at(-1) as number,
  });
  const samples = (value: number) => times.map((at) => ({ at, value }));
  const metrics = [
    liveMetric('hw.host.power', 'gauge', samples(watts), 'W'),
    liveMetric('container.cpu.usage', 'gauge', samples(cores), '{cpu}'),
  ];
  return { resource, scopeMetrics: [{ scope: { name: 'test' }, metrics }] };
}
