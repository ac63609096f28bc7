import type { Amount, AmountName, Amounts, Silence } from '../advice/advice.ts';
import { namedWithUnits } from '../advice/kept-advice.ts';
import { NOTHING_HELD_EQUAL, type Realised } from '../advice/realised.ts';
import type { ContentReport } from '../advice/settings/settings-report.ts';
import { plainSettings, settingsTables, type TextTable } from '../advice/settings/settings-tables.ts';
import { timesOf } from '../advice/times-of-runs.ts';
import type { Advice } from '../advice/value-proposals.ts';
import { countOf } from '../count.ts';
import type { Run } from '../model/run.ts';
import { markdownLine, markdownTable } from '../terminal/markdown.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { printable } from '../terminal/printable.ts';
import { adviceMetrics } from './advice-metrics.ts';
import { PowerCounts } from './power-counts.ts';

export const adviceFormats = ['text', 'json', 'markdown', 'prometheus'] as const;
export type AdviceFormat = (typeof adviceFormats)[number];

/** Advice, and what it was looked for in. */
export interface AdviceReport {
  /** The runs that it rests on. */
  readonly runs: readonly Run[];
  readonly advice: readonly Advice[];
  readonly silences: readonly Silence[];
  readonly before: Amounts;
  /** What all of it together would have saved. */
  readonly saved: Amounts;
  /** What settings of encoders came to, by content. */
  readonly settings: readonly ContentReport[];
  /** Sentences on the defaults that its figures rest on. */
  readonly assumed: readonly string[];
  /** What of the results could not be read. */
  readonly unread: readonly string[];
}

interface Style {
  readonly format: AdviceFormat;
  readonly verbose: boolean;
}

const units = { usd: 'USD', energy: 'J', co2: 'kg CO2e' } as const satisfies Record<AmountName, string>;
const unitsByKey = { usd: 'USD', energy_joules: 'J', co2_kg: 'kg CO2e' } as const;
const heads = ['advice', 'saves USD', 'of it', 'saves J', 'saves kg CO2e', 'runs'];

/** Formats advice: as a table with a paragraph for each piece, as JSON in full precision, or as gauges of Prometheus. */
export function adviceText(report: AdviceReport, { format, verbose }: Style): string {
  if (format === 'json') return `${JSON.stringify(plainReport(report), undefined, 2)}\n`;
  if (format === 'prometheus') return adviceMetrics(report.advice);
  const isMarkdown = format === 'markdown';
  const { advice, silences, settings, assumed, unread, runs } = report;
  const rows = advice.map((one) => rowOf(one, report.before));
  const table = tableOf(heads, rows, isMarkdown, (head) => head !== 'advice');
  const none = `No advice on ${countOf(runs.length, 'run')}${windowText(runs)}.`;
  return [
    advice.length ? table : none,
    ...advice.map((one) => paragraphOf(one, isMarkdown)),
    ...(advice.length > 1 ? [togetherText(report)] : []),
    ...settingsTables(settings).map((one) => tableText(one, isMarkdown)),
    ...(advice.length + settings.length && assumed.length
      ? [list('Assumed in all figures:', assumed, isMarkdown)]
      : []),
    ...(unread.length ? [list('Not read:', [...new Set(unread)], isMarkdown)] : []),
    ...(verbose && silences.length ? [list('No other advice:', silences.map(silenceText), isMarkdown)] : []),
    ...(!verbose && silences.length ? ['--verbose says why there is no other advice.'] : []),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

/** Formats realised savings: as a table with their verdicts and caveats, or as JSON in full precision. */
export function realisedText(all: readonly Realised[], format: AdviceFormat): string {
  if (format === 'json') return `${JSON.stringify({ realised: all, caveat: NOTHING_HELD_EQUAL }, undefined, 2)}\n`;
  const head = ['advice', 'for each', 'predicted', 'realised (95 %)', 'unit', 'later runs', 'verdict'];
  const rows = all.flatMap(({ advice, laterRuns, amounts }) =>
    amounts.map(({ name, predicted, realised, verdict }) => {
      const per = advice.before.unit.replace('_', ' ');
      const found = realised ? intervalText(realised) : '–';
      return [advice.id, per, numberText(predicted), found, unitsByKey[name], String(laterRuns), verdict];
    }),
  );
  const isNumber = (name: string) => ['predicted', 'realised (95 %)', 'later runs'].includes(name);
  const table = tableOf(head, rows, format === 'markdown', isNumber);
  return `${table}\n\n${NOTHING_HELD_EQUAL}\n`;
}

function tableText({ title, head, rows }: TextTable, isMarkdown: boolean): string {
  const table = tableOf(head, rows, isMarkdown, (name) => name !== head[0]);
  return `${isMarkdown ? `**${markdownLine(title)}**` : printable(title)}\n\n${table}`;
}

function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isMarkdown: boolean,
  isNumber: (name: string) => boolean,
): string {
  if (isMarkdown) return markdownTable(head, rows);
  return plainTable(
    head,
    rows.map((row) => row.map(printable)),
    isNumber,
  );
}

function plainReport({ runs, advice, silences, settings, before, saved, assumed, unread }: AdviceReport) {
  return {
    runs: runs.length,
    ...windowOf(runs),
    before: namedWithUnits<Amount>(before),
    saved: namedWithUnits<Amount>(saved),
    advice: advice.map(({ id, kind, title, saves, cost, runs: changed, assumes, check }) => ({
      ...{ id, kind, title },
      saves: namedWithUnits<Amount>(saves),
      of: namedWithUnits<Amount>(cost),
      runs: changed.length,
      power: powerText(changed),
      ...windowOf(changed),
      ...{ assumes, check },
    })),
    settings: settings.map(plainSettings),
    silences,
    assumed,
    unread,
  };
}

function rowOf({ id, saves, runs }: Advice, before: Amounts): string[] {
  const part = saves.usd && before.usd?.value ? `${numberText((100 * saves.usd.value) / before.usd.value, 3)} %` : '–';
  const [usd, energy, co2] = (['usd', 'energy', 'co2'] as const).map((name) => numberText(saves[name]?.value));
  return [id, usd, part, energy, co2, String(runs.length)] as string[];
}

function paragraphOf({ id, title, saves, runs, assumes, check }: Advice, isMarkdown: boolean): string {
  const amounts = amountsOf(saves).map(([name, amount]) => `${intervalText(amount)} ${units[name]}`);
  const lines = [
    `would have saved ${amounts.join(', ')} on ${countOf(runs.length, 'run')}${windowText(runs)}`,
    `power ${powerText(runs)}`,
    ...assumes.map((one) => `assumes: ${one}`),
    `check: ${check}`,
  ];
  return list(isMarkdown ? `**${title}** (\`${id}\`)` : `${title} (${id})`, lines, isMarkdown);
}

function powerText(runs: readonly Run[]): string {
  const counts = new PowerCounts();
  for (const run of runs) counts.add(run);
  return String(counts);
}

function togetherText({ saved, before }: AdviceReport): string {
  const texts = amountsOf(saved).map(([name, { value }]) => {
    return `${numberText(value)} of ${numberText(before[name]?.value)} ${units[name]}`;
  });
  return `Each saving is of what those above it leave. All together: ${texts.join(', ')}.`;
}

/** Returns the amounts that are known and not 0. */
function amountsOf(amounts: Amounts): (readonly [AmountName, Amount])[] {
  return (Object.keys(units) as AmountName[]).flatMap((name) => {
    const amount = amounts[name];
    return amount && amount.value !== 0 ? [[name, amount] as const] : [];
  });
}

function silenceText({ kind, reason, message }: Silence): string {
  return `${kind}, ${reason}: ${message}`;
}

function list(title: string, items: readonly string[], isMarkdown: boolean): string {
  const line = isMarkdown ? markdownLine : printable;
  // Markdown needs an empty line before a list.
  return [line(title), ...(isMarkdown ? [''] : []), ...items.map((item) => `  - ${line(item)}`)].join('\n');
}

function intervalText({ value, lower, upper }: Amount): string {
  const interval = lower === undefined || upper === undefined ? '' : ` (${numberText(lower)} to ${numberText(upper)})`;
  return `${numberText(value)}${interval}`;
}

function numberText(value: number | undefined, digits = 6): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(digits)));
}

function windowOf(runs: readonly Run[]): { from?: string; until?: string } {
  const times = timesOf(runs);
  if (!times) return {};
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  return { from: iso(times.from), until: iso(times.until) };
}

function windowText(runs: readonly Run[]): string {
  const { from, until } = windowOf(runs);
  if (runs.length === 0) return '';
  const minute = (iso: string | undefined) => iso?.slice(0, 16).replace('T', ' ');
  return from === undefined ? ', which do not say when they were' : `, ${minute(from)} to ${minute(until)} UTC`;
}
