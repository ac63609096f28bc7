import type { Logger } from 'pino';
import type { Endpoint, HttpListeners, Listening, ListenOptions, Routes } from '../plugin/index.ts';
import { Listener, placeOf } from './listener.ts';
import { checkNeighbours, createTenant, isSame, type Tenant } from './tenant.ts';

/** HTTP servers by endpoint, all of whose paths belong together. */
export function createListeners(logger?: Logger): HttpListeners {
  return new Listeners(logger).forComponent();
}

/** HTTP servers by endpoint: components that name the same one share it, each with its own paths. */
export class Listeners {
  readonly #logger: Logger | undefined;
  readonly #listeners = new Map<string, Listener>();
  readonly #tenants = new Set<Tenant>();
  /** The owners whose paths others may take, while components are exchanged; undefined is that none are. */
  #leaving: ReadonlySet<HttpListeners> | undefined;
  /** Those whose requests wait for who takes their paths. */
  readonly #held = new Set<HttpListeners>();

  constructor(logger?: Logger) {
    this.#logger = logger;
  }

  /** What one component listens with, by which `exchange` and `hold` know it. */
  forComponent(): HttpListeners {
    const owner: HttpListeners = {
      listen: (endpoint, routes, options = {}) => this.#listen(owner, endpoint, routes, options),
    };
    return owner;
  }

  /** From now on these may be replaced: others take their paths as they come, and no port is closed before `settle`. */
  exchange(leaving: Iterable<HttpListeners>): void {
    this.#leaving = new Set(leaving);
    this.#held.clear();
  }

  /** Lets requests to a component wait until another has taken its paths, or until `settle`. */
  hold(owner: HttpListeners): void {
    this.#held.add(owner);
  }

  /** Ends an exchange: requests that still wait are answered, and ports that nobody uses any more are closed. */
  async settle(): Promise<void> {
    this.#leaving = undefined;
    this.#held.clear();
    for (const listener of this.#listeners.values()) listener.answerWaiting();
    await Promise.all([...this.#listeners].map(([key, listener]) => this.#closeUnused(key, listener)));
  }

  /** Lets nobody in to a component any more; resolves when it has given all answers that it owes. */
  async dismiss(owner: HttpListeners): Promise<void> {
    const tenants = [...this.#tenants].filter((tenant) => tenant.owner === owner);
    for (const tenant of tenants) tenant.isDismissed = true;
    const answers = tenants.flatMap(({ answering }) => [...answering]);
    await Promise.all(answers.map((response) => new Promise((resolve) => response.once('close', resolve))));
  }

  async #listen(owner: HttpListeners, endpoint: Endpoint, routes: Routes, options: ListenOptions): Promise<Listening> {
    const key = placeOf(endpoint).toLowerCase();
    const tenant = createTenant(owner, routes, options);
    const present = this.#listeners.get(key);
    checkNeighbours(
      tenant,
      [...(present?.tenants ?? [])].filter((other) => !this.#leaving?.has(other.owner)),
      key,
    );
    const isFit = present && isSame(present.tls, options.tls);
    const listener = isFit ? present : this.#open(key, endpoint, options.tls, present);
    listener.add(tenant);
    this.#tenants.add(tenant);
    let released: Promise<void> | undefined;
    const close = () => {
      released ??= this.#release(key, listener, tenant);
      return released;
    };
    try {
      return { url: await listener.opened, close };
    } catch (error) {
      await close();
      throw this.#explain(error as NodeJS.ErrnoException, endpoint);
    }
  }

  /** Opens a port, which who has it so far gives up. Throws where the files of `tls` cannot be used. */
  #open(key: string, endpoint: Endpoint, tls: ListenOptions['tls'], predecessor: Listener | undefined): Listener {
    const mustWait = (tenant: Tenant | undefined) =>
      tenant ? this.#held.has(tenant.owner) : this.#leaving !== undefined;
    const listener = new Listener({ endpoint, tls, predecessor }, mustWait, this.#logger);
    predecessor?.suspend();
    if (predecessor) this.#closeUnused(key, predecessor);
    listener.open();
    this.#listeners.set(key, listener);
    return listener;
  }

  async #release(key: string, listener: Listener, tenant: Tenant): Promise<void> {
    listener.tenants.delete(tenant);
    this.#tenants.delete(tenant);
    if (listener.tenants.size > 0) return;
    const isPresent = this.#listeners.get(key) === listener;
    const { predecessor } = listener;
    if (isPresent && predecessor?.tenants.size) {
      this.#listeners.set(key, predecessor);
      await listener.close();
      await predecessor.open();
    } else if (!(isPresent && this.#leaving && listener.isListening)) await this.#closeUnused(key, listener);
  }

  async #closeUnused(key: string, listener: Listener): Promise<void> {
    if (listener.tenants.size > 0) return;
    if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
    await listener.close();
  }

  #explain(error: NodeJS.ErrnoException, endpoint: Endpoint): Error {
    const place = placeOf(endpoint);
    if (error.code === 'EADDRINUSE') {
      const all = [...this.#listeners.values()];
      const own = all.find((listener) => listener.endpoint.port === endpoint.port && listener.isListening);
      const message = own
        ? `another component listens on ${placeOf(own.endpoint)} already; write this endpoint the same way to share it`
        : `${place} is taken by another program; stop it, or set another \`endpoint\``;
      return new Error(message);
    }
    return error.code === 'EACCES' ? new Error(`${place} may not be opened by this user`) : error;
  }
}
