import { documentTimeOf } from '../../../src/results/document-time.ts';
import type { ResultSink } from '../../../src/results/parts.ts';
import { parseRun, ResultReader } from '../../../src/results/reader.ts';
import { type ParsedRun, ResultsLimitError, type ResultsOptions } from '../../../src/results/run-of-fields.ts';
import { ResultSplitter } from '../../../src/results/splitter.ts';
import { resultsTexts, resultsWords } from '../arbitraries/results-texts.ts';
import { holdRun } from '../hold-run.ts';
import { hold, holdSame, type Target } from '../target.ts';

const PASSED_OVER = /a run is (?:longer|nested deeper) than/;

/** Some texts come up to the limit of a run. */
const optionsFor = ({ length }: Buffer): ResultsOptions => {
  return { fallbackTime: 1_700_000_000, maxRuns: 2000, maxRunBytes: length % 5 === 0 ? 100 : 500_000 };
};
const RUN = '{"name":"run #","start_time":1766947958,"end_time":1766947968,"step_seconds":5,"power_watts":[1,2.5,3]}';

/** Results files, as the file and http receivers read them: in pieces. */
const target: Target<ParsedRun[]> = {
  name: 'results',
  weight: 3,
  generated: resultsTexts,
  words: resultsWords,
  growing: [
    { begin: '{"scenarios":[', part: `${RUN},`, end: `${RUN}]}` },
    { part: `${RUN}\n` },
    { begin: '[', part: `${RUN.slice(0, -2)}\n`, end: ']' },
    { begin: '[', part: '{"name":"a","x":{"#":[', end: ']}}]' },
    { begin: '[{"name":"a","step_seconds":1,"power_watts":[', part: '1.#1234567890123,', end: '1]}]' },
    { begin: '[{"name":"a"', part: ',"key #":"value"', end: '}]' },
    { part: '{"name":"a", {"name":"b", ' },
    { part: ']}, ' },
    { begin: '{"name":"', part: '\\"', end: '\n}' },
    { begin: '[{"name":"a","x":', part: '[1,{"a":', end: '!]}]' },
    { begin: `[{"name":"a","x":${'[1,{"a":'.repeat(100)}[`, part: '1,', end: `!${']}'.repeat(100)}}]` },
    { begin: '[{"name":"a","x":[', part: '{"a":#},', end: '!]}]' },
  ],
  read: (bytes) => readInPieces(bytes, 1 + (bytes.length % 997) * 8),
  isRefusal: (error) => error instanceof ResultsLimitError,
  check(runs, bytes) {
    hold(runs.length <= 2000, 'there are more runs than may be');
    const whole = readInPieces(bytes, bytes.length || 1);
    const parsed = byJsonParse(bytes);
    const [own = [], atOnce = [], expected] = [runs, whole, parsed].map((list) => list.map(inFull));
    holdSame(atOnce, expected, 'scanned it is not what it is parsed');
    // Of a run that is passed over the splitter keeps nothing, so that it may say so again in the next piece.
    if (!PASSED_OVER.test(atOnce.join())) holdSame(own, atOnce, 'in pieces it is not what it is at once');
    return runs.reduce((sum, one) => sum + madeOf(one), 0);
  },
  most: { steps: 5000, memory: 2000, made: 50 },
};

export default target;

function readInPieces(bytes: Buffer, size: number): ParsedRun[] {
  const reader = new ResultReader(optionsFor(bytes));
  const runs: ParsedRun[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (let some = reader.push(bytes.subarray(at, at + size)); some.length; some = reader.goOn()) runs.push(...some);
  }
  runs.push(...reader.end());
  return runs;
}

/** What `JSON.parse` makes of each run. */
function byJsonParse(bytes: Buffer): ParsedRun[] {
  const runs: ParsedRun[] = [];
  const options = optionsFor(bytes);
  let { fallbackTime } = options;
  const sink: ResultSink = {
    run: (value) => runs.push(parseRun(value, { ...options, fallbackTime })),
    broken: (item, message) => runs.push({ refusals: [{ item, reason: 'malformed', message }] }),
    document: (fields) => {
      const time = documentTimeOf(fields);
      if (typeof time === 'object') runs.push(time);
      fallbackTime = typeof time === 'number' ? time : options.fallbackTime;
    },
  };
  const splitter = new ResultSplitter(sink, { maxValueBytes: options.maxRunBytes });
  splitter.push(bytes);
  splitter.end();
  return runs;
}

function madeOf({ run, refusals }: ParsedRun): number {
  let made = 1;
  for (const { item, reason, message } of refusals) {
    hold(message.length <= 500, () => `a message has ${message.length} characters: ${message.slice(0, 100)}`);
    made += item.length + reason.length + message.length;
  }
  if (!run) hold(refusals.length > 0, 'there is neither a run nor a refusal');
  else {
    hold(run.scenario?.trim(), 'a run has no name');
    made += holdRun(run);
  }
  return made;
}

function inFull({ run, refusals }: ParsedRun): unknown {
  const { startTime, endTime, statedDuration, streams, scenario, region, encoder, bitrate } = run ?? {};
  const facts = { startTime, endTime, statedDuration, streams, scenario, region, encoder, bitrate };
  const samples = run?.samples.map(({ signal, series }) => [signal.name, JSON.stringify(series)]);
  return JSON.stringify([facts, run?.attributes, samples, refusals]);
}
