import { type HttpClient, remedyForStatus, requestHeaders } from 'wattline/http';
import { attributesKey, messageOf, z } from 'wattline/plugin';
import type { Point } from './samples.ts';
import type { Grid } from './window.ts';

const PATH = '/api/v1/query_range';
const TEXT_SHOWN = 300;
const CORRECT_URL = 'set `endpoint` to the base URL of its API';
/** The statuses of servers for a query that they will never accept; other failures concern the server as a whole. */
const REFUSES_QUERY: ReadonlySet<number> = new Set([400, 413, 414, 422]);

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        // A series of native histograms has no values.
        values: z.array(z.tuple([z.number(), z.string()])).default([]),
      }),
    ),
  }),
});

/** What some servers and proxies answer with status 200. */
const failureSchema = z.object({
  status: z.literal('error'),
  errorType: z.string().nullish(),
  error: z.string().nullish(),
});

/** Says that the server will never answer a query, which is invalid or too large. */
export class QueryRefusedError extends Error {}

export interface RangeClientOptions {
  /** The base URL, without a slash at its end. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest time of one request, in milliseconds. */
  readonly timeout: number;
  /** The longest answer that is read, in MiB. */
  readonly bodyLimitMib: number;
  readonly http: HttpClient;
}

/** Returned series by their labels, each with its points ordered by time. */
export type Matrix = ReadonlyMap<string, readonly Point[]>;

/** Queries points over time from a server with Prometheus's HTTP API. */
export class RangeClient {
  readonly #options: RangeClientOptions;
  readonly #headers: Headers;

  /** Throws where a header is not valid. */
  constructor(options: RangeClientOptions) {
    this.#options = options;
    this.#headers = requestHeaders(options.headers);
  }

  /** Evaluates a query at each point of a grid. Throws `QueryRefusedError` where it can never succeed; other errors may pass. */
  async query(query: string, grid: Grid, signal: AbortSignal): Promise<Matrix> {
    const { endpoint, timeout, http, bodyLimitMib } = this.#options;
    const init = { method: 'POST', body: formOf(query, grid, timeout), headers: this.#headers };
    const answer = await http.request(endpoint + PATH, init, { timeout, signal, name: endpoint, bodyLimitMib });
    const { status } = answer;
    const text = answer.text();
    const said = text.trim().slice(0, TEXT_SHOWN);
    if (REFUSES_QUERY.has(status)) throw new QueryRefusedError(`${endpoint} answered ${status}: ${said}`);
    if (status !== 200) {
      const remedy = remedyForStatus(status, CORRECT_URL);
      throw new Error(`${endpoint}${PATH} answered ${status}${said && `: ${said}`}${remedy ? `; ${remedy}` : ''}`);
    }
    return matrixOf(text, endpoint);
  }
}

function formOf(query: string, { first, step, count }: Grid, timeout: number): URLSearchParams {
  return new URLSearchParams({
    query,
    start: String(first / 1000),
    end: String((first + (count - 1) * step) / 1000),
    step: String(step / 1000),
    timeout: `${Math.ceil(timeout)}ms`,
    // VictoriaMetrics would shift the times for its cache; its cluster and Thanos would return partial results.
    nocache: '1',
    deny_partial_response: '1',
    partial_response: 'false',
  });
}

function matrixOf(text: string, endpoint: string): Matrix {
  const body = parseJson(text, endpoint);
  const failed = failureSchema.safeParse(body);
  if (failed.success) {
    const said = [failed.data.errorType, failed.data.error].filter(Boolean).join(': ').slice(0, TEXT_SHOWN);
    throw new Error(`${endpoint}${PATH} answered with an error${said && `: ${said}`}`);
  }
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) {
    throw new Error(`${endpoint}${PATH} does not answer like Prometheus: ${messageOf(parsed.error)}`);
  }
  return new Map(parsed.data.data.result.map(({ metric, values }) => [attributesKey(metric), values.map(pointOf)]));
}

/** Prometheus writes `+Inf`, `-Inf` and `NaN`. */
function pointOf([time, value]: readonly [number, string]): Point {
  return [Math.round(time * 1000), Number(value.replace('Inf', 'Infinity'))];
}

function parseJson(text: string, endpoint: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the answer.
    throw new Error(`${endpoint}${PATH} does not answer with JSON; ${CORRECT_URL}`);
  }
}
