import type { FactorState } from '../model/factor.ts';
import type { Context, Emitted } from '../plugin/contract.ts';

const REQUESTS = 'wattline_provider_requests_total';
const AGE = 'wattline_provider_last_good_age_seconds';
const STATE = 'wattline_provider_state';
const STATES = ['live', 'cached', 'none'] as const;

/** The own metrics of a provider that calls a service. */
export const serviceMetrics = {
  [REQUESTS]: {
    unit: '{request}',
    description:
      'Requests to the service, by `provider` and `outcome`: `success`, `refused` (it does not give just this), `throttled` (it asks for fewer), `failed`, or `limited` (kept back by `rate_limit`)',
  },
  [AGE]: {
    unit: 's',
    description: 'How long ago the service last gave a value, by `provider`; nothing before the first one',
  },
  [STATE]: {
    unit: '1',
    description:
      'By `provider` and `state` 1 for that of the last answer, `live`, `cached` or `none`, and 0 for the others; an answer is as good as the worst of its periods',
  },
} as const satisfies Record<string, Emitted>;

/** The outcome of a request, as `wattline_provider_requests_total` explains it. */
export type Outcome = 'success' | 'refused' | 'throttled' | 'failed' | 'limited';

/** Counts requests, and shows the last answer of the service, under the id of its provider. */
export class ServiceTelemetry {
  readonly requested: (outcome: Outcome) => void;
  #goodAt: number | undefined;
  #state: (typeof STATES)[number] | undefined;

  constructor({ id: provider, meter }: Pick<Context, 'id' | 'meter'>) {
    const requests = meter.createCounter(REQUESTS, serviceMetrics[REQUESTS]);
    this.requested = (outcome) => requests.add(1, { provider, outcome });
    const gauge = (name: keyof typeof serviceMetrics) => meter.createObservableGauge(name, serviceMetrics[name]);
    gauge(AGE).addCallback((result) => {
      if (this.#goodAt !== undefined) result.observe((performance.now() - this.#goodAt) / 1000, { provider });
    });
    gauge(STATE).addCallback((result) => {
      if (this.#state === undefined) return;
      for (const state of STATES) result.observe(state === this.#state ? 1 : 0, { provider, state });
    });
  }

  /** Records that the service has given values. */
  good(): void {
    this.#goodAt = performance.now();
  }

  /** Records the worst of the states of an answer. */
  answered(states: readonly FactorState[]): void {
    this.#state = states.length === 0 ? 'none' : states.includes('cached') ? 'cached' : 'live';
  }
}
