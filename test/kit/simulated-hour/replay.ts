import { expect } from 'vitest';
import { parseExposition, type Sample } from '../exposition.ts';
import { Random } from '../random-numbers.ts';
import { startWattline, type WattlineProcess } from '../wattline-process.ts';
import { type Delivery, deliveriesOf, type Scrape } from './deliveries.ts';
import type { Kind } from './kinds.ts';
import { HOUR } from './load.ts';
import type { Machine } from './machine.ts';
import { machinesOf } from './machines.ts';
import { otlpRequest } from './otlp-request.ts';
import { truthOf } from './truth.ts';

const MACHINES = 100;
/** Seconds, the default of `live`. */
export const MAX_GAP = 150;
/** How far what is counted may be from the truth. */
export const EXACT = 1e-9;
/** How little of it may be counted where points are missing. */
const LEAST = 0.8;

/** Another hour each time; the seed of one that failed makes it again. */
export const seed = Number(process.env.REPLAY_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A machine, and what is sent of it. */
export interface Replayed {
  readonly machine: Machine;
  readonly deliveries: readonly Delivery[];
}

/** Makes 100 machines of some kinds, and what is sent of them. */
export function replayedHour(kinds: readonly Kind[]): Replayed[] {
  const random = new Random(seed);
  return machinesOf(random, kinds, MACHINES).map((machine) => ({ machine, deliveries: deliveriesOf(random, machine) }));
}

/** Returns when an hour began that ends now, in whole seconds since 1970. */
export function hourThatEnds(): number {
  return Math.floor((Date.now() - HOUR) / 1000);
}

/** Starts Wattline with some receivers, as a process that counts streams and shows its counters at a port. */
export async function startCounting(port: number, receivers: object): Promise<WattlineProcess> {
  const storage = 'file_storage';
  const processors = { live: { storage }, energy: {}, totals: { storage } };
  const exporters = { prometheus: { endpoint: `127.0.0.1:${port}` } };
  const namesOf = (components: object) => Object.keys(components);
  const metrics = { receivers: namesOf(receivers), processors: namesOf(processors), exporters: namesOf(exporters) };
  const config = {
    ...{ receivers, processors, exporters },
    extensions: { [storage]: { directory: './state' } },
    service: { extensions: [storage], pipelines: { metrics } },
  };
  const wattline = await startWattline({ config: JSON.stringify(config) });
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  return wattline;
}

/**
 * Sends what was read of some machines in an hour that began at a time in whole seconds since 1970; expects it to be taken,
 * but for points that are refused for some reason.
 */
export async function postScrapes(
  port: number,
  scrapes: readonly Scrape[],
  hour: number,
  refusal?: string,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: otlpRequest(scrapes, hour) };
  const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, init);
  const text = await response.text();
  const answer = refusal !== undefined && text.includes(refusal) ? '{}' : text;
  expect([response.status, answer]).toEqual([200, '{}']);
}

/** Returns the metrics that are shown at a port. */
export async function metricsAt(port: number): Promise<Sample[]> {
  return parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

/** Adds up the series of a name that have some labels. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels);
  const found = samples.filter((sample) => sample.name === name && wanted.every(([k, v]) => sample.labels[k] === v));
  return found.reduce((sum, { value }) => sum + value, 0);
}

/**
 * Expects that as much is counted of each machine as it used, or, where points are missing that tell, at most that and most
 * of it; and that the gaps of gauges are named.
 */
export function expectTruth(samples: readonly Sample[], replayed: readonly Replayed[]): void {
  const truths = replayed.map(({ machine, deliveries }) => truthOf(machine, deliveries, MAX_GAP));
  const faults = truths.flatMap(({ scenario, kind, figure, used, isExact }) => {
    const counted = sumOf(samples, figure, { scenario });
    const isRight = counted <= used * (1 + EXACT) && counted >= used * (isExact ? 1 - EXACT : LEAST);
    return isRight ? [] : [`${figure} of ${kind} of ${scenario}: ${counted}, not ${isExact ? '' : 'at most '}${used}`];
  });
  const gaps = truths.flatMap((truth) => truth.gaps);
  const uncovered = gaps.reduce((sum, gap) => sum + gap, 0);
  expect(faults, `REPLAY_SEED=${seed}`).toEqual([]);
  expect(sumOf(samples, 'wattline_skipped_total', { reason: 'gap' }), `REPLAY_SEED=${seed}`).toBe(gaps.length);
  expect(sumOf(samples, 'wattline_live_uncovered_seconds_total', {}), `REPLAY_SEED=${seed}`).toBeCloseTo(uncovered, 3);
  expect(truths.filter(({ isExact }) => isExact).length, `REPLAY_SEED=${seed}`).toBeGreaterThan(MACHINES / 2);
  expect(gaps.length, `REPLAY_SEED=${seed}`).toBeGreaterThan(0);
}
