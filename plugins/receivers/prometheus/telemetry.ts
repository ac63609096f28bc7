import type { Attributes, Counter, Histogram } from '@opentelemetry/api';
import type { Context, Emitted } from 'wattline/plugin';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The receiver's own metrics. */
const scrapeMetrics = {
  wattline_prometheus_up: {
    unit: '1',
    description: 'Whether the last scrape of a target gave a page that can be read, by receiver, scrape_job and target',
  },
  wattline_prometheus_scrapes_total: {
    unit: '{scrape}',
    description: 'Scrapes, by receiver, scrape_job, target and outcome: success, failed, undelivered or rejected',
  },
  wattline_prometheus_scrape_duration_seconds: {
    unit: 's',
    description: 'How long scrapes took until the page was there, by receiver, scrape_job and target',
  },
  wattline_prometheus_samples_total: {
    unit: '{sample}',
    description: 'Samples that were handed on, by receiver, scrape_job and target',
  },
} as const satisfies Record<string, Emitted>;

/** The outcome of a scrape: `failed` without a readable page; `undelivered` or `rejected` where the pipeline did not take it. */
export type Outcome = 'success' | 'failed' | 'undelivered' | 'rejected';

/** Records the scrapes of one receiver. */
export class ScrapeTelemetry {
  readonly #scrapes: Counter;
  readonly #duration: Histogram;
  readonly #samples: Counter;
  readonly #up = new Map<Attributes, boolean>();

  constructor({ meter }: Pick<Context, 'meter'>) {
    const { wattline_prometheus_up, wattline_prometheus_scrapes_total, ...rest } = scrapeMetrics;
    this.#scrapes = meter.createCounter('wattline_prometheus_scrapes_total', wattline_prometheus_scrapes_total);
    this.#samples = meter.createCounter('wattline_prometheus_samples_total', rest.wattline_prometheus_samples_total);
    this.#duration = meter.createHistogram('wattline_prometheus_scrape_duration_seconds', {
      ...rest.wattline_prometheus_scrape_duration_seconds,
      advice: { explicitBucketBoundaries: SECONDS },
    });
    meter.createObservableGauge('wattline_prometheus_up', wattline_prometheus_up).addCallback((result) => {
      for (const [labels, isUp] of this.#up) result.observe(Number(isUp), labels);
    });
  }

  /** Records the page of a scrape. The labels of a target must always be the same object. */
  page(labels: Attributes, isUp: boolean, milliseconds: number): void {
    this.#up.set(labels, isUp);
    this.#duration.record(milliseconds / 1000, labels);
  }

  scrape(labels: Attributes, outcome: Outcome, samples = 0): void {
    this.#scrapes.add(1, { ...labels, outcome });
    if (samples > 0) this.#samples.add(samples, labels);
  }
}
