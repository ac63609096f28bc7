import fc from 'fast-check';
import { type Converted, metricsOf } from '../../../plugins/receivers/prometheus/metrics.ts';
import { type Family, parseText } from '../../../plugins/receivers/prometheus/text-format.ts';
import { Run } from '../../../src/model/run.ts';
import { toSeconds } from '../../../src/plugin/index.ts';
import { byInstance, type Instance } from '../../../src/prometheus/index.ts';
import { holdRun } from '../hold-run.ts';
import { hold, holdSame, type Target } from '../target.ts';

interface Page {
  readonly families: readonly Family[];
  readonly converted: Converted;
  readonly instances: readonly Instance[];
}

const name = fc.constantFrom(
  'a',
  'a_total',
  'a_created',
  'process_x_total',
  'process_start_time_seconds',
  'h_bucket',
  ':x',
);
const type = fc.constantFrom('counter', 'gauge', 'histogram', 'summary', 'untyped', 'info', 'stateset', 'odd');
const value = fc.oneof(
  fc.double().map(String),
  fc.constantFrom('NaN', '+Inf', '-Inf', '1e400', '0x10', '.5', '5.', '-0', '1_0', ''),
);
const labelValue = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('', '\\n', '\\"', '10.0.0.5:9100', '\\'));
const label = fc.tuple(fc.constantFrom('x', 'instance', 'job', 'le', '__proto__', 'é'), labelValue);
const time = fc.constantFrom('', '', ' 1766948000250', ' -5', ' 1e3', ' 1766948000.25', ' 999999999999999');
const line = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(name, fc.array(label, { maxLength: 3 }), value, time).map(sampleLine) },
  { weight: 2, arbitrary: fc.tuple(name, type).map(([one, of]) => `# TYPE ${one} ${of}`) },
  fc.tuple(name, fc.string({ maxLength: 10 })).map(([one, help]) => `# HELP ${one} ${help}`),
  fc.constantFrom(
    '# UNIT a joules',
    '# EOF',
    '',
    '#',
    ' \t',
    '# any words',
    'a{',
    'a 1 # {x="y"} 1',
    '{"a"} 1',
    '{"a.b","x.y"="z"} 1',
    '# TYPE "a.b" counter',
  ),
);

/** Pages of metrics, as the prometheus receiver reads them. */
const target: Target<Page> = {
  name: 'exposition',
  weight: 2,
  generated: fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\n', '\n# EOF\n', ''))
    .map(([lines, end]) => Buffer.from(lines.join('\n') + end)),
  words: [
    '#',
    '{',
    '}',
    '"',
    ',',
    '=',
    ' ',
    '\n',
    '\\',
    '\\n',
    '\r',
    '\t',
    '# EOF\n',
    '# TYPE a counter\n',
    'a 1\n',
    'NaN',
  ],
  growing: [
    { part: 'a#{x="#",y="a b"} 1.5 1766948000250\n' },
    { part: 'a{x="#"} 1\n' },
    { part: '# TYPE process_#_total counter\n' },
    { part: '# TYPE a# counter\na#_total 1\na#_created 5\n', end: '# EOF\n' },
    { begin: 'a{', part: 'x#="1",', end: '} 1\n' },
    { begin: 'a{x="', part: '\\"', end: '"} 1\n' },
    { begin: '{"', part: '\\"', end: '"} 1\n' },
    { part: '{"a.#","x.#"="1"} 1\n' },
    { begin: 'a', part: ' ', end: '1\n' },
    { part: '\n' },
    { begin: 'a ', part: '1', end: 'x\n' },
    { begin: 'a 1', part: '0', end: '\n' },
    { begin: '# HELP a ', part: '\\n' },
    { part: 'a{instance="#",job="b"} 1\n' },
  ],
  read(bytes) {
    const text = bytes.toString();
    const families = parseText(text, text.includes('# EOF') ? 'openmetrics' : 'text');
    const converted = metricsOf(families, () => true, [1_766_948_030, 5e8]);
    return { families, converted, instances: byInstance(converted.metrics) };
  },
  isRefusal: (error) => /^line \d+: expected /.test(String((error as Error).message)),
  check({ families, converted, instances }) {
    let made = 0;
    for (const { samples, help, unit } of families) made += 1 + samples.length + help.length + unit.length;
    holdSame(
      samplesIn(parseText(written(families), 'openmetrics')),
      samplesIn(families),
      'written again it is another page',
    );
    for (const { message } of converted.skipped) {
      hold(message.length <= 500, () => `a message has ${message.length} characters: ${message.slice(0, 100)}`);
      made += message.length;
    }
    let points = 0;
    const seen = new Set(converted.metrics.map(({ descriptor }) => descriptor.name));
    hold(seen.size === converted.metrics.length, 'a metric comes twice');
    for (const { metrics } of instances) {
      const run = Run.from({
        resource: { attributes: {} },
        scopeMetrics: [{ scope: { name: 's' }, metrics: [...metrics] }],
      });
      points += run.pointCount;
      made += holdRun(run);
    }
    hold(points === converted.samples, () => `${converted.samples} samples have become ${points} points`);
    return made;
  },
  most: { steps: 2000, memory: 1500, made: 5 },
};

export default target;

function sampleLine([one, labels, number, when]: [string, (readonly [string, string])[], string, string]): string {
  const written = labels.map(([key, text]) => `${key}="${text}"`).join(', ');
  return `${one}${written && `{${written}}`} ${number}${when}`;
}

/** The same page in OpenMetrics, where each sample stands below its family. */
function written(families: readonly Family[]): string {
  const quoted = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const lines = families.flatMap((family) => [
    `# TYPE "${quoted(family.name)}" ${family.type}`,
    `# HELP "${quoted(family.name)}" ${quoted(family.help)}`,
    `# UNIT "${quoted(family.name)}" ${quoted(family.unit)}`,
  ]);
  for (const { samples } of families) {
    for (const { name: one, labels, value: number, time: when } of samples) {
      const list = Object.entries(labels).map(([key, text]) => `"${quoted(key)}"="${quoted(text)}"`);
      lines.push(
        `{${[`"${quoted(one)}"`, ...list].join()}} ${Object.is(number, -0) ? '-0' : goNumber(number)}${when ? ` ${toSeconds(when)}` : ''}`,
      );
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function goNumber(number: number): string {
  return Number.isFinite(number) ? String(number) : String(number).replace('Infinity', 'Inf');
}

/** The samples of a page without their times, of which a double of seconds does not hold all. */
function samplesIn(families: readonly Family[]): unknown[] {
  const samples = families.flatMap((family) => family.samples.map((one) => [one.name, one.labels, one.value] as const));
  return samples.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
