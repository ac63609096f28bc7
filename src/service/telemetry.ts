import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  InstrumentType,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import { Secrets } from '../model/secrets.ts';
import { packageVersion } from '../package.ts';
import type { Skipped } from '../plugin/index.ts';

/** How many messages of one reason are logged before they are only counted. */
const LOGGED = 10;
/** Of how many items with one reason messages are logged. */
const MOST_ITEMS = 20;

/**
 * Returns Wattline's own metrics: where components record them, where exporters read them, and how skips are counted. No
 * label of theirs has a secret that `secrets` knows.
 */
export function createTelemetry(secrets = new Secrets()) {
  const producer = new OnDemandReader(secrets);
  const resource = resourceFromAttributes({ 'service.name': 'wattline', 'service.version': packageVersion() });
  const meters = new MeterProvider({ readers: [producer], resource });
  const counter = skipCounter(meters.getMeter('wattline'));
  const skipper = (kind: string, id: string, logger: Logger) => skipperOf({ [kind]: id }, counter, logger);
  return { meters, producer, skipper };
}

/** Returns the counter of data and figures that components skip. */
export function skipCounter(meter: Meter): Counter {
  return meter.createCounter('wattline_skipped_total', {
    description: 'Skipped data and figures, by component, item and reason',
  });
}

/** Makes the function that counts and logs what a component skips. */
function skipperOf(component: Attributes, counter: Counter, logger: Logger) {
  const seen = new Map<string, Map<string, number>>();
  const more = 'are counted in wattline_skipped_total only';
  return ({ item, reason, message }: Skipped): void => {
    counter.add(1, { ...component, item, reason });
    const items = seen.get(reason) ?? new Map<string, number>();
    seen.set(reason, items);
    const before = items.get(item);
    // Items may be names that a sender makes up.
    if (before === undefined && items.size === MOST_ITEMS) return;
    const times = (before ?? 0) + 1;
    if (times > LOGGED) return;
    items.set(item, times);
    logger.warn({ item, reason }, message);
    if (times === LOGGED) logger.warn({ item, reason }, `more of the same ${more}`);
    if (before === undefined && items.size === MOST_ITEMS) logger.warn({ reason }, `more of this reason ${more}`);
  };
}

class OnDemandReader extends MetricReader {
  #collecting: Promise<CollectionResult> | undefined;
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    // A gauge that is no longer observed, as that of a removed stage, disappears; counters stay.
    const isObserved = (type: InstrumentType) => type === InstrumentType.OBSERVABLE_GAUGE;
    const { DELTA, CUMULATIVE } = AggregationTemporality;
    super({ aggregationTemporalitySelector: (type) => (isObserved(type) ? DELTA : CUMULATIVE) });
    this.#secrets = secrets;
  }

  /** Simultaneous collections share one result: of two, each would get only some of the observations. */
  override collect(...options: Parameters<MetricReader['collect']>): Promise<CollectionResult> {
    this.#collecting ??= super
      .collect(...options)
      .then((result) => this.#withoutSecrets(result))
      .finally(() => {
        this.#collecting = undefined;
      });
    return this.#collecting;
  }

  #withoutSecrets({ resourceMetrics, errors }: CollectionResult): CollectionResult {
    const shown = (attributes: Attributes) => this.#secrets.redactIn(attributes);
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map((metric) => {
        const dataPoints = metric.dataPoints.map((point) => ({ ...point, attributes: shown(point.attributes) }));
        return { ...metric, dataPoints } as MetricData;
      }),
    }));
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
