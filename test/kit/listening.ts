import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { Listeners } from '../../src/http/listeners.ts';
import type { Listening, RequestHandler, Routes } from '../../src/plugin/index.ts';
import type { Endpoint, HttpListeners, ListenOptions } from '../../src/plugin/listening.ts';

/** Any free port on loopback. */
export const anyPort: Endpoint = { host: '127.0.0.1', port: 0 };

/** Returns a handler that answers with a text. */
export function say(text: string): RequestHandler {
  return (_, response) => void response.end(text);
}

/** Returns the HTTP listeners of a single component. */
export function createListeners(logger?: Logger): HttpListeners {
  return new Listeners(logger).forComponent();
}

/** Serves routes until the end of the test. */
export async function listen(
  listeners: HttpListeners,
  endpoint: Endpoint,
  routes: Routes,
  options?: ListenOptions,
): Promise<Listening> {
  const listening = await listeners.listen(endpoint, routes, options);
  onTestFinished(() => listening.close());
  return listening;
}
