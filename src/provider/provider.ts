import { messageOf, RejectedError } from '../errors.ts';
import { quantityUnits } from '../factors/units.ts';
import type { HttpClient } from '../http/client.ts';
import type { FactorPeriod } from '../model/factor.ts';
import type { Context, Place, Provider } from '../plugin/contract.ts';
import { BackOff } from './back-off.ts';
import { type Reading, Readings, type Span, type Stretch } from './readings.ts';
import { createGet, type Get, LimitedError, ServiceError } from './requests.ts';
import type { FactorService } from './service.ts';
import type { ServiceConfig } from './settings.ts';
import { ServiceTelemetry } from './telemetry.ts';
import { TokenBucket } from './token-bucket.ts';

/** How many of a service's periods one run may span; of a longer run, only the last ones are asked for. */
const MAX_PERIODS = 3000;
/** How many places that the service does not know are remembered, so that each is noted once. */
const MAX_NOTED = 1000;

/**
 * Makes a provider of a service: one request at a time for each place, shared by all that wait for it, within the rate
 * limit, with a pause after a failure, and what was read is kept. `factors` takes no longer than `timeout`, whatever the
 * service does; it rejects only where its own signal is aborted.
 */
export function createProvider(
  service: FactorService,
  ctx: Context,
  http: HttpClient,
  config: ServiceConfig,
): Provider {
  const asked = new AskedService(service, ctx, http, config);
  const { quantity, method } = service;
  return {
    quantity,
    ...(method && { method }),
    factors: (place, from, to, signal) => asked.factors(place, from, to, signal),
    start: () => http.start(),
    shutdown: () => asked.shutdown(),
  };
}

class AskedService {
  readonly #service: FactorService;
  readonly #ctx: Context;
  readonly #http: HttpClient;
  readonly #timeout: number;
  readonly #readings: Readings;
  readonly #telemetry: ServiceTelemetry;
  readonly #get: Get;
  readonly #backOff = new BackOff();
  readonly #ended = new AbortController();
  /** What is being read, by place; true is that the service has answered. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #noted = new Set<string>();

  constructor(service: FactorService, ctx: Context, http: HttpClient, config: ServiceConfig) {
    this.#service = service;
    this.#ctx = ctx;
    this.#http = http;
    this.#timeout = config.timeout;
    const { refresh, max_age } = config;
    this.#readings = new Readings(service.resolution, { refresh, maxAge: max_age / 1000 });
    this.#telemetry = new ServiceTelemetry(ctx);
    this.#get = createGet({
      fetch: http.fetch,
      timeout: config.timeout,
      bucket: new TokenBucket(config.rate_limit),
      count: (outcome) => this.#telemetry.requested(outcome),
      ended: this.#ended.signal,
    });
  }

  async factors(place: Place, from: number, to: number, signal: AbortSignal): Promise<FactorPeriod[]> {
    signal.throwIfAborted();
    const at = this.#service.locate(place);
    if (at === undefined) {
      this.#noteUnknown(place);
      return [];
    }
    const span = this.#spanOf(from, to);
    await this.#refresh(at, span, signal);
    signal.throwIfAborted();
    const stretches = this.#readings.stretches(at, span);
    this.#telemetry.answered(stretches.map(({ state }) => state));
    return stretches.map((stretch) => this.#periodOf(at, stretch));
  }

  async shutdown(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#underWay.values());
    await this.#http.close();
  }

  #spanOf(from: number, to: number): Span {
    const first = Math.floor(from / this.#service.resolution);
    const last = Math.max(first, Math.ceil(to / this.#service.resolution) - 1);
    return { first: Math.max(first, last - MAX_PERIODS + 1), last };
  }

  /** Reads what is missing of a span, its end first, until all is there, the service fails, or the time is up. */
  async #refresh(at: string, span: Span, signal: AbortSignal): Promise<void> {
    const { resolution } = this.#service;
    const reach = (last: number) => Math.ceil(this.#service.earliest((last + 1) * resolution) / resolution);
    let deadline: AbortSignal | undefined;
    for (;;) {
      const wanted = this.#readings.wanting(at, span, reach);
      if (!wanted) return;
      const underWay = this.#underWay.get(at);
      if (!underWay && (!this.#backOff.isOver || this.#ended.signal.aborted)) return;
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(this.#timeout)]);
      if (!(await orAborted(underWay ?? this.#begin(at, wanted), deadline))) return;
    }
  }

  #begin(at: string, span: Span): Promise<boolean> {
    const reading = this.#read(at, span).finally(() => this.#underWay.delete(at));
    this.#underWay.set(at, reading);
    return reading;
  }

  /** Never rejects. */
  async #read(at: string, span: Span): Promise<boolean> {
    const { resolution, quantity } = this.#service;
    try {
      const from = span.first * resolution;
      const readings = await this.#service.read(at, from, (span.last + 1) * resolution, this.#get);
      for (const reading of readings) checkTime(reading, resolution);
      this.#readings.keep(at, span, readings);
      if (readings.length) this.#telemetry.good();
    } catch (error) {
      if (!(error instanceof RejectedError)) return this.#failed(error);
      this.#readings.keep(at, span, []);
      const message = `no ${quantity} of ${at}: ${messageOf(error)}`;
      this.#ctx.skip({ item: quantity, reason: 'refused', message });
    }
    this.#backOff.succeeded();
    return true;
  }

  #failed(error: unknown): false {
    if (this.#ended.signal.aborted || error instanceof LimitedError) return false;
    const pause = this.#backOff.failed(error instanceof ServiceError ? error.retryAfter : undefined);
    this.#ctx.logger.warn({ retry_in_ms: Math.round(pause) }, `the service is left alone: ${messageOf(error)}`);
    return false;
  }

  #periodOf(at: string, { from, to, reading, state }: Stretch): FactorPeriod {
    const { name, quantity, method } = this.#service;
    const { value, source } = reading;
    const { unit } = quantityUnits[quantity];
    const year = new Date(reading.from * 1000).getUTCFullYear();
    return {
      from,
      to,
      factor: { id: `${quantity}/${at}/${name}`, quantity, value, unit, source, year, method, state },
    };
  }

  #noteUnknown({ region }: Place): void {
    if (this.#noted.has(region) || this.#noted.size >= MAX_NOTED) return;
    this.#noted.add(region);
    const { quantity, unknown } = this.#service;
    const message = `no ${quantity} of the region \`${region}\`: ${unknown}`;
    this.#ctx.skip({ item: quantity, reason: 'unknown_place', message });
  }
}

function checkTime({ from }: Reading, resolution: number): void {
  if (Number.isInteger(from / resolution)) return;
  const time = new Date(from * 1000).toISOString();
  throw new RejectedError(`a value is of ${time}, where no period of ${resolution} s begins`);
}

/** What a promise that never rejects resolves to, or false once the signal is aborted. */
function orAborted(work: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const stop = () => resolve(false);
    signal.addEventListener('abort', stop, { once: true });
    work.then((answered) => {
      signal.removeEventListener('abort', stop);
      resolve(answered);
    });
  });
}
