import fc from 'fast-check';
import { Gathered } from '../../plugins/receivers/prometheusremotewrite/gathered.ts';
import { Allowance, WriteLimitError } from '../../plugins/receivers/prometheusremotewrite/limits.ts';
import { MetadataMemory } from '../../plugins/receivers/prometheusremotewrite/metadata.ts';
import { Version1Reader } from '../../plugins/receivers/prometheusremotewrite/read-version-1.ts';
import { Version2Reader } from '../../plugins/receivers/prometheusremotewrite/read-version-2.ts';
import { SeriesLabels } from '../../plugins/receivers/prometheusremotewrite/series.ts';
import { Wire, WireError } from '../../plugins/receivers/prometheusremotewrite/wire.ts';
import type { Run } from '../../src/model/run.ts';
import type { WriteMessage } from '../../src/prometheus/index.ts';
import { first, type PlainSeries, writeRequest } from '../kit/remote-write.ts';
import { holdRun } from './hold-run.ts';
import { hold, holdSame, type Target } from './target.ts';

const LIMITS = { series: 100_000, samples: 250_000, labels: 1_000_000 };

interface Read {
  readonly into: Gathered;
  readonly runs: readonly Run[];
}

const text = fc.oneof(
  fc.constantFrom('', 'job', 'instance', '__name__', '__proto__', 'é', 'up_total'),
  fc.string({ maxLength: 6 }),
);
const sample = fc.record({
  value: fc.oneof(fc.double(), fc.constant(Number.NaN)),
  timestamp: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(1_790_000_000_000, 2 ** 53, 18_446_744_073_709)),
});
const series: fc.Arbitrary<PlainSeries> = fc.record({
  labels: fc
    .array(fc.tuple(text, text), { maxLength: 4 })
    .chain((more) => fc.constantFrom(more, [['__name__', 'a'] as [string, string], ...more])),
  samples: fc.array(sample, { maxLength: 4 }),
  exemplars: fc.array(sample, { maxLength: 1 }),
  histograms: fc.array(fc.record({ timestamp: fc.nat() }), { maxLength: 1 }),
  metadata: fc.record({ type: fc.nat({ max: 9 }), help: text, unit: text }),
  createdTimestamp: fc.constantFrom(0, 1, -1, 1_789_000_000_000),
});
const metadata = fc.record({ type: fc.nat({ max: 9 }), metricFamilyName: text, help: text, unit: text });

/** Requests of a version of remote write, as the receiver reads them. */
export function writeTarget(name: string, message: WriteMessage, parts: readonly string[]): Target<Read> {
  const reader = createReader(message);
  return {
    name,
    weight: 2,
    generated: fc
      .tuple(fc.array(series, { maxLength: 6 }), fc.array(metadata, { maxLength: 2 }))
      .map(([all, said]) => writeRequest(message, all, said)),
    words: [
      '\n\u0000',
      '\u0012\u0000',
      '*\u0000',
      '"\u0000',
      '\u000b',
      '\u000c',
      Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f),
    ],
    growing: parts.map((part) => ({ part })),
    read: (bytes) => read(reader, bytes),
    isRefusal: (error) => error instanceof WireError || error instanceof WriteLimitError,
    check({ into, runs }, bytes) {
      let [made, points] = [0, 0];
      for (const run of runs) {
        made += holdRun(run);
        points += run.pointCount;
      }
      hold(points + into.invalidSamples <= into.samples, () => `${into.samples} samples have become ${points} points`);
      for (const { series: one, problem } of into.invalid) made += one.length + problem.length;
      // What was read before must not show.
      const again = read(createReader(message), bytes);
      if (message !== first) holdSame(plain(again), plain({ into, runs }), 'another reader makes something else of it');
      return made;
    },
    most: { steps: 400, memory: 300, made: 5 },
  };
}

function createReader(message: WriteMessage) {
  const labels = new SeriesLabels({ resourceLabels: new Map([['node', 'host.name']]), replicaLabels: new Set(['r']) });
  return message === first ? new Version1Reader(labels, new MetadataMemory()) : new Version2Reader(labels);
}

function read(reader: ReturnType<typeof createReader>, bytes: Uint8Array): Read {
  const into = new Gathered();
  for (const _ of reader.read({ wire: new Wire(bytes), left: new Allowance(bytes.length, LIMITS), into }));
  return { into, runs: into.runs(undefined) };
}

function plain({ into: { samples, invalid }, runs }: Read): unknown {
  return { runs: runs.map((run) => run.toJSON()), samples, invalid };
}
