import type { Counter, Meter, MeterProvider as MeterProviderApi } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  InstrumentType,
  MeterProvider,
  type MetricProducer,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import { packageVersion } from '../package.ts';
import type { Skipped } from '../plugin/index.ts';

/** How many messages of one reason are logged before they are only counted. */
const LOGGED = 10;

/** Wattline's own metrics: where components record them, and where exporters read them. */
export interface Telemetry {
  readonly meters: MeterProviderApi;
  readonly producer: MetricProducer;
  /** Makes the function that counts and logs what a component skips. */
  skipper(kind: string, id: string, logger: Logger): (skipped: Skipped) => void;
}

/** Sets up the SDK's meter provider with a reader that is collected on demand. */
export function createTelemetry(): Telemetry {
  const reader = new OnDemandReader();
  const resource = resourceFromAttributes({ 'service.name': 'wattline', 'service.version': packageVersion() });
  const meters = new MeterProvider({ readers: [reader], resource });
  const counter = skipCounter(meters.getMeter('wattline'));
  return { meters, producer: reader, skipper: (kind, id, logger) => skipper(counter, kind, id, logger) };
}

/** Returns the counter of data and figures that components skip. */
export function skipCounter(meter: Meter): Counter {
  return meter.createCounter('wattline_skipped_total', {
    description: 'Skipped data and figures, by component, item and reason',
  });
}

function skipper(counter: Counter, kind: string, id: string, logger: Logger): (skipped: Skipped) => void {
  const seen = new Map<string, number>();
  return ({ item, reason, message }) => {
    counter.add(1, { [kind]: id, item, reason });
    const key = `${item} ${reason}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times <= LOGGED) logger.warn({ item, reason }, message);
    if (times === LOGGED) logger.warn({ item, reason }, 'more of the same are counted in wattline_skipped_total only');
  };
}

class OnDemandReader extends MetricReader {
  #collecting: Promise<CollectionResult> | undefined;

  constructor() {
    // A gauge that is no longer observed, as that of a removed stage, disappears; counters stay.
    const isObserved = (type: InstrumentType) => type === InstrumentType.OBSERVABLE_GAUGE;
    const { DELTA, CUMULATIVE } = AggregationTemporality;
    super({ aggregationTemporalitySelector: (type) => (isObserved(type) ? DELTA : CUMULATIVE) });
  }

  /** Simultaneous collections share one result: of two, each would get only some of the observations. */
  override collect(...options: Parameters<MetricReader['collect']>): Promise<CollectionResult> {
    this.#collecting ??= super.collect(...options).finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
