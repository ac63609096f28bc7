import { type ResultsRun, twoRuns, twoRunsFigures } from '../kit/results.ts';
import type { GivenEmissions } from './live-host.ts';

/** What is bought for the energy of the runs, and what the grid of the live host emits. */
export const MARKET_KG_PER_KWH = 0.05;
export const LIVE_KG_PER_KWH = 0.2;

/** The figures of a run; one that it does not have is absent. */
export interface Figures {
  readonly scenario: string;
  readonly region: string;
  readonly encoder?: string;
  readonly bitrate?: string;
  readonly power?: 'modelled' | 'predicted';
  readonly state?: 'fallback';
  readonly total?: number;
  readonly energy?: number;
  readonly compute?: number;
  readonly co2?: number;
}

const [two, four] = twoRuns.scenarios;

/** Twelve samples of 70 W but one, and ten of 46 W but one: what a line through both says of three streams. */
const THREE_STREAMS_WATTS = (461.5 / 10 + 841 / 12) / 2;
/** The same of cores: the earlier try of two streams had 9. */
const THREE_STREAMS_CORES = ((9 + 22.6 / 10) / 2 + 57.5 / 12) / 2;
const THREE_STREAMS_ENERGY_USD = ((THREE_STREAMS_WATTS * 100) / 3.6e6) * 0.2;
const THREE_STREAMS_COMPUTE_USD = ((THREE_STREAMS_CORES * 100) / 3600) * 0.5;

/** The ends of the interval of the modelled power of `cloud batch`, which is 18 W. */
const cloudWatts = { power_predicted_watts_lower: 9, power_predicted_watts_upper: 36 };

/**
 * Runs that ended within the quarter of an hour before `now` (seconds since 1970): the two of the kit and an earlier, dearer try of
 * the first; one whose power is predicted; one that was predicted first and measured later; one whose power is modelled; one
 * without power.
 */
export function runsBefore(now: number): ResultsRun[] {
  const ended = (secondsAgo: number) => ({ end_time: now - secondsAgo, start_time: now - secondsAgo - 120.5 });
  const three = {
    name: '3 streams @ 2500k',
    bitrate: '2500k',
    encoder_type: 'libx265',
    region: 'eu-west-1',
    duration: 100,
  };
  const night = { name: 'night batch', encoder_type: 'libx264', region: 'eu-north-1', streams: 3, duration: 100 };
  const cloud = { name: 'cloud batch', encoder_type: 'libx264', region: 'eu-central-1', duration: 100 };
  const modelled = { power: 'modelled', power_predicted_watts: 18, ...cloudWatts, power_extrapolated: true };
  const cores = { step_seconds: 10, cpu_usage_cores: Array(11).fill(1) };
  return [
    { ...two, ...ended(700), cpu_usage_cores: Array(10).fill(9) },
    { ...two, ...ended(600) },
    { ...four, ...ended(480), pixels_processed: 1e9 },
    { ...three, ...ended(400) },
    { ...night, ...cores, ...ended(300) },
    { ...night, ...cores, ...ended(200), power_watts: Array(11).fill(36) },
    { ...cloud, ...cores, ...ended(160), power_watts: Array(11).fill(18), ...modelled },
    { name: 'warm-up', duration: 10, ...ended(120), step_seconds: 5, cpu_usage_cores: [2, 2, 2] },
  ];
}

/**
 * Emissions that come as figures: the warm-up's, which first were known by a live factor and then by a greater one that
 * stands in, and one of a run that is counted marginally.
 */
export function givenEmissions(now: number): GivenEmissions[] {
  const warmUp = { scenario: 'warm-up', region: 'us-east-1' };
  const shifted = { scenario: 'shifted', region: 'us-west-2', encoder: 'libx264', method: 'marginal' };
  return [
    { labels: { ...warmUp, state: 'live' }, kilograms: WARM_UP_KG / 2, end: now - 120 },
    { labels: { ...warmUp, state: 'fallback' }, kilograms: WARM_UP_KG, end: now - 120 },
    { labels: shifted, kilograms: 0.7, end: now - 100 },
  ];
}

const WARM_UP_KG = 2e-5;

/** The joules of a run by how they came about. */
interface Joules {
  readonly measured?: number;
  readonly modelled?: number;
  readonly predicted?: number;
  readonly assumed: number;
}

/** The joules of the latest runs that have any, by how their power came about, and assumed for the time without samples. */
export const latestJoules: readonly Joules[] = [
  { measured: 2077.5, assumed: (2077.5 / 45) * 75.5 },
  { measured: 3855, assumed: (3855 / 55) * 125.3 },
  { predicted: THREE_STREAMS_WATTS * 100, assumed: 0 },
  { measured: 3600, assumed: 0 },
  { modelled: 1800, assumed: 0 },
];

/** What the latest of these runs come to at 0.50 USD a core-hour, us-east-1 where a run names no region. */
export const latestFigures: readonly Figures[] = [
  ...twoRuns.scenarios.map(({ name, bitrate }) => ({
    scenario: name,
    region: 'us-east-1',
    encoder: 'libx264',
    bitrate: String(bitrate),
    total: known('cost_total_load_aware', name),
    energy: known('cost_energy_load_aware', name),
    compute: known('cost_compute_load_aware', name),
    co2: known('co2_emissions_kg', name),
  })),
  {
    scenario: '3 streams @ 2500k',
    region: 'eu-west-1',
    encoder: 'libx265',
    bitrate: '2500k',
    power: 'predicted',
    total: THREE_STREAMS_ENERGY_USD + THREE_STREAMS_COMPUTE_USD,
    energy: THREE_STREAMS_ENERGY_USD,
    compute: THREE_STREAMS_COMPUTE_USD,
    co2: ((THREE_STREAMS_WATTS * 100) / 3.6e6) * 0.28,
  },
  {
    scenario: 'night batch',
    region: 'eu-north-1',
    encoder: 'libx264',
    total: 0.001 * 0.08 + (100 / 3600) * 0.5,
    energy: 0.001 * 0.08,
    compute: (100 / 3600) * 0.5,
    co2: 0.001 * 0.12,
  },
  {
    scenario: 'cloud batch',
    region: 'eu-central-1',
    encoder: 'libx264',
    power: 'modelled',
    total: 0.0005 * 0.155 + (100 / 3600) * 0.5,
    energy: 0.0005 * 0.155,
    compute: (100 / 3600) * 0.5,
    co2: 0.0005 * 0.342,
  },
  { scenario: 'warm-up', region: 'us-east-1', compute: (20 / 3600) * 0.5, co2: WARM_UP_KG, state: 'fallback' },
  // Its emissions are marginal, and belong to no sum of the others.
  { scenario: 'shifted', region: 'us-west-2', encoder: 'libx264' },
];

function known(metric: string, scenario: string): number {
  return twoRunsFigures[metric]?.[scenario] as number;
}

/** What `cloud batch` comes to with the ends of its interval: its total cost in USD and its emissions in kg. */
export const cloudBounds = {
  lower: { total: 0.00025 * 0.155 + (100 / 3600) * 0.5, co2: 0.00025 * 0.342 },
  upper: { total: 0.001 * 0.155 + (100 / 3600) * 0.5, co2: 0.001 * 0.342 },
} as const;
