import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Routes } from 'wattline/plugin';
import type { History } from './history.ts';
import { findRun, pageOfRuns } from './runs.ts';
import { BadRequest, parameters, readParameters } from './selection.ts';
import { choices, summarise } from './summary.ts';

/** What the page shows besides the history, whose path is null where it is in memory. */
export interface ApiSettings {
  readonly history: { readonly path: string | null; readonly max_runs: number };
  readonly budget: { readonly cost_usd: number; readonly co2_kg: number };
}

/** Returns the routes under `/api/`, which answer in JSON. Each name ends with its unit. */
export function apiRoutes(history: History, settings: ApiSettings): Routes {
  const instance = randomUUID().slice(0, 8);
  const startedAt = new Date().toISOString();
  const { database } = history;
  const answer =
    (find: (query: URLSearchParams) => unknown): RequestHandler =>
    (request, response) => {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      respond(request, response, `"${instance}-${history.revision}"`, () => find(query));
    };
  return {
    'GET /api/summary': answer((query) => ({
      ...summarise(database, readParameters(parameters.summary, query)),
      choices: choices(database),
      budget: settings.budget,
      history: { ...settings.history, runs: database.prepare('SELECT count(*) AS runs FROM run').get()?.runs },
      status: {
        alive: 1,
        started_at: startedAt,
        last_arrival_at: history.lastArrival === undefined ? null : new Date(history.lastArrival).toISOString(),
      },
    })),
    'GET /api/runs': answer((query) => pageOfRuns(database, readParameters(parameters.runs, query))),
    'GET /api/run': answer((query) => findRun(database, readParameters(parameters.run, query).id)),
  };
}

/** The tag identifies the state of the history, and with a URL one answer. */
function respond(request: IncomingMessage, response: ServerResponse, tag: string, find: () => unknown): void {
  response.setHeader('x-content-type-options', 'nosniff').setHeader('cache-control', 'no-cache');
  if (request.headers['if-none-match'] === tag) {
    response.setHeader('etag', tag).writeHead(304).end();
    return;
  }
  try {
    const found = find();
    if (found === undefined) sendJson(response, 404, { error: 'there is no such run in the history' });
    else sendJson(response.setHeader('etag', tag), 200, found);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
