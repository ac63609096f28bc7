import { setTimeout as sleep } from 'node:timers/promises';
import type { Attributes } from '@opentelemetry/api';
import {
  Attribute,
  cpuUsage,
  describeRun,
  hostPower,
  type Run,
  type Sampling,
  type Series,
  type Signal,
  type SourceContext,
  samplesOf as signalSamples,
} from 'wattline/plugin';
import type { RecordRequest } from './query-metrics.ts';
import { QueryRefusedError, type RangeClient } from './range-client.ts';
import { type Point, samplesOf } from './samples.ts';
import type { QueryTemplate } from './template.ts';
import { gridOf, MOST_POINTS, type RunTime, requestsOf, runTimeOf } from './window.ts';

export interface EnrichmentOptions {
  readonly client: RangeClient;
  readonly record: RecordRequest;
  readonly skip: SourceContext['skip'];
  readonly queries: readonly SignalQuery[];
  /** The minimum distance of two points in milliseconds. */
  readonly step: number;
  readonly sampling: Sampling;
  readonly overwrite: 'never' | 'always';
  /** Milliseconds after the end of a run until it is queried. */
  readonly queryDelay: number;
}

/** The query of a signal. */
export interface SignalQuery {
  /** The key of the configuration, `power` or `cpu`. */
  readonly key: string;
  readonly signal: Signal;
  readonly template: QueryTemplate;
}

/** Samples of a signal, with their query. */
interface Fetched {
  readonly signal: Signal;
  readonly series: Series;
  readonly query: string;
}

/** Says why a signal of a run is not fetched. */
class Obstacle extends Error {
  readonly reason: string;

  constructor(reason: string, problem: string) {
    super(problem);
    this.reason = reason;
  }
}

/** Adds the samples that a database has for the time of runs. */
export class Enrichment {
  readonly #options: EnrichmentOptions;

  constructor(options: EnrichmentOptions) {
    this.#options = options;
  }

  /**
   * Returns the run with its missing samples, as far as the database has them, and counts those that it lacks. Throws where
   * the database does not answer or refuses all queries, so that the run is sent again.
   */
  async apply(run: Run, signal: AbortSignal): Promise<Run> {
    const { queries, overwrite, sampling, skip } = this.#options;
    const wanted = queries.filter((query) => overwrite === 'always' || !run.samplesOf(query.signal)?.series);
    if (wanted.length === 0) return run;
    const time = this.#settledTime(run, signal);
    const fetched: Fetched[] = [];
    for (const query of wanted) {
      try {
        fetched.push(await this.#fetch(query, run, await time, signal));
      } catch (error) {
        if (!(error instanceof Obstacle)) throw error;
        const { field: item } = query.signal;
        const message = `no ${item} is fetched for ${describeRun(run)}: ${error.message}`;
        skip({ item, reason: error.reason, message });
      }
    }
    return fetched.length ? withFetched(run, fetched, sampling) : run;
  }

  /** Resolves with the time of the run, when its samples have had time to arrive in the database. */
  async #settledTime(run: Run, signal: AbortSignal): Promise<RunTime> {
    const time = runTimeOf(run);
    if (!time)
      throw new Obstacle('no_window', 'it has no time; set start_time and end_time, or one of them and duration');
    const { queryDelay } = this.#options;
    const wait = Math.min(queryDelay, time.end + queryDelay - Date.now());
    if (wait > 0) await sleep(wait, undefined, { signal });
    if (time.end <= Date.now()) return time;
    throw new Obstacle('in_the_future', `it ends at ${iso(time.end)}, which is in the future; check the clocks`);
  }

  async #fetch(
    { key, signal: of, template }: SignalQuery,
    run: Run,
    time: RunTime,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { client, record, step, sampling } = this.#options;
    const grid = gridOf(time, step, sampling);
    if (grid.count > MOST_POINTS) {
      const problem = `it is ${grid.count} steps long, more than ${MOST_POINTS}; check its times, or set a longer \`step\``;
      throw new Obstacle('too_many_points', problem);
    }
    const expanded = template.expand(`${grid.step}ms`, (name) => attributeText(run, name));
    if ('missing' in expanded) {
      const problem = `the query needs \`${expanded.missing}\`, which the run does not have`;
      throw new Obstacle('missing_attribute', problem);
    }
    const { query } = expanded;
    const found = new Map<string, Point[]>();
    try {
      for (const part of requestsOf(grid)) {
        const matrix = await record(key, () => client.query(query, part, signal));
        for (const [labels, points] of matrix) found.set(labels, [...(found.get(labels) ?? []), ...points]);
      }
    } catch (error) {
      if (!(error instanceof QueryRefusedError)) throw error;
      throw new Obstacle('query_refused', `${error.message}; the query was ${query}`);
    }
    const [points, ...more] = found.values();
    const request = `the query ${query} from ${iso(time.start)} to ${iso(time.end)}`;
    if (!points) throw new Obstacle('no_series', `${request} returned nothing; ${adviceFor(sampling)}`);
    if (more.length > 0) {
      const problem = `${request} returned ${found.size} series; make them one, such as with sum(…)`;
      throw new Obstacle('ambiguous_series', problem);
    }
    const samples = samplesOf(points, grid, sampling);
    if ('reason' in samples) throw new Obstacle(samples.reason, `${request}: ${samples.problem}`);
    return { signal: of, series: samples.series, query };
  }
}

/** Returns the run with fetched samples, which replace its own of the same signals, and with their sampling. */
function withFetched(run: Run, fetched: readonly Fetched[], sampling: Sampling): Run {
  const attributes: Attributes = {};
  for (const { signal, query } of fetched) {
    attributes[`query.${signal.field}`] = query;
    attributes[signal.samplingAttribute] = sampling;
  }
  const samples = fetched.map(({ signal, series }) => signalSamples(signal, series, 'wattline/prometheus_query'));
  const signals = fetched.map(({ signal }) => signal);
  return unmarked(run, signals).withoutSamples(signals).with({ samples, attributes });
}

/** Returns the run without the marks of predicted power and CPU use where these are fetched. */
function unmarked(run: Run, signals: readonly Signal[]): Run {
  const marks: string[] = [];
  if (run.power !== undefined && signals.includes(hostPower)) marks.push(Attribute.power);
  if (run.cpu !== undefined && signals.includes(cpuUsage)) marks.push(Attribute.cpu);
  if (marks.length === 0) return run;
  const kept = Object.entries(run.resource.attributes).filter(([name]) => !marks.includes(name));
  return run.withAttributes(Object.fromEntries(kept));
}

/** Returns a value for a query: a resource attribute that is a text, a number or a boolean. */
function attributeText(run: Run, name: string): string | undefined {
  const value = name === 'scenario' ? run.scenario : name === 'region' ? run.region : run.attributes[name];
  return value === undefined || value === '' || typeof value === 'object' ? undefined : String(value);
}

function adviceFor(sampling: Sampling): string {
  const rate = sampling === 'interval' ? ', and for a rate whether `step` is at least twice the scrape interval' : '';
  return `check whether its labels match${rate}`;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
