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
import type { Address, Job } from './config.ts';
import { type Converted, metricsOf } from './metrics.ts';
import { getPage, type PageOptions } from './page.ts';
import type { Outcome, ScrapeTelemetry } from './telemetry.ts';
import { parseText } from './text-format.ts';

const SCOPE = 'wattline/receiver/prometheus';

export interface TargetOptions {
  readonly job: Pick<Job, 'job_name' | 'metric_names'>;
  readonly address: Address;
  readonly labels: Readonly<Record<string, string>>;
  readonly page: PageOptions;
  readonly telemetry: ScrapeTelemetry;
}

/** A target. Its scrapes never reject: failures are counted, and logged once until the next success. */
export class Target {
  readonly #ctx: SourceContext;
  readonly #options: TargetOptions;
  readonly #attributes: Attributes;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #names: RegExp;
  readonly #unsupported = new Set<string>();
  #outcome: Outcome = 'success';
  #isBusy = false;

  constructor(ctx: SourceContext, options: TargetOptions) {
    const { job, address, labels } = options;
    this.#ctx = ctx;
    this.#options = options;
    this.#attributes = {
      'service.name': job.job_name,
      'service.instance.id': address.instance,
      'server.address': address.host,
      'server.port': address.port,
      ...labels,
    };
    this.#labels = { receiver: ctx.id, scrape_job: job.job_name, target: address.instance };
    this.#names = anyOf(job.metric_names);
  }

  /** Scrapes the target, unless the previous scrape is still running. Resolves with the failure, if any. */
  async scrape(signal: AbortSignal): Promise<string | undefined> {
    if (this.#isBusy) {
      const message = `${this.#options.page.url} is not scraped: the previous scrape is still running`;
      this.#ctx.skip({ item: 'scrape', reason: 'under_way', message });
      return message;
    }
    this.#isBusy = true;
    try {
      return await this.#scrape(signal);
    } finally {
      this.#isBusy = false;
    }
  }

  async #scrape(signal: AbortSignal): Promise<string | undefined> {
    const begun = performance.now();
    const scraped = toHrTime(Date.now() / 1000);
    let converted: Converted;
    try {
      const { text, format } = await getPage(this.#options.page, signal);
      converted = metricsOf(parseText(text, format), (name) => this.#names.test(name), scraped);
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#options.telemetry.page(this.#labels, false, performance.now() - begun);
      return this.#settle('failed', this.#described(error));
    }
    this.#options.telemetry.page(this.#labels, true, performance.now() - begun);
    for (const skipped of converted.skipped) this.#skip(skipped);
    return this.#handOver(converted, signal);
  }

  async #handOver({ metrics, samples }: Converted, signal: AbortSignal): Promise<string | undefined> {
    if (samples === 0) {
      const message = `${this.#options.page.url} has no metric that \`metric_names\` keeps`;
      this.#ctx.skip({ item: 'scrape', reason: 'nothing_kept', message });
      return this.#settle('success');
    }
    const scopeMetrics = [{ scope: { name: SCOPE }, metrics: [...metrics] }];
    const run = Run.from({ resource: { attributes: this.#attributes }, scopeMetrics });
    let problem: string | undefined;
    let outcome: Outcome = 'success';
    const onOutcome = ({ refused: [first], deferred, cause }: HandOverOutcome) => {
      if (!first && deferred.length === 0) return;
      outcome = first ? 'rejected' : 'undelivered';
      problem = `what ${this.#options.page.url} had was not delivered: ${first?.message ?? messageOf(cause)}`;
    };
    await handOver(this.#ctx.next, [[run]], { signal, onOutcome });
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

  #settle(outcome: Outcome, problem?: string, samples?: number): string | undefined {
    this.#options.telemetry.scrape(this.#labels, outcome, samples);
    const { logger } = this.#ctx;
    if (outcome !== this.#outcome) {
      if (problem !== undefined) logger.warn(problem);
      else logger.info(`${this.#options.page.url} is scraped again`);
    }
    this.#outcome = outcome;
    return problem;
  }

  #described(error: unknown): string {
    const { url } = this.#options.page;
    const message = messageOf(error);
    return message.includes(url) ? message : `${url} cannot be read: ${message}`;
  }
}

/** Returns a pattern that matches the names matched by one of the globs. */
function anyOf(globs: readonly string[]): RegExp {
  const patterns = globs.map((glob) => glob.replaceAll('*', '.*').replaceAll('?', '.'));
  return new RegExp(`^(?:${patterns.join('|')})$`);
}
