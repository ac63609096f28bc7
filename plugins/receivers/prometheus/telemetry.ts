import type { Attributes } from '@opentelemetry/api';
import type { Context } from 'wattline/plugin';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The outcome of a scrape: `failed` without a readable page; `undelivered` or `rejected` where the pipeline did not take it. */
export type Outcome = 'success' | 'failed' | 'undelivered' | 'rejected';

/** Records the scrapes of one target. */
export interface ScrapeTelemetry {
  /** Records the page of a scrape. */
  page(isUp: boolean, milliseconds: number): void;
  scrape(outcome: Outcome, samples: number): void;
  /** Ends what is said of a target that is gone. */
  end(): void;
}

/** Creates the receiver's own metrics, and returns what makes the recorder of a target with these labels. */
export function scrapeTelemetry({ meter }: Pick<Context, 'meter'>): (labels: Attributes) => ScrapeTelemetry {
  const scrapes = meter.createCounter('wattline_prometheus_scrapes_total', {
    unit: '{scrape}',
    description: 'Scrapes, by receiver, scrape_job, target and outcome: success, failed, undelivered or rejected',
  });
  const samplesHandedOn = meter.createCounter('wattline_prometheus_samples_total', {
    unit: '{sample}',
    description: 'Samples that were handed on, by receiver, scrape_job and target',
  });
  const duration = meter.createHistogram('wattline_prometheus_scrape_duration_seconds', {
    unit: 's',
    description: 'How long scrapes took until the page was there, by receiver, scrape_job and target',
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const up = new Map<Attributes, boolean>();
  const description =
    'Whether the last scrape of a target gave a page that can be read, by receiver, scrape_job and target';
  meter.createObservableGauge('wattline_prometheus_up', { unit: '1', description }).addCallback((result) => {
    for (const [labels, isUp] of up) result.observe(Number(isUp), labels);
  });
  return (labels) => ({
    page(isUp, milliseconds) {
      up.set(labels, isUp);
      duration.record(milliseconds / 1000, labels);
    },
    scrape(outcome, samples) {
      scrapes.add(1, { ...labels, outcome });
      if (samples > 0) samplesHandedOn.add(samples, labels);
    },
    end: () => up.delete(labels),
  });
}
