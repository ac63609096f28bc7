import { requestHeaders } from 'wattline/http';
import { messageOf, type SourceContext } from 'wattline/plugin';
import type { Job } from './config.ts';
import { FoundTargets } from './discovery/found-targets.ts';
import { discoveriesOf } from './discovery/index.ts';
import { HttpCalls } from './http-calls.ts';
import { type Labels, type Relabelling, relabelling } from './relabel.ts';
import { type SampleRules, sampleRules } from './samples.ts';
import { Target } from './target.ts';
import { labelsOf, type TargetFacts, targetFacts } from './targets.ts';
import type { scrapeTelemetry } from './telemetry.ts';

/** A target that is scraped, and how often. */
interface Scraped {
  readonly target: Target;
  readonly interval: number;
}

/** What became of a job that scrapes once: messages of discoveries and of targets that failed. */
export interface Once {
  readonly targets: number;
  readonly notFound: readonly string[];
  readonly failed: readonly string[];
}

/** A job: scrapes the targets that it lists and finds, as they come and go. */
export class ScrapeJob {
  readonly #ctx: SourceContext;
  readonly #job: Job;
  readonly #telemetryOf: ReturnType<typeof scrapeTelemetry>;
  readonly #calls: HttpCalls;
  readonly #headers: Headers;
  readonly #names: RegExp;
  readonly #relabel: Relabelling;
  readonly #rules: SampleRules | undefined;
  readonly #listed: readonly Labels[];
  readonly #found: FoundTargets;
  readonly #targets = new Map<string, Scraped>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #isBeyondLimit = false;

  /** Throws where the settings cannot be used together, such as a header that HTTP does not have. */
  constructor(ctx: SourceContext, job: Job, telemetryOf: ReturnType<typeof scrapeTelemetry>) {
    this.#ctx = ctx;
    this.#job = job;
    this.#telemetryOf = telemetryOf;
    this.#calls = new HttpCalls(ctx, job);
    this.#headers = requestHeaders(job.headers);
    this.#names = anyOf(job.metric_names);
    this.#relabel = relabelling(job.relabel_configs);
    this.#rules = sampleRules(job);
    this.#listed = job.static_configs.flatMap(({ targets, labels }) =>
      targets.map(({ instance }) => ({ ...labels, __address__: instance })),
    );
    this.#found = new FoundTargets(discoveriesOf(job, ctx), ctx.logger);
  }

  /** Reads the files of certificates and credentials. Throws, with the key and the path, where one cannot be used. */
  async open(): Promise<void> {
    await this.#calls.start();
    await this.#found.start();
  }

  /** Begins to scrape, and to find targets. */
  start(): void {
    this.#adjust();
    this.#track(this.#found.keepFinding(() => this.#adjust(), this.#stopped.signal));
  }

  /** Finds targets once, and scrapes each once. Resolves with the number of targets, and with what has failed. */
  async scrapeOnce(signal: AbortSignal): Promise<Once> {
    const notFound = await this.#found.findOnce(signal);
    this.#renewTargets();
    const targets = [...this.#targets.values()];
    const results = await Promise.all(targets.map(({ target }) => target.scrape(signal)));
    return { targets: targets.length, notFound: withoutGaps(notFound), failed: withoutGaps(results) };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
    this.#stopped.abort();
    await Promise.all(this.#underWay);
    await this.#found.close();
    await this.#calls.close();
  }

  /** Ends targets that are gone, begins to scrape those that are new, and has a timer for each interval. */
  #adjust(): void {
    for (const { target } of this.#renewTargets()) this.#scrape(target);
    const intervals = new Set([...this.#targets.values()].map(({ interval }) => interval));
    for (const [interval, timer] of this.#timers) {
      if (intervals.has(interval)) continue;
      clearInterval(timer);
      this.#timers.delete(interval);
    }
    for (const interval of intervals) {
      if (!this.#timers.has(interval))
        this.#timers.set(
          interval,
          setInterval(() => this.#scrapeAll(interval), interval),
        );
    }
  }

  /** Ends targets that are gone, and returns those that are new. */
  #renewTargets(): Scraped[] {
    const selected = this.#select();
    for (const [key, { target }] of this.#targets) {
      if (selected.has(key)) continue;
      target.end();
      this.#targets.delete(key);
    }
    const added = [...selected].filter(([key]) => !this.#targets.has(key)).map(([key, make]) => [key, make()] as const);
    for (const [key, scraped] of added) this.#targets.set(key, scraped);
    return added.map(([, scraped]) => scraped);
  }

  #scrapeAll(interval: number): void {
    for (const scraped of this.#targets.values()) if (scraped.interval === interval) this.#scrape(scraped.target);
  }

  #scrape(target: Target): void {
    this.#track(target.scrape(this.#stopped.signal));
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** Returns the targets that are left after relabelling, by what tells them apart, each with what makes it. */
  #select(): Map<string, () => Scraped> {
    const isPlain = !this.#found.isExpected && this.#job.relabel_configs.length === 0;
    const selected = new Map<string, () => Scraped>();
    const found = [...this.#listed, ...this.#found.all];
    let isBeyondLimit = false;
    for (const one of found) {
      const labels = this.#relabel(labelsOf(one, this.#job));
      const facts = labels && this.#factsOf(labels, isPlain);
      if (!facts) continue;
      const key = JSON.stringify([facts.url, facts.interval, facts.timeout, facts.attributes]);
      if (selected.size < this.#job.target_limit || selected.has(key)) selected.set(key, () => this.#make(facts));
      else isBeyondLimit = true;
    }
    const limit = this.#job.target_limit;
    if (isBeyondLimit && !this.#isBeyondLimit)
      this.#ctx.logger.error(
        `job \`${this.#job.job_name}\` has more than ${limit} targets, which is \`target_limit\`; the others are not scraped`,
      );
    this.#isBeyondLimit = isBeyondLimit;
    return selected;
  }

  #factsOf(labels: Labels, isPlain: boolean): TargetFacts | undefined {
    try {
      return targetFacts(labels, this.#job, isPlain);
    } catch (error) {
      const message = `job \`${this.#job.job_name}\`: ${messageOf(error)}`;
      this.#ctx.skip({ item: 'target', reason: 'invalid_target', message });
      return undefined;
    }
  }

  #make({ url, host, name, attributes, labels, interval, timeout }: TargetFacts): Scraped {
    const rules = this.#rules;
    const { body_size_limit_mib, enable_compression, honor_timestamps, job_name } = this.#job;
    const page = { url, timeout, body_size_limit_mib, enable_compression, headers: this.#headers, calls: this.#calls };
    const telemetry = this.#telemetryOf({ receiver: this.#ctx.id, scrape_job: job_name, target: name });
    const conversion = {
      rename: rules && ((sample: Parameters<SampleRules>[0]) => rules(sample, labels)),
      ignoresTimes: !honor_timestamps,
    };
    const target = new Target(this.#ctx, { page, attributes, host, names: this.#names, telemetry, conversion });
    return { target, interval };
  }
}

function withoutGaps(messages: readonly (string | undefined)[]): string[] {
  return messages.filter((message) => message !== undefined);
}

/** Returns a pattern that matches the names matched by one of the globs, which have no other characters of a pattern. */
function anyOf(globs: readonly string[]): RegExp {
  const patterns = globs.map((glob) => glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.'));
  return new RegExp(`^(?:${patterns.join('|')})$`, 'su');
}
