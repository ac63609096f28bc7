import { orAborted } from '../abort.ts';
import { messageOf, RejectedError } from '../errors.ts';
import { unitIn } from '../factors/currency.ts';
import { quantityUnits } from '../factors/units.ts';
import type { HttpClient } from '../http/client.ts';
import type { FactorPeriod, Method } from '../model/factor.ts';
import type { Context, Place, Provider } from '../plugin/contract.ts';
import { BackOff } from './back-off.ts';
import { Obstacles } from './obstacles.ts';
import { Readings, type Span, type Stretch } from './readings.ts';
import { createGet, type Get, LimitedError, ServiceError } from './requests.ts';
import type { FactorService } from './service.ts';
import type { ServiceConfig } from './settings.ts';
import { ServiceTelemetry } from './telemetry.ts';
import { TokenBucket } from './token-bucket.ts';
import { areLive, haveAll, usableRows } from './usable.ts';

/** The maximum number of a service's periods that are requested for one run, which are its last ones. */
const MAX_PERIODS = 3000;
/** The maximum number of places that are remembered as unknown to the service, so that each is logged once. */
const MAX_UNKNOWN = 1000;
const NO_VALUE = 'the service has no value of this time';

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
  return new ServiceProvider(service, ctx, http, config);
}

class ServiceProvider implements Provider {
  readonly quantity: FactorService['quantity'];
  readonly method?: Method;
  readonly refresh: number;
  readonly #service: FactorService;
  readonly #ctx: Context;
  readonly #http: HttpClient;
  readonly #timeout: number;
  readonly #readings: Readings;
  readonly #telemetry: ServiceTelemetry;
  readonly #get: Get;
  readonly #backOff = new BackOff();
  readonly #ended = new AbortController();
  /** The request under way, by place; it resolves with why the service has not answered, undefined where it has. */
  readonly #underWay = new Map<string, Promise<string | undefined>>();
  readonly #obstacles = new Obstacles();
  /** Why the service was last left alone. */
  #failure = 'it has not been asked';
  readonly #unknown = new Set<string>();

  constructor(service: FactorService, ctx: Context, http: HttpClient, config: ServiceConfig) {
    this.quantity = service.quantity;
    if (service.method) this.method = service.method;
    this.refresh = config.refresh;
    this.#service = service;
    this.#ctx = ctx;
    this.#http = http;
    this.#timeout = config.timeout;
    const { timeout, refresh, max_age } = config;
    this.#readings = new Readings(service.resolution, { refresh, maxAge: max_age / 1000 });
    this.#telemetry = new ServiceTelemetry(ctx);
    const { requested: count } = this.#telemetry;
    const bucket = new TokenBucket(config.rate_limit);
    this.#get = createGet({
      http,
      timeout,
      bodyLimitMib: config.body_size_limit_mib,
      bucket,
      count,
      ended: this.#ended.signal,
    });
  }

  start(): Promise<void> {
    return this.#http.start();
  }

  async factors(
    place: Place,
    from: number,
    to: number,
    signal: AbortSignal,
    lacks?: (why: string) => void,
  ): Promise<FactorPeriod[]> {
    signal.throwIfAborted();
    const at = this.#service.locate(place);
    if (at === undefined) {
      this.#skipUnknown(place);
      lacks?.(this.#service.unknown);
      return [];
    }
    const span = this.#spanOf(from, to);
    const why = await this.#refresh(at, span, signal);
    signal.throwIfAborted();
    const stretches = this.#readings.stretches(at, span);
    if (lacks && !areLive(stretches, from, to)) lacks(why ?? this.#obstacles.of(at, span) ?? NO_VALUE);
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

  /**
   * Reads what is missing of a span, its end first, until all is there, the service fails, or the time is up; resolves with
   * why it has not read all.
   */
  async #refresh(at: string, span: Span, signal: AbortSignal): Promise<string | undefined> {
    const { resolution } = this.#service;
    const reach = (last: number) => Math.ceil(this.#service.earliest((last + 1) * resolution) / resolution);
    let deadline: AbortSignal | undefined;
    for (;;) {
      const wanted = this.#readings.wanting(at, span, reach);
      if (!wanted) return undefined;
      const underWay = this.#underWay.get(at);
      if (!underWay && (!this.#backOff.isOver || this.#ended.signal.aborted)) {
        return `the service is left alone for a while: ${this.#failure}`;
      }
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(this.#timeout)]);
      const reading = underWay ?? this.#begin(at, wanted);
      if (!(await orAborted(reading, deadline))) return `no answer within ${this.#timeout / 1000} s`;
      const failure = await reading;
      if (failure !== undefined) return failure;
    }
  }

  #begin(at: string, span: Span): Promise<string | undefined> {
    const reading = this.#read(at, span).finally(() => this.#underWay.delete(at));
    this.#underWay.set(at, reading);
    return reading;
  }

  /** Resolves with why the service has not answered. Never rejects. */
  async #read(at: string, span: Span): Promise<string | undefined> {
    const { resolution, quantity } = this.#service;
    try {
      const [from, to] = [span.first * resolution, (span.last + 1) * resolution];
      const { readings, flaws } = usableRows(await this.#service.read(at, from, to, this.#get), resolution);
      this.#readings.keep(at, span, readings);
      if (readings.length) this.#telemetry.good();
      for (const { message: flaw } of flaws) {
        const message = `one ${quantity} of ${at} is left out: ${flaw}`;
        this.#ctx.skip({ item: quantity, reason: 'unusable_value', message });
      }
      if (!haveAll(readings, span, resolution)) this.#obstacles.add(at, span, flaws[0]?.message ?? NO_VALUE);
    } catch (error) {
      if (!(error instanceof RejectedError)) return this.#failed(error);
      this.#readings.keep(at, span, []);
      this.#obstacles.add(at, span, messageOf(error));
      const message = `no ${quantity} of ${at}: ${messageOf(error)}`;
      this.#ctx.skip({ item: quantity, reason: 'refused', message });
    }
    this.#backOff.succeeded();
    return undefined;
  }

  #failed(error: unknown): string {
    const message = messageOf(error);
    if (this.#ended.signal.aborted || error instanceof LimitedError) return message;
    this.#failure = message;
    const pause = this.#backOff.failed(error instanceof ServiceError ? error.retryAfter : undefined);
    this.#ctx.logger.warn({ retry_in_ms: Math.round(pause) }, `the service is left alone: ${message}`);
    return message;
  }

  #periodOf(at: string, { from, to, reading, state, isFinal, readAt }: Stretch): FactorPeriod {
    const { name, quantity, method, currency } = this.#service;
    const { value } = reading;
    const { unit: own } = quantityUnits[quantity];
    const unit = currency === undefined ? own : unitIn(currency, own);
    const source = unit === own ? reading.source : `${reading.source}; ${unit}`;
    const year = new Date(reading.from * 1000).getUTCFullYear();
    const id = `${quantity}/${at}/${name}`;
    const version = isFinal ? ({ version: 'final' } as const) : ({ version: 'estimated', mayChange: true } as const);
    return { from, to, factor: { id, quantity, value, unit, source, year, method, state, ...version, readAt } };
  }

  #skipUnknown({ region }: Place): void {
    if (this.#unknown.has(region) || this.#unknown.size >= MAX_UNKNOWN) return;
    this.#unknown.add(region);
    const { quantity, unknown } = this.#service;
    const message = `no ${quantity} of the region \`${region}\`: ${unknown}`;
    this.#ctx.skip({ item: quantity, reason: 'unknown_place', message });
  }
}
