import type { Attributes } from '@opentelemetry/api';
import { type EncodeRequest, jsonEncoding, loadEncoder } from 'wattline/otlp';
import {
  Attribute,
  allTaken,
  deferAll,
  describeRun,
  errorOf,
  messageOf,
  type Outcome,
  Run,
  type SourceContext,
  type StoredState,
  withTimesOfSamples,
} from 'wattline/plugin';
import { fingerprint, identityOf } from './identity.ts';
import { joinParts } from './join-parts.ts';
import { Turns } from './turns.ts';

const PREFIX = 'run/';
/** A run of more requests is handed on in pieces: who never stops sending would fill the state. */
const MOST_PARTS = 10_000;

/** A run of which more may come. */
interface Gathered {
  /** The keys of its requests, in the order in which they came. */
  readonly parts: string[];
  /** When the last one came, in milliseconds since 1970 by the own clock. */
  touched: number;
}

/**
 * Holds the requests of runs that say `run.id` and no time, and hands on each run whole once no more has come of it for a
 * while. They are in the state before they are answered for.
 */
export class GatheredRuns {
  readonly #ctx: SourceContext;
  readonly #room: number;
  readonly #hostKeys: readonly string[];
  readonly #state: StoredState;
  readonly #runs = new Map<string, Gathered>();
  readonly #turns = new Turns();
  #encode: Promise<EncodeRequest> | undefined;
  #count = 0;

  /** Continues with the requests that the state holds; there is room for so many runs, of hosts that `hostKeys` name. */
  constructor(ctx: SourceContext, state: StoredState, room: number, hostKeys: readonly string[]) {
    this.#hostKeys = hostKeys;
    this.#ctx = ctx;
    this.#state = state;
    this.#room = room;
    for (const [part] of state.entries(PREFIX)) {
      const [key, number] = splitKey(part);
      this.#gathered(key).parts.push(part);
      this.#count = Math.max(this.#count, number);
    }
  }

  /** Keeps a request. Never rejects: one that cannot be kept is deferred. */
  async take(run: Run): Promise<Outcome> {
    const { [Attribute.id]: id, 'service.instance.id': instance } = run.attributes;
    const [name] = identityOf(run.attributes, this.#hostKeys).names;
    const who = { id: String(id), scenario: run.scenario, host: name?.[1] ?? instance };
    const key = `${PREFIX}${fingerprint(who as Attributes)}`;
    if (!this.#runs.has(key) && this.#runs.size >= this.#room) {
      const message = `${describeRun(run)} is one run more than \`max_streams\` allows to be gathered at once`;
      return { refused: [{ run, reason: 'too_many_streams', message }], deferred: [] };
    }
    this.#gathered(key);
    const part = `${key}/${String(++this.#count).padStart(9, '0')}`;
    try {
      this.#encode ??= loadEncoder('json');
      const text = Buffer.from((await this.#encode)([run])).toString();
      await this.#turns.take([key], async () => {
        await this.#state.update(() => [[part, text]]);
        this.#gathered(key).parts.push(part);
      });
      return allTaken;
    } catch (error) {
      return deferAll([run], errorOf(error));
    }
  }

  /** How many runs are held. */
  get size(): number {
    return this.#runs.size;
  }

  /** Hands on the runs of which nothing has come since `before`, in milliseconds since 1970. Never rejects. */
  async handOn(before: number, signal: AbortSignal): Promise<void> {
    const complete = [...this.#runs].filter(([, one]) => isComplete(one, before)).map(([key]) => key);
    await Promise.all(complete.map((key) => this.#turns.take([key], () => this.#handOnOne(key, before, signal))));
  }

  async #handOnOne(key: string, before: number, signal: AbortSignal): Promise<void> {
    const gathered = this.#runs.get(key);
    if (!gathered || !isComplete(gathered, before)) return;
    try {
      const parts = gathered.parts.map((part) => this.#read(part));
      const runs = parts.length ? [withTimesOfSamples(joinParts(parts))] : [];
      const { refused, deferred, cause } = await this.#ctx.next.consume(runs, signal);
      for (const { reason, message } of refused) this.#ctx.skip({ item: 'run', reason, message });
      if (deferred.length) return this.#warn(cause ?? new Error('it was not taken'));
      await this.#state.update(() => gathered.parts.map((part) => [part, undefined] as const));
      this.#runs.delete(key);
    } catch (error) {
      this.#warn(error);
    }
  }

  #read(part: string): Run {
    const [read] = jsonEncoding.decodeRequest(Buffer.from(this.#state.get(part) ?? ''));
    if (!read) throw new Error(`the request ${part} in ${this.#state.place} holds no run`);
    return Run.from(read);
  }

  /** What is held of that run, of which something comes now. */
  #gathered(key: string): Gathered {
    const gathered = this.#runs.get(key) ?? { parts: [], touched: 0 };
    gathered.touched = Date.now();
    this.#runs.set(key, gathered);
    return gathered;
  }

  #warn(cause: unknown): void {
    this.#ctx.logger.warn(`a run that was gathered waits, since it could not be handed on: ${messageOf(cause)}`);
  }
}

function splitKey(part: string): [key: string, number: number] {
  const end = part.lastIndexOf('/');
  return [part.slice(0, end), Number(part.slice(end + 1))];
}

function isComplete({ touched, parts }: Gathered, before: number): boolean {
  return touched <= before || parts.length >= MOST_PARTS;
}
