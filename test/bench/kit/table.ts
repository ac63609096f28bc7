import { holds, type Quantity, type Row } from './row.ts';

const HEADINGS = ['measure', 'goal', 'median', 'min – max', 'holds', 'of', 'before'];

/** Rows as a Markdown table that is also easy to read as text; `earlier` are those of the last result, by id. */
export function formatTable(rows: readonly Row[], earlier: ReadonlyMap<string, Row>): string {
  const cells = rows.map((row) => [
    row.measure,
    row.goal ?? '–',
    formatQuantity(row.value),
    `${formatNumber(row.value.min)} – ${formatNumber(row.value.max)}`,
    { true: 'yes', false: '**no**', undefined: '–' }[String(holds(row))] as string,
    Object.entries(row.parts ?? {})
      .map(([name, part]) => `${name} ${formatQuantity(part)}`)
      .join(', '),
    moveOf(row, earlier.get(row.id)),
  ]);
  const all = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]) => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [format(HEADINGS), rule, ...cells.map(format)].join('\n');
}

/** What a row was in the last result, and by how much it has moved. */
function moveOf({ value }: Row, earlier: Row | undefined): string {
  if (!earlier) return '–';
  const before = earlier.value.median;
  const move = (value.median / before - 1) * 100;
  const percent = `${move >= 0 ? '+' : '−'}${Math.abs(move).toFixed(0)} %`;
  return before > 0 && value.median > 0
    ? `${formatQuantity(earlier.value)} (${percent})`
    : formatQuantity(earlier.value);
}

function formatQuantity({ median, unit }: Quantity): string {
  return `${formatNumber(median)} ${unit}`;
}

/** Three digits, or all of a larger number. */
function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
