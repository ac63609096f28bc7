import type { FactorState } from '../model/factor.ts';
import type { Context, Emitted } from '../plugin/contract.ts';

/** What a provider that asks a service tells of its own work. */
export const serviceMetrics = {
  wattline_provider_requests_total: {
    unit: '{request}',
    description:
      'Requests to the service, by `provider` and `outcome`: `success`, `refused` (it does not give just this), `throttled` (it asks for fewer), `failed`, or `limited` (kept back by `rate_limit`)',
  },
  wattline_provider_last_good_age_seconds: {
    unit: 's',
    description: 'How long ago the service last gave a value, by `provider`; nothing before the first one',
  },
  wattline_provider_state: {
    unit: '1',
    description:
      'By `provider` and `state` 1 for that of the last answer, `live`, `cached` or `none`, and 0 for the others; an answer is as good as the worst of its periods',
  },
} as const satisfies Record<string, Emitted>;

/**
 * What became of a request: it was answered, the service does not have this, it asked for fewer requests, it failed, or
 * the own rate limit kept it back.
 */
export type Outcome = 'success' | 'refused' | 'throttled' | 'failed' | 'limited';

const STATES = ['live', 'cached', 'none'] as const;

/** What a provider tells of its own work, under its id. */
export class ServiceTelemetry {
  readonly #provider: string;
  readonly #count: (outcome: Outcome) => void;
  #goodAt: number | undefined;
  #state: (typeof STATES)[number] | undefined;

  constructor({ id, meter }: Pick<Context, 'id' | 'meter'>) {
    this.#provider = id;
    const requests = meter.createCounter(
      'wattline_provider_requests_total',
      serviceMetrics.wattline_provider_requests_total,
    );
    this.#count = (outcome) => requests.add(1, { provider: id, outcome });
    const gauge = (name: keyof typeof serviceMetrics) => meter.createObservableGauge(name, serviceMetrics[name]);
    gauge('wattline_provider_last_good_age_seconds').addCallback((result) => {
      if (this.#goodAt !== undefined) result.observe((Date.now() - this.#goodAt) / 1000, { provider: id });
    });
    gauge('wattline_provider_state').addCallback((result) => {
      if (this.#state === undefined) return;
      for (const state of STATES) {
        result.observe(state === this.#state ? 1 : 0, { provider: this.#provider, state });
      }
    });
  }

  requested(outcome: Outcome): void {
    this.#count(outcome);
  }

  /** The service has given values. */
  good(): void {
    this.#goodAt = Date.now();
  }

  /** Notes the states of an answer: it is as good as the worst of them. */
  answered(states: readonly FactorState[]): void {
    this.#state = states.length === 0 ? 'none' : states.includes('cached') ? 'cached' : 'live';
  }
}
