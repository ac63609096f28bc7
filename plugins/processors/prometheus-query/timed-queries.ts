import type { Counter, Histogram } from '@opentelemetry/api';
import type { Emitted, SourceContext } from 'wattline/plugin';
import { type Matrix, QueryRefusedError, type RangeClient } from './range-client.ts';
import type { Grid } from './window.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The processor's own metrics. */
export const queryMetrics = {
  wattline_prometheus_query_requests_total: {
    unit: '{request}',
    description: 'Requests to the database, by `processor`, `query` and `outcome` (`success`, `refused`, `failed`)',
  },
  wattline_prometheus_query_duration_seconds: {
    unit: 's',
    description: 'How long requests to the database took, by `processor` and `query`',
  },
} as const satisfies Record<string, Emitted>;

/** Queries a client, and records the outcome and duration of each request. */
export class TimedQueries {
  readonly #client: RangeClient;
  readonly #processor: string;
  readonly #requests: Counter;
  readonly #duration: Histogram;

  constructor(client: RangeClient, { id, meter }: Pick<SourceContext, 'id' | 'meter'>) {
    this.#client = client;
    this.#processor = id;
    const { wattline_prometheus_query_requests_total: requests, wattline_prometheus_query_duration_seconds: duration } =
      queryMetrics;
    this.#requests = meter.createCounter('wattline_prometheus_query_requests_total', requests);
    this.#duration = meter.createHistogram('wattline_prometheus_query_duration_seconds', {
      ...duration,
      advice: { explicitBucketBoundaries: SECONDS },
    });
  }

  /** As the client's `query`; `key` names the configured query. */
  async query(key: string, query: string, grid: Grid, signal: AbortSignal): Promise<Matrix> {
    const labels = { processor: this.#processor, query: key };
    const begun = performance.now();
    let outcome = 'success';
    try {
      return await this.#client.query(query, grid, signal);
    } catch (error) {
      outcome = error instanceof QueryRefusedError ? 'refused' : 'failed';
      throw error;
    } finally {
      this.#requests.add(1, { ...labels, outcome });
      this.#duration.record((performance.now() - begun) / 1000, labels);
    }
  }
}
