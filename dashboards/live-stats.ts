import { Kilogram, NoUnit, Watt } from '@grafana/grafana-foundation-sdk/units';
import { inCurrency } from './figure-queries.ts';
import { liveCounters as counters } from './live-counters.ts';
import { currencyName, moneyUnits } from './money.ts';
import { stat } from './panels.ts';
import { rangeQuery } from './queries.ts';

const SECONDS_PER_HOUR = 3600;
const size = { width: 6, height: 5 };

/** Returns rates a second as rates an hour. */
export function perHour(rates: string): string {
  return `${rates} * ${SECONDS_PER_HOUR}`;
}

/** Returns the panel of the power that rates of joules come to, with a sentence about them. */
export function powerNow(title: string, rates: string, note: string) {
  return stat({
    title,
    description: `The rate of \`${counters.joules}\`, over all boundaries, which never overlap. ${note}`,
    ...{ unit: Watt, ...size },
    queries: [rangeQuery('A', `sum(${rates})`, 'power')],
  });
}

/** Returns the panel of the cost an hour, with the end of the sentence about its rates. */
export function costNow(rates: string, note: string) {
  return stat({
    title: 'Cost an hour',
    description: `The rates of \`${counters.energyCost}\` and \`${counters.computeCost}\` ${note}`,
    ...{ unit: NoUnit, ...size },
    queries: [rangeQuery('A', inCurrency(perHour(`sum(${rates})`)), `an hour (${currencyName})`)],
  }).overrides(moneyUnits());
}

/** Returns the panel of the emissions an hour, with a sentence about their rates. */
export function emissionsNow(rates: string, note: string) {
  return stat({
    title: 'CO₂ an hour',
    description: `The rate of \`${counters.emissions}\` by location, by the hour. ${note}`,
    ...{ unit: Kilogram, ...size },
    queries: [rangeQuery('A', perHour(`sum(${rates})`), 'CO₂e an hour')],
  });
}
