import type { Amount } from '../advice/advice.ts';
import { timesOf } from '../advice/times-of-runs.ts';
import type { Advice } from '../advice/value-proposals.ts';
import { SeriesLabels } from '../prometheus/series.ts';

/** A gauge of each piece of advice, and how it is read; undefined where a piece has none. */
interface AdviceGauge {
  readonly name: string;
  readonly help: string;
  read(advice: Advice): number | undefined;
}

const amounts = [
  { name: 'usd', of: 'in USD', read: ({ saves }: Advice) => saves.usd },
  { name: 'energy_joules', of: 'in joules', read: ({ saves }: Advice) => saves.energy },
  { name: 'co2_kg', of: 'in kg of CO2 equivalent', read: ({ saves }: Advice) => saves.co2 },
] as const;

/** The gauges, each with the labels `kind` and `id`. */
export const adviceGauges: readonly AdviceGauge[] = [
  ...amounts.flatMap(({ name, of, read }) => {
    const gauge = (suffix: string, what: string, value: (amount: Amount) => number | undefined): AdviceGauge => ({
      name: `wattline_advice_saving_${name}${suffix}`,
      help: `${what} would have saved of what those above it leave, ${of}`,
      read(advice) {
        const amount = read(advice);
        return amount && value(amount);
      },
    });
    return [
      gauge('', 'What the advice', ({ value }) => value),
      gauge('_lower', 'The lower end of what the advice', ({ lower }) => lower),
      gauge('_upper', 'The upper end of what the advice', ({ upper }) => upper),
    ];
  }),
  { name: 'wattline_advice_runs', help: 'How many runs the advice changes', read: ({ runs }) => runs.length },
  {
    name: 'wattline_advice_last_run_timestamp_seconds',
    help: 'When the last of these runs ended, in seconds since 1970',
    read: ({ runs }) => timesOf(runs)?.until,
  },
];

/** Formats advice as Prometheus reads it, such as by the textfile collector of node_exporter; gauges of nothing are left out. */
export function adviceMetrics(advice: readonly Advice[]): string {
  return adviceGauges
    .flatMap(({ name, help, read }) => {
      const samples = advice.flatMap((one) => {
        const value = read(one);
        const { text } = new SeriesLabels({ kind: one.kind, id: one.id });
        return value === undefined ? [] : [`${name}{${text}} ${value}\n`];
      });
      return samples.length ? [`# HELP ${name} ${help}\n`, `# TYPE ${name} gauge\n`, ...samples] : [];
    })
    .join('');
}
