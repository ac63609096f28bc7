import { setTimeout as sleep } from 'node:timers/promises';
import { describeRun, type Run, type Sampling, type Signal, type SourceContext } from 'wattline/plugin';
import { type Fetched, withFetched } from './fetched.ts';
import { QueryRefusedError } from './range-client.ts';
import { type Point, samplesOf } from './samples.ts';
import type { QueryTemplate } from './template.ts';
import type { TimedQueries } from './timed-queries.ts';
import { gridOf, MOST_POINTS, type RunTime, requestsOf, runTimeOf } from './window.ts';

/** The query of a signal. */
export interface SignalQuery {
  /** The key of the configuration, `power` or `cpu`. */
  readonly key: string;
  readonly signal: Signal;
  readonly template: QueryTemplate;
}

export interface EnrichmentOptions {
  readonly queries: readonly SignalQuery[];
  /** The minimum distance of two points in milliseconds. */
  readonly step: number;
  readonly sampling: Sampling;
  readonly overwrite: 'never' | 'always';
  /** Milliseconds after the end of a run until it is queried. */
  readonly queryDelay: number;
}

/** Adds the samples that a database has for the time of runs. */
export class Enrichment {
  readonly #options: EnrichmentOptions;
  readonly #client: TimedQueries;
  readonly #skip: SourceContext['skip'];

  constructor(options: EnrichmentOptions, client: TimedQueries, skip: SourceContext['skip']) {
    this.#options = options;
    this.#client = client;
    this.#skip = skip;
  }

  /**
   * Returns the run with its missing samples, as far as the database has them, and counts those that it lacks. Throws where
   * the database does not answer or refuses all queries, so that the run is sent again.
   */
  async apply(run: Run, signal: AbortSignal): Promise<Run> {
    const { queries, overwrite, sampling } = this.#options;
    const wanted = queries.filter((query) => overwrite === 'always' || !run.samplesOf(query.signal)?.series);
    if (wanted.length === 0) return run;
    const time = await this.#settledTime(run, signal);
    const fetched: Fetched[] = [];
    for (const query of wanted) {
      const answer = 'reason' in time ? time : await this.#fetch(query, run, time, signal);
      if ('series' in answer) fetched.push(answer);
      else this.#without(query.signal, run, answer);
    }
    if (fetched.length === 0) return run;
    return withFetched(run, fetched, sampling);
  }

  /** Resolves with the time of the run, when its samples have had time to arrive in the database. */
  async #settledTime(run: Run, signal: AbortSignal): Promise<RunTime | Obstacle> {
    const time = runTimeOf(run);
    if (!time) return noTime;
    const { queryDelay } = this.#options;
    const wait = Math.min(queryDelay, time.end + queryDelay - Date.now());
    if (wait > 0) await sleep(wait, undefined, { signal });
    if (time.end <= Date.now()) return time;
    return {
      reason: 'in_the_future',
      problem: `it ends at ${iso(time.end)}, which is in the future; check the clocks`,
    };
  }

  async #fetch(query: SignalQuery, run: Run, time: RunTime, signal: AbortSignal): Promise<Fetched | Obstacle> {
    const { step, sampling } = this.#options;
    const grid = gridOf(time, step, sampling);
    if (grid.count > MOST_POINTS) {
      const problem = `it is ${grid.count} steps long, more than ${MOST_POINTS}; check its times, or set a longer \`step\``;
      return { reason: 'too_many_points', problem };
    }
    const expanded = query.template.expand(`${grid.step}ms`, (name) => attributeText(run, name));
    if ('missing' in expanded) {
      const problem = `the query needs \`${expanded.missing}\`, which the run does not have`;
      return { reason: 'missing_attribute', problem };
    }
    const found = new Map<string, Point[]>();
    try {
      for (const part of requestsOf(grid)) {
        for (const [labels, points] of await this.#client.query(query.key, expanded.query, part, signal)) {
          found.set(labels, [...(found.get(labels) ?? []), ...points]);
        }
      }
    } catch (error) {
      if (!(error instanceof QueryRefusedError)) throw error;
      return { reason: 'query_refused', problem: `${error.message}; the query was ${expanded.query}` };
    }
    const [points, ...more] = found.values();
    const asked = `the query ${expanded.query} from ${iso(time.start)} to ${iso(time.end)}`;
    if (!points) return { reason: 'no_series', problem: `${asked} returned nothing; ${adviceFor(sampling)}` };
    if (more.length > 0) {
      const problem = `${asked} returned ${found.size} series; make them one, such as with sum(…)`;
      return { reason: 'ambiguous_series', problem };
    }
    const samples = samplesOf(points, grid, sampling);
    if ('series' in samples) return { signal: query.signal, series: samples.series, query: expanded.query };
    return { reason: samples.reason, problem: `${asked}: ${samples.problem}` };
  }

  #without({ field }: Signal, run: Run, { reason, problem }: Obstacle): void {
    this.#skip({ item: field, reason, message: `no ${field} is fetched for ${describeRun(run)}: ${problem}` });
  }
}

/** The reason why a signal of a run is not fetched. */
interface Obstacle {
  readonly reason: string;
  readonly problem: string;
}

const noTime: Obstacle = {
  reason: 'no_window',
  problem: 'it has no time; set start_time and end_time, or one of them and duration',
};

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
