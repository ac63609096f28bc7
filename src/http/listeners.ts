import type { Logger } from 'pino';
import type { Listening, Routes } from '../plugin/index.ts';
import type { Endpoint, HttpListeners, ListenOptions } from '../plugin/listening.ts';
import { Listener, placeOf, type Surroundings } from './listener.ts';
import { checkConflicts, createRegistration, isSame, type Registration } from './registration.ts';

/** The HTTP servers by endpoint. Components with the same endpoint share a server, each with its own paths. */
export class Listeners {
  /** Whether components are still to come: what nobody serves yet is then answered 503. */
  isStarting = false;
  readonly #logger: Logger | undefined;
  readonly #listeners = new Map<string, Listener>();
  readonly #registrations = new Set<Registration>();
  /** While components are exchanged, the owners whose paths others may take; undefined otherwise. */
  #leaving: ReadonlySet<HttpListeners> | undefined;
  /** The owners whose requests wait until another takes their paths. */
  readonly #held = new Set<HttpListeners>();

  constructor(logger?: Logger) {
    this.#logger = logger;
  }

  /** Returns the listeners of one component, which also identify it in `exchange`, `hold` and `drain`. */
  forComponent(): HttpListeners {
    const owner: HttpListeners = {
      listen: (endpoint, routes, options = {}) => this.#listen(owner, endpoint, routes, options),
    };
    return owner;
  }

  /** Begins an exchange: other components may take the paths of these, and no port is closed before `settle`. */
  exchange(leaving: Iterable<HttpListeners>): void {
    this.#leaving = new Set(leaving);
    this.#held.clear();
  }

  /** Makes requests to a component wait until another has taken its paths, or until `settle`. */
  hold(owner: HttpListeners): void {
    this.#held.add(owner);
  }

  /** Ends an exchange: answers waiting requests and closes unused ports. */
  async settle(): Promise<void> {
    this.#leaving = undefined;
    this.#held.clear();
    for (const listener of this.#listeners.values()) listener.answerWaiting();
    await Promise.all([...this.#listeners].map(([key, listener]) => this.#closeUnused(key, listener)));
  }

  /** Passes no more requests to a component. Resolves when its pending answers are sent. */
  async drain(owner: HttpListeners): Promise<void> {
    const registrations = [...this.#registrations].filter((registration) => registration.owner === owner);
    for (const registration of registrations) registration.isDraining = true;
    const answers = registrations.flatMap(({ answering }) => [...answering]);
    await Promise.all(answers.map((response) => new Promise((resolve) => response.once('close', resolve))));
  }

  async #listen(owner: HttpListeners, endpoint: Endpoint, routes: Routes, options: ListenOptions): Promise<Listening> {
    const key = placeOf(endpoint).toLowerCase();
    const registration = createRegistration(owner, routes, options, this.#logger);
    const present = this.#listeners.get(key);
    checkConflicts(
      registration,
      [...(present?.registrations ?? [])].filter((other) => !this.#leaving?.has(other.owner)),
      key,
    );
    const isFit = present && isSame(present.tls, options.tls);
    const listener = isFit ? present : this.#open(key, endpoint, options.tls, present);
    listener.add(registration);
    this.#registrations.add(registration);
    let released: Promise<void> | undefined;
    const close = () => {
      released ??= this.#release(key, listener, registration);
      return released;
    };
    try {
      const serves = (route: string) => this.#listeners.get(key)?.serves(route) ?? false;
      return { url: await listener.opened, serves, close };
    } catch (error) {
      await close();
      throw this.#explain(error as NodeJS.ErrnoException, endpoint);
    }
  }

  /** Opens a port, which its present listener releases. Throws where the files of `tls` cannot be used. */
  #open(key: string, endpoint: Endpoint, tls: ListenOptions['tls'], predecessor: Listener | undefined): Listener {
    const surroundings: Surroundings = {
      mustWait: (registration) => (registration ? this.#held.has(registration.owner) : this.#leaving !== undefined),
      isStarting: () => this.isStarting,
    };
    const listener = new Listener({ endpoint, tls, predecessor }, surroundings, this.#logger);
    predecessor?.suspend();
    if (predecessor) this.#closeUnused(key, predecessor);
    listener.open();
    this.#listeners.set(key, listener);
    return listener;
  }

  async #release(key: string, listener: Listener, registration: Registration): Promise<void> {
    listener.registrations.delete(registration);
    this.#registrations.delete(registration);
    if (listener.registrations.size > 0) return;
    const isPresent = this.#listeners.get(key) === listener;
    const { predecessor } = listener;
    if (isPresent && predecessor?.registrations.size) {
      this.#listeners.set(key, predecessor);
      await listener.close();
      await predecessor.open();
    } else if (!(isPresent && this.#leaving && listener.isListening)) await this.#closeUnused(key, listener);
  }

  async #closeUnused(key: string, listener: Listener): Promise<void> {
    if (listener.registrations.size > 0) return;
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
        : `${place} is in use by another program; stop it, or set another \`endpoint\``;
      return new Error(message);
    }
    return error.code === 'EACCES' ? new Error(`this user may not open ${place}`) : error;
  }
}
