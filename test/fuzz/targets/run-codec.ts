import type { Run } from '../../../src/model/run.ts';
import { loadRunCodec } from '../../../src/pipeline/run-codec.ts';
import { requests } from '../arbitraries/otlp-requests.ts';
import { contentsOf, holdRun } from '../hold-run.ts';
import { holdSame, type Target } from '../target.ts';

const codec = await loadRunCodec();

/** Runs on a disk: entries of queues, and dead letters. */
const target: Target<Run> = {
  name: 'run-codec',
  generated: requests,
  words: ['\u000a\u0000', '\u0012\u0000', Buffer.of(0xff, 0x0f), '{', 'o', '"', Buffer.of(0xff, 0xff, 0xff, 0x0f)],
  growing: [{ part: '\u000a\u0000' }, { begin: '\u00ff', part: 'o{' }],
  read: (bytes) => codec.decode(bytes),
  // What is no run may be anything.
  isRefusal: (error) => error instanceof Error,
  check(run, bytes) {
    // What 0.1.0 wrote has a checksum, and is taken as it is.
    if (bytes[0] === 0xff) return run.pointCount;
    holdSame(contentsOf(codec.decode(bytes)), contentsOf(run), 'read again it is not the same');
    return holdRun(run) + 1;
  },
  most: { steps: 500, memory: 500, made: 1 },
};

export default target;
