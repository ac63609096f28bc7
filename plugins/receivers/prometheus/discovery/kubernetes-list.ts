import { messageOf, type z } from 'wattline/plugin';
import type { HttpCalls } from '../http-calls.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';

const TIMEOUT = 30_000;
const MOST_MIB = 64;
/** The number of objects in a part of a list. */
const PART = 500;
/** Seconds until the server ends a watch, which then goes on where it was. */
const WATCHED = 240;
/** Milliseconds until a server that failed is asked again. */
const PAUSE = 5_000;
/** The longest event in characters: etcd keeps no object of more than 1.5 MiB. */
const LONGEST_EVENT = 4 * 1024 * 1024;
const GONE = 410;

/** The objects of one kind, as the server of the API has them: they are listed once, and then watched. */
export class KubernetesList<T extends KubernetesObject> {
  readonly #calls: HttpCalls;
  readonly #url: string;
  readonly #query: Readonly<Record<string, string>>;
  readonly #schema: z.ZodType<T>;
  readonly #closed = new AbortController();
  #objects = new Map<string, T>();
  /** The version of the list that is known; undefined where it has to be listed. */
  #version: string | undefined;
  #watching: Promise<void> | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;
  /** How often the objects have changed. */
  changes = 0;

  constructor(calls: HttpCalls, url: string, query: Readonly<Record<string, string>>, schema: z.ZodType<T>) {
    this.#calls = calls;
    this.#url = url;
    this.#query = query;
    this.#schema = schema;
  }

  get objects(): Iterable<T> {
    return this.#objects.values();
  }

  /** Makes sure that the objects are known: lists them first, and watches them from the second time on. Throws where that fails. */
  async refresh(signal: AbortSignal): Promise<void> {
    const failure = this.#failure;
    if (failure && performance.now() - failure.at < PAUSE) throw failure.error;
    if (this.#watching) return;
    if (this.#version !== undefined && !failure) {
      this.#watching = this.#watch(this.#version).finally(() => {
        this.#watching = undefined;
      });
      return;
    }
    try {
      await this.#list(signal);
      this.#failure = undefined;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const objects = new Map<string, T>();
    let version: string | undefined;
    let next = '';
    do {
      const part = await this.#part(next, signal);
      for (const item of part.items ?? []) this.#keep(objects, item);
      version = part.metadata?.resourceVersion ?? '';
      next = part.metadata?.continue ?? '';
    } while (next !== '');
    this.#objects = objects;
    this.#version = version;
    this.changes++;
  }

  async #part(next: string, signal: AbortSignal): Promise<ListPart> {
    const url = this.#urlWith({ limit: String(PART), ...(next && { continue: next }) });
    const limits = { timeout: TIMEOUT, bodyLimitMib: MOST_MIB, signal, name: this.#url };
    const { status, text } = await this.#calls.client.request(url, this.#init(), limits);
    if (status !== 200) throw new Error(answered(this.#url, status, text()));
    return JSON.parse(text()) as ListPart;
  }

  /** Follows the changes since a version, until the server ends that. Never rejects. */
  async #watch(version: string): Promise<void> {
    const { signal } = this.#closed;
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCHED),
      resourceVersion: version,
    };
    try {
      const init = { ...this.#init(), signal };
      const response = await this.#calls.client.fetch(this.#urlWith(query), init);
      if (response.status === GONE) this.#version = undefined;
      if (response.status !== 200) {
        const said = response.status === GONE ? '' : await response.text();
        if (response.status !== GONE) throw new Error(answered(this.#url, response.status, said));
        await response.body?.cancel();
        return;
      }
      for await (const line of linesOf(response)) this.#apply(JSON.parse(line) as WatchEvent);
    } catch (error) {
      if (!signal.aborted)
        this.#fail(new Error(`${this.#url} is not watched any more: ${messageOf(error)}`, { cause: error }));
    }
  }

  #apply({ type, object }: WatchEvent): void {
    if (type === 'ERROR') {
      this.#version = undefined;
      if (object.code !== GONE) throw new Error(String(object.message ?? 'the server says no reason'));
      return;
    }
    // Once the version is not known, all is listed again.
    if (this.#version === undefined) return;
    this.#version = object.metadata?.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#objects.delete(keyOf(object));
    else this.#keep(this.#objects, object);
    this.changes++;
  }

  /** Keeps what is needed of an object. What is none, as of a version that is not known, is no target either. */
  #keep(objects: Map<string, T>, object: WatchEvent['object']): void {
    const { data } = this.#schema.safeParse(object);
    if (data) objects.set(keyOf(object), data);
  }

  #fail(error: unknown): void {
    this.#failure = { error, at: performance.now() };
  }

  #init() {
    return this.#calls.init(new Headers({ accept: 'application/json' }));
  }

  #urlWith(query: Readonly<Record<string, string>>): string {
    return `${this.#url}?${new URLSearchParams({ ...this.#query, ...query })}`;
  }
}

interface Identified {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly resourceVersion?: string };
  readonly code?: number;
  readonly message?: string;
}

interface ListPart {
  readonly items?: readonly Identified[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

interface WatchEvent {
  readonly type: string;
  readonly object: Identified;
}

function keyOf({ metadata }: Identified): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name}`;
}

function answered(url: string, status: number, said: string): string {
  let message = said;
  try {
    message = String((JSON.parse(said) as { message?: unknown }).message ?? said);
  } catch {}
  return `${url} answered ${status}: ${message.slice(0, 300).trim()}`;
}

/** The lines of an answer as they come. Throws where one has no end. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_EVENT) throw new Error('an event of a watch is too long');
    yield* lines.filter((line) => line.trim() !== '');
  }
}
