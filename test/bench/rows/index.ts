import type { Bench } from '../kit/row.ts';
import { blocking } from './blocking.ts';
import { grpc } from './grpc.ts';
import { impact } from './impact.ts';
import { live } from './live.ts';
import { metricsPage } from './metrics-page.ts';
import { once } from './once.ts';
import { otlp } from './otlp.ts';
import { push } from './push.ts';
import { remoteWrite } from './remote-write.ts';
import { start } from './start.ts';

/** All benches, in the order of the table. */
export const benches: readonly Bench[] = [
  once,
  metricsPage,
  blocking,
  start,
  push,
  otlp,
  grpc,
  remoteWrite,
  live,
  impact,
];
