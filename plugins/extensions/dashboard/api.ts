import { hash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Routes } from 'wattline/plugin';
import type { AdviceAnswer } from './advice-file.ts';
import type { CounterHistory } from './counter-history.ts';
import type { History } from './history.ts';
import type { Money } from './money.ts';
import { findRun, pageOfRuns } from './runs.ts';
import { BadRequest, parameters, readParameters, runParameters } from './selection.ts';
import { summariseStreams } from './stream-summary.ts';
import { choices, summarise } from './summary.ts';

/** What the page shows besides the history, whose path is null where it is in memory. */
export interface ApiSettings {
  readonly history: { readonly path: string | null; readonly max_runs: number };
  /** The ends of the gauges; null where there is none. */
  readonly budget: Readonly<Record<string, number | null>>;
  /** The currency of all amounts. */
  readonly money: Money;
}

/** What the page says about the process that it belongs to. */
export interface Surroundings {
  pipelines(): readonly PipelineFacts[];
  /** Whether `/status` is served at the same endpoint. */
  hasStatusPage(): boolean;
  /** What `wattline advise` has found, where its file is configured. */
  advice(): Promise<AdviceAnswer>;
}

/** What a pipeline can show: runs come from its receivers, and streams where it counts them. */
export interface PipelineFacts {
  readonly id: string;
  readonly receivers: readonly string[];
  /** Whether it has the processors that count streams. */
  readonly counts_streams: boolean;
}

/** Returns the routes under `/api/`, which answer in JSON. Each name ends with its unit. */
export function apiRoutes(
  history: History,
  streams: CounterHistory,
  settings: ApiSettings,
  surroundings: Surroundings,
): Routes {
  const instance = randomUUID().slice(0, 8);
  const startedAt = new Date().toISOString();
  const { database } = history;
  const { money } = settings;
  const answer =
    (find: (query: URLSearchParams) => unknown): RequestHandler =>
    (request, response) => {
      const query = queryOf(request);
      const revision = `${history.revision}-${streams.revision}`;
      respond(request, response, () => find(query), `"${instance}-${revision}"`);
    };
  return {
    'GET /api/summary': answer((query) => ({
      ...summarise(database, readParameters(parameters.summary, query), money),
      currency: money.currency,
      choices: choices(database, streams.counters),
      budget: settings.budget,
      history: { ...settings.history, runs: database.prepare('SELECT count(*) AS runs FROM run').get()?.runs },
      status: {
        alive: 1,
        started_at: startedAt,
        last_arrival_at: history.lastArrival === undefined ? null : new Date(history.lastArrival).toISOString(),
      },
    })),
    'GET /api/runs': answer((query) => pageOfRuns(database, readParameters(runParameters(money), query), money)),
    'GET /api/run': answer((query) => findRun(database, readParameters(parameters.run, query).id, money)),
    /** Changes with the time too, and has the tag of what it says. */
    'GET /api/streams': (request, response) =>
      respond(request, response, () => ({
        ...summariseStreams(
          streams.counters,
          readParameters(parameters.streams, queryOf(request)),
          Date.now() / 1000,
          money,
        ),
        pipelines: surroundings.pipelines(),
        status_page: surroundings.hasStatusPage(),
      })),
    /** Changes when its file does. */
    'GET /api/advice': async (request, response) => {
      const found = await surroundings.advice();
      respond(request, response, () => found);
    },
  };
}

function queryOf({ url = '/' }: IncomingMessage): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

/** The tag identifies the state of the history, and with a URL one answer; without one it is made of the answer. */
function respond(request: IncomingMessage, response: ServerResponse, find: () => unknown, tag?: string): void {
  response.setHeader('x-content-type-options', 'nosniff').setHeader('cache-control', 'no-cache');
  const isKnown = (own: string | undefined) => own !== undefined && request.headers['if-none-match'] === own;
  const sendNothing = (own: string) => response.setHeader('etag', own).writeHead(304).end();
  if (tag && isKnown(tag)) {
    sendNothing(tag);
    return;
  }
  try {
    const found = find();
    if (found === undefined) {
      sendJson(response, 404, JSON.stringify({ error: 'there is no such run in the history' }));
      return;
    }
    const body = JSON.stringify(found);
    const own = tag ?? `"${hash('sha256', body).slice(0, 16)}"`;
    if (isKnown(own)) sendNothing(own);
    else sendJson(response.setHeader('etag', own), 200, body);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    sendJson(response, 400, JSON.stringify({ error: error.message }));
  }
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
