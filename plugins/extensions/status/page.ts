import type { Points, SkipCount } from './counts.ts';
import { age, escapeHtml, memory, number } from './format.ts';
import type { PipelineReport, Report, StageReport } from './report.ts';

/** Milliseconds for which a stage shows as failing after a failure. */
const LATELY = 60_000;
/** The columns of numbers. */
const NUMBERS = ['Points in', 'Points out', 'Refused', 'Failed', 'Times', 'Meters'];
/** How many machines the page has; the JSON has all of them. */
const MOST_MACHINES = 100;

/** Formats a report as an HTML page, whose script replaces its `main` with that of the next report. */
export function pageOf(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wattline: ${report.state}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/status/style.css">
<script type="module" src="/status/refresh.js"></script>
</head>
<body>
<header>
<h1>Wattline</h1>
<label><input type="checkbox" id="live" checked> live</label>
<p id="news" role="status"></p>
</header>
<main>
${facts(report)}
${report.pipelines.map((pipeline) => pipelineSection(pipeline, report.time)).join('\n')}
${report.pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => streamsSection(stage, report.time))).join('\n')}
${report.pipelines.flatMap((pipeline) => pipeline.stages.map(unreadSection)).join('\n')}
${skippedSection(report.skipped)}
${servicesSection(report.services)}
</main>
</body>
</html>
`;
}

function facts({ state, time, up_since, version, process }: Report): string {
  const { cpu_cores, memory_rss_bytes } = process;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['State', badge(state)],
    ['Up since', up_since && timeElement(up_since, time)],
    ['CPU', cpu_cores === undefined ? undefined : `${number(cpu_cores)} cores`],
    ['Memory', memory_rss_bytes === undefined ? undefined : memory(memory_rss_bytes)],
    ['Version', version && escapeHtml(version)],
  ];
  const known = all.filter(([, value]) => value !== undefined);
  return `<dl>${known.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function pipelineSection({ id, state, stages }: PipelineReport, time: Date): string {
  const of = (kind: StageReport['kind']) => stages.filter((stage) => stage.kind === kind);
  const steps = [of('receiver'), ...of('processor').map((stage) => [stage]), of('exporter')];
  const columns = steps.map((step) => `<li><ul>${step.map((stage) => box(stage, time)).join('')}</ul></li>`);
  const heads = ['Stage', 'State', ...NUMBERS.slice(0, 4), 'Queue', 'Last error'];
  const rows = stages.map((stage) => stageRow(stage, time));
  const flow = `<ol class="flow">${columns.join('')}</ol>`;
  return section(`Pipeline ${id}`, ` ${badge(state)}`, [flow, table(`Stages of pipeline ${id}`, heads, rows)]);
}

/** Returns a stage of the drawing: its name, its output rate, and whether it failed recently. */
function box({ kind, id, state, points_per_second, last_error, blocked }: StageReport, time: Date): string {
  const out = points_per_second?.out;
  const flow = out === undefined ? '' : `<span>${number(out)} points/s</span>`;
  const isIll = last_error && time.getTime() - last_error.time.getTime() < LATELY;
  const failed = isIll ? `<span class="bad">failed ${timeElement(last_error.time, time)}</span>` : '';
  const failure = blocked ? `<span class="bad">blocked since ${timeElement(blocked.time, time)}</span>` : failed;
  return `<li class="${isIll || blocked ? 'ill' : state}"><small>${kind}</small><b>${escapeHtml(id)}</b>${flow}${failure}</li>`;
}

function stageRow(stage: StageReport, time: Date): string {
  const { kind, id, state, queue, blocked, last_error } = stage;
  const error = last_error && `${escapeHtml(last_error.message)} <small>${timeElement(last_error.time, time)}</small>`;
  return row(nameOf(kind, id), [
    cell(badge(blocked ? 'blocked' : state)),
    ...(['in', 'out', 'refused', 'failed'] as const).map((way) => countCell(stage, way)),
    cell(queue ? queueMeter(id, queue) : ''),
    cell(error ?? '', 'text'),
  ]);
}

function countCell({ points, points_per_second }: StageReport, way: keyof Points): string {
  const count = points?.[way];
  if (count === undefined) return cell('', 'number');
  const rate = points_per_second?.[way];
  const isBad = (way === 'refused' || way === 'failed') && count > 0;
  return cell(`${number(count)}${rate ? ` <small>${number(rate)}/s</small>` : ''}`, isBad ? 'number bad' : 'number');
}

function queueMeter(id: string, { size = 0, capacity = 0 }: NonNullable<StageReport['queue']>): string {
  const label = `queue of ${escapeHtml(id)}`;
  const meter = `<meter aria-label="${label}" min="0" max="${capacity}" high="${capacity * 0.8}" optimum="0" value="${size}"></meter>`;
  return `${meter} ${number(size)} of ${number(capacity)}`;
}

function streamsSection({ id, streams }: StageReport, time: Date): string {
  if (!streams) return '';
  const title = `Machines of ${id}`;
  if (streams.length === 0) return section(title, '', ['<p>None has sent anything yet.</p>']);
  const rows = streams.slice(0, MOST_MACHINES).map(({ names, meters, last_heard }) => {
    const [name, ...others] = names.map(({ attribute, value }) => {
      return `${escapeHtml(value)} <small>${escapeHtml(attribute)}</small>`;
    });
    const cells = [
      cell(others.join(', '), 'text'),
      cell(number(meters), 'number'),
      cell(timeElement(last_heard, time)),
    ];
    return row(name ?? 'without a name', cells);
  });
  const more = streams.length - rows.length;
  const rest = more > 0 ? [`<p>And ${number(more)} more, which were heard of before.</p>`] : [];
  return section(title, '', [table(title, ['Machine', 'Other names', 'Meters', 'Last heard'], rows), ...rest]);
}

/** Returns what a stage does not read, with what to write for that; nothing where it reads all that looks like power. */
function unreadSection({ id, unread }: StageReport): string {
  if (!unread || unread.metrics.length + unread.senders.length === 0) return '';
  const title = `Not read by ${id}`;
  const metrics = unread.metrics.map(({ name, unit, sender, labels }) => {
    const choice =
      labels.length > 0 ? `, <code>where</code> or <code>identity</code> by ${escapeHtml(labels.join(', '))}` : '';
    const remedy = `<code>{ metric: ${escapeHtml(name)}, unit: ${escapeHtml(unit)}, boundary: host }</code>`;
    return row(escapeHtml(name), [
      cell(escapeHtml(sender), 'text'),
      cell(`<code>meters</code>: ${remedy}${choice}`, 'text'),
    ]);
  });
  const senders = unread.senders.map(({ sender, metric }) => {
    return row(`${escapeHtml(metric)} <small>and all others</small>`, [cell(escapeHtml(sender), 'text'), cell('')]);
  });
  const rest = unread.more > 0 ? [`<p>And ${number(unread.more)} more metrics that look like power.</p>`] : [];
  const heads = ['Metric', 'Sent by', 'To have it read, with what it measures'];
  return section(title, '', [table(title, heads, [...metrics, ...senders]), ...rest]);
}

function skippedSection(skipped: readonly SkipCount[]): string {
  if (skipped.length === 0) return section('Skipped', '', ['<p>Nothing has been skipped.</p>']);
  const rows = skipped.map(({ component, item, reason, count }) =>
    row(escapeHtml(component), [cell(escapeHtml(item)), cell(escapeHtml(reason)), cell(number(count), 'number')]),
  );
  return section('Skipped', '', [table('What was skipped', ['Component', 'Item', 'Reason', 'Times'], rows)]);
}

function servicesSection(services: Report['services']): string {
  const title = 'Extensions and providers';
  const rows = services.map(({ kind, id, state }) => row(nameOf(kind, id), [cell(badge(state))]));
  return section(title, '', [table(title, ['Component', 'State'], rows)]);
}

function section(title: string, beside: string, parts: readonly string[]): string {
  return `<section><h2>${escapeHtml(title)}${beside}</h2>\n${parts.join('\n')}</section>`;
}

/** Returns a table that scrolls on its own where it is too wide, also by keyboard. */
function table(caption: string, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((name) => `<th scope="col"${NUMBERS.includes(name) ? ' class="number"' : ''}>${name}</th>`);
  const label = escapeHtml(caption);
  return `<div class="frame" role="region" tabindex="0" id="${label.replaceAll(/\W/g, '-')}" aria-label="${label}">
<table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function row(head: string, cells: readonly string[]): string {
  return `<tr><th scope="row">${head}</th>${cells.join('')}</tr>`;
}

function cell(content: string, name?: string): string {
  return `<td${name ? ` class="${name}"` : ''}>${content}</td>`;
}

function nameOf(kind: string, id: string): string {
  return `<small>${kind}</small> ${escapeHtml(id)}`;
}

function badge(state: string): string {
  return `<span class="badge ${state}">${state}</span>`;
}

function timeElement(at: Date, now: Date): string {
  return `<time datetime="${at.toISOString()}" title="${at.toISOString()}">${age(at, now)}</time>`;
}
