import type { IncomingMessage } from 'node:http';
import { forSender } from 'wattline/http';
import { messageOf, Pace, type Run, type SourceContext } from 'wattline/plugin';
import { type WriteMessage, writeMessageOf } from 'wattline/prometheus';
import {
  type Answer,
  type BlockFormats,
  type BodyLimit,
  deliver,
  RequestError,
  type Respond,
  readBody,
  requestTurns,
  splitRun,
} from 'wattline/receiving';
import { Gathered, type InvalidSeries } from './gathered.ts';
import { Allowance, WriteLimitError, type WriteLimits } from './limits.ts';
import { MetadataMemory } from './metadata.ts';
import { Version1Reader } from './read-version-1.ts';
import { Version2Reader } from './read-version-2.ts';
import type { RequestReader } from './request-reader.ts';
import { type LabelOptions, SeriesLabels } from './series.ts';
import { Wire, WireError } from './wire.ts';

/** How requests are read. */
export interface WriteOptions extends LabelOptions {
  readonly bodyLimit: BodyLimit;
  readonly limits: WriteLimits;
}

/** How many reasons an answer names: Prometheus logs the first 1024 bytes of it. */
const NAMED = 10;
/** How many names of metrics are told once that something of them is left out. */
const MOST_NAMES = 1000;
/** How much of a name is shown and kept. */
const SHOWN = 200;
const CONTENT_TYPES =
  'application/x-protobuf (version 1.0) or application/x-protobuf;proto=io.prometheus.write.v2.Request (2.0)';

/** Takes requests of remote write, and hands over what they hold. */
export class WriteEndpoint {
  readonly #ctx: SourceContext;
  readonly #options: WriteOptions;
  readonly #readers: Readonly<Record<WriteMessage, RequestReader>>;
  readonly #named = new Set<string>();

  constructor(ctx: SourceContext, options: WriteOptions) {
    this.#ctx = ctx;
    this.#options = options;
    const labels = new SeriesLabels(options);
    const [one, two] = [new Version1Reader(labels, new MetadataMemory()), new Version2Reader(labels)];
    this.#readers = { 'prometheus.WriteRequest': one, 'io.prometheus.write.v2.Request': two };
  }

  /** Returns what answers requests whose bodies are in `blocks`: once all that they hold is settled. */
  respond(blocks: BlockFormats): Respond {
    return async (request, signal) => {
      try {
        const message = messageIn(request);
        const body = await readBody(request, this.#options.bodyLimit, blocks);
        await requestTurns.enter();
        if (signal.aborted) throw new RequestError(503, messageOf(signal.reason));
        const gathered = await this.#read(body, this.#readers[message]);
        const runs = gathered.runs(request.socket.remoteAddress);
        const { points, reasons } = await this.#deliver(runs, signal);
        this.#report(gathered);
        const taken = gathered.samples - gathered.invalidSamples - points;
        return answer([...gathered.invalid.map(invalidText), ...reasons], {
          all: gathered.samples,
          refused: gathered.samples - taken,
          named: gathered.invalidSeries + reasons.length,
          headers: message === 'io.prometheus.write.v2.Request' ? writtenHeaders(taken) : {},
        });
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        return { status: error.status, contentType: 'text/plain', body: forSender(error.message) };
      }
    };
  }

  async #read(body: Buffer, reader: RequestReader): Promise<Gathered> {
    const into = new Gathered();
    const pace = new Pace();
    try {
      const reading = { wire: new Wire(body), left: new Allowance(body.length, this.#options.limits), into };
      for (const _ of reader.read(reading)) await pace.giveWay();
      return into;
    } catch (error) {
      if (error instanceof WriteLimitError) throw new RequestError(413, error.message, { cause: error });
      if (!(error instanceof WireError)) throw error;
      throw new RequestError(400, `the body is not valid remote write: ${error.message}`, { cause: error });
    }
  }

  /** Hands runs over. Returns how many of their points were refused for good, and why. */
  async #deliver(runs: readonly Run[], signal: AbortSignal): Promise<{ points: number; reasons: string[] }> {
    let refusedPoints = 0;
    const reasons: string[] = [];
    await deliver(this.#ctx.next, [runs.flatMap(splitRun)], signal, ({ refused }) => {
      for (const { run, reason, message, points = run.pointCount } of refused) {
        refusedPoints += points;
        reasons.push(`${targetText(run)}: ${forSender(message)} (${reason})`);
        this.#ctx.skip({ item: 'run', reason, message });
      }
    });
    return { points: refusedPoints, reasons };
  }

  #report({ invalid, histograms, exemplars }: Gathered): void {
    for (const one of invalid) this.#ctx.skip({ item: 'series', reason: one.reason, message: invalidText(one) });
    for (const name of histograms)
      this.#tellOnce('native_histogram', name, 'a native histogram, which is not taken; send classic ones');
    for (const name of exemplars) this.#tellOnce('exemplar', name, 'an exemplar, which is not kept');
  }

  /** Counts what is left out of a metric once, since it is in every request. */
  #tellOnce(reason: string, whole: string, what: string): void {
    const name = whole.slice(0, SHOWN);
    const key = `${reason} ${name}`;
    if (this.#named.has(key) || this.#named.size === MOST_NAMES) return;
    this.#named.add(key);
    this.#ctx.skip({ item: name, reason, message: `\`${name}\` has ${what}` });
  }
}

function messageIn({ headers }: IncomingMessage): WriteMessage {
  const type = headers['content-type'];
  const message = writeMessageOf(type);
  if (message) return message;
  const what = type ? `the content type \`${type}\` is not taken here` : 'there is no content type';
  throw new RequestError(415, `${what}; send ${CONTENT_TYPES}`);
}

interface Count {
  readonly all: number;
  readonly refused: number;
  /** How many reasons there are. */
  readonly named: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer to a request: 400 says that nothing of it is to be sent again, and what is refused; the rest is taken. */
function answer(reasons: readonly string[], { all, refused, named, headers }: Count): Answer {
  if (named === 0) return { status: 204, contentType: 'text/plain', body: '', headers };
  const more = named > NAMED ? `; and ${named - NAMED} more` : '';
  const list = reasons.slice(0, NAMED).join('; ');
  const body = `${refused} of ${all} samples are refused for good, and the others taken: ${list}${more}`;
  return { status: 400, contentType: 'text/plain', body, headers };
}

function invalidText({ series, problem }: InvalidSeries): string {
  return `${series} ${problem}`;
}

/** The labels that name a target, as its series have them. */
function targetText({ attributes }: Run): string {
  const { 'service.name': job, 'service.instance.id': instance, 'server.address': _, ...others } = attributes;
  const labels = Object.entries({ job, instance, ...others }).filter(([, value]) => value !== undefined);
  return `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

function writtenHeaders(samples: number): Readonly<Record<string, string>> {
  return {
    'x-prometheus-remote-write-samples-written': String(samples),
    'x-prometheus-remote-write-histograms-written': '0',
    'x-prometheus-remote-write-exemplars-written': '0',
  };
}
