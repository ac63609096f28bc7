import type { Attributes } from '@opentelemetry/api';
import {
  type Outcome as HandOverOutcome,
  handOver,
  messageOf,
  Run,
  type Skipped,
  type SourceContext,
  toHrTime,
} from 'wattline/plugin';
import { byInstance, instanceAttributes } from 'wattline/prometheus';
import { type Conversion, type Converted, metricsOf } from './metrics.ts';
import { getPage, type PageOptions } from './page.ts';
import type { Outcome, ScrapeTelemetry } from './telemetry.ts';
import { parseText } from './text-format.ts';

const SCOPE = 'wattline/receiver/prometheus';

export interface TargetOptions {
  readonly page: PageOptions;
  /** The resource attributes of its runs. */
  readonly attributes: Attributes;
  /** The host that is scraped. */
  readonly host: string;
  /** Matches the names of the metrics to keep. */
  readonly names: RegExp;
  readonly conversion?: Conversion;
  readonly telemetry: ScrapeTelemetry;
}

/** A target. Its scrapes never reject: failures are counted, and logged once until the next success. */
export class Target {
  readonly #ctx: SourceContext;
  readonly #options: TargetOptions;
  readonly #url: string;
  readonly #unsupported = new Set<string>();
  /** The scrape that is under way. */
  #current: AbortController | undefined;
  #hasEnded = false;
  #outcome: Outcome = 'success';
  #isBusy = false;

  constructor(ctx: SourceContext, options: TargetOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#url = options.page.url;
  }

  /** Scrapes the target, unless the previous scrape is still running. Resolves with the failure, if any. */
  async scrape(signal: AbortSignal): Promise<string | undefined> {
    if (this.#isBusy) {
      const message = `${this.#url} is not scraped: the previous scrape is still running`;
      this.#ctx.skip({ item: 'scrape', reason: 'under_way', message });
      return message;
    }
    this.#isBusy = true;
    const current = new AbortController();
    const stop = () => current.abort(signal.reason);
    this.#current = current;
    signal.addEventListener('abort', stop);
    if (signal.aborted || this.#hasEnded) stop();
    try {
      return await this.#scrape(current.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      this.#isBusy = false;
    }
  }

  /** Ends the target for good: gives up a scrape, and says no more of it. */
  end(): void {
    this.#hasEnded = true;
    this.#current?.abort();
    this.#options.telemetry.end();
  }

  async #scrape(signal: AbortSignal): Promise<string | undefined> {
    const { page, names, telemetry, conversion } = this.#options;
    const begun = performance.now();
    const scraped = toHrTime(Date.now() / 1000);
    let converted: Converted;
    try {
      const { text, format } = await getPage(page, signal);
      converted = metricsOf(parseText(text, format), (name) => names.test(name), scraped, conversion);
    } catch (error) {
      if (signal.aborted) return undefined;
      telemetry.page(false, performance.now() - begun);
      const message = messageOf(error);
      return this.#settle('failed', message.includes(this.#url) ? message : `${this.#url} cannot be read: ${message}`);
    }
    if (signal.aborted) return undefined;
    telemetry.page(true, performance.now() - begun);
    for (const skipped of converted.skipped) this.#skip(skipped);
    return this.#handOver(converted, signal);
  }

  async #handOver({ metrics, samples }: Converted, signal: AbortSignal): Promise<string | undefined> {
    if (samples === 0) {
      const message = `${this.#url} has no metric that \`metric_names\` keeps`;
      this.#ctx.skip({ item: 'scrape', reason: 'nothing_kept', message });
      return this.#settle('success');
    }
    const runs = byInstance(metrics).map(({ instance, job, metrics: own }) => {
      const attributes =
        instance === undefined ? this.#options.attributes : instanceAttributes(this.#options.attributes, instance, job);
      const scopeMetrics = [{ scope: { name: SCOPE }, metrics: [...own] }];
      return Run.from({ resource: { attributes }, scopeMetrics }, this.#options.host);
    });
    let problem: string | undefined;
    let outcome: Outcome = 'success';
    const onOutcome = ({ refused: [first], deferred, cause }: HandOverOutcome) => {
      if (!first && deferred.length === 0) return;
      outcome = first ? 'rejected' : 'undelivered';
      problem = `what ${this.#url} had was not delivered: ${first?.message ?? messageOf(cause)}`;
    };
    await handOver(this.#ctx.next, [runs], { signal, onOutcome });
    if (problem !== undefined) return signal.aborted ? undefined : this.#settle(outcome, problem);
    return this.#settle('success', undefined, samples);
  }

  /** Reports each name of an unsupported type once, since it is in every scrape. */
  #skip(skipped: Skipped): void {
    const isUnsupported = skipped.reason === 'unsupported_type';
    if (isUnsupported && this.#unsupported.has(skipped.message)) return;
    if (isUnsupported) this.#unsupported.add(skipped.message);
    this.#ctx.skip(skipped);
  }

  #settle(outcome: Outcome, problem?: string, samples = 0): string | undefined {
    this.#options.telemetry.scrape(outcome, samples);
    const { logger } = this.#ctx;
    if (outcome !== this.#outcome) {
      if (problem !== undefined) logger.warn(problem);
      else logger.info(`${this.#url} is scraped again`);
    }
    this.#outcome = outcome;
    return problem;
  }
}
