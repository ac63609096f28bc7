import { plainTable } from './plain-table.ts';
import { printable } from './printable.ts';
import { formatSpan } from './span.ts';
import type { StageReport, StatusReport } from './status-report.ts';

const HEAD = ['stage', 'state', 'in/s', 'out/s', 'in', 'out', 'refused', 'failed', 'queue'];
const SKIPS_HEAD = ['skipped', 'item', 'reason', 'times'];
const TEXTS = ['stage', 'state', 'skipped', 'item', 'reason'];

/** Formats a report as plain text: a line for each stage of each pipeline, then errors, then skipped items. */
export function formatStatus(report: StatusReport): string {
  const { pipelines, skipped, time } = report;
  const errors = uniqueStages(report).flatMap(({ kind, id, last_error }) =>
    last_error ? [printable(`${spanBetween(last_error.time, time)} ago  ${kind} ${id}: ${last_error.message}`)] : [],
  );
  const skips = skipped.map(({ component, item, reason, count }) => [component, item, reason, formatCount(count)]);
  const parts = [
    printable(headline(report)),
    ...pipelines.map(
      ({ id, state, stages }) => `${printable(`pipeline ${id}: ${state}`)}\n${tableOf(HEAD, stages.map(stageRow))}`,
    ),
  ];
  if (errors.length > 0) parts.push(`last errors\n${errors.join('\n')}`);
  if (skips.length > 0) parts.push(tableOf(SKIPS_HEAD, skips));
  return parts.join('\n\n');
}

function headline({ state, up_since, time, version, process }: StatusReport): string {
  const { cpu_cores, memory_rss_bytes } = process;
  return [
    `wattline${version === undefined ? '' : ` ${version}`}: ${state}`,
    ...(up_since ? [`up ${spanBetween(up_since, time)}`] : []),
    ...(cpu_cores === undefined ? [] : [`${formatCount(cpu_cores)} cores`]),
    ...(memory_rss_bytes === undefined ? [] : [`${formatCount(memory_rss_bytes / 1024 ** 2)} MiB`]),
  ].join(', ');
}

/** Lists each error once, though receivers and exporters appear in each of their pipelines. */
function uniqueStages({ pipelines }: StatusReport): StageReport[] {
  const stages = pipelines.flatMap(({ id, stages: own }) =>
    own.map((stage) => [`${stage.kind} ${stage.id} ${stage.kind === 'processor' ? id : ''}`, stage] as const),
  );
  return [...new Map(stages).values()];
}

function stageRow({
  kind,
  id,
  state,
  blocked,
  points = {},
  points_per_second: rates = {},
  queue,
}: StageReport): string[] {
  const counts = [rates.in, rates.out, points.in, points.out, points.refused, points.failed];
  const fill = queue ? `${formatCount(queue.size)} of ${formatCount(queue.capacity)}` : '';
  return [
    `${kind} ${id}`,
    blocked ? 'blocked' : state,
    ...counts.map((count) => (count === undefined ? '' : formatCount(count))),
    fill,
  ];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const printableRows = rows.map((row) => row.map(printable));
  return plainTable(head, printableRows, (name) => !TEXTS.includes(name));
}

function spanBetween(from: Date, to: Date): string {
  return formatSpan((to.getTime() - from.getTime()) / 1000);
}

const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const large = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

function formatCount(value: number): string {
  return (Math.abs(value) < 10 ? small : large).format(value);
}
