import type { Emitted, SourceContext } from 'wattline/plugin';
import { QueryRefusedError } from './range-client.ts';

const REQUESTS = 'wattline_prometheus_query_requests_total';
const DURATION = 'wattline_prometheus_query_duration_seconds';
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The processor's own metrics. */
export const queryMetrics = {
  [REQUESTS]: {
    unit: '{request}',
    description: 'Requests to the database, by `processor`, `query` and `outcome` (`success`, `refused`, `failed`)',
  },
  [DURATION]: { unit: 's', description: 'How long requests to the database took, by `processor` and `query`' },
} as const satisfies Record<string, Emitted>;

/** Makes a request for the configured query `key`. */
export type RecordRequest = <T>(key: string, request: () => Promise<T>) => Promise<T>;

/** Returns what records the outcome and the duration of each request. */
export function requestRecorder({ id: processor, meter }: Pick<SourceContext, 'id' | 'meter'>): RecordRequest {
  const requests = meter.createCounter(REQUESTS, queryMetrics[REQUESTS]);
  const advice = { explicitBucketBoundaries: SECONDS };
  const duration = meter.createHistogram(DURATION, { ...queryMetrics[DURATION], advice });
  return async (query, request) => {
    const begun = performance.now();
    let outcome = 'success';
    try {
      return await request();
    } catch (error) {
      outcome = error instanceof QueryRefusedError ? 'refused' : 'failed';
      throw error;
    } finally {
      requests.add(1, { processor, query, outcome });
      duration.record((performance.now() - begun) / 1000, { processor, query });
    }
  };
}
