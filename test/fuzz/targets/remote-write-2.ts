import { second } from '../../kit/remote-write.ts';
import { writeTarget } from '../hold-write.ts';

/** Requests of remote write 2.0. */
export default writeTarget('remote-write-2', second, [
  // Symbols, empty series, labels by symbols that are there, samples, and unknown fields.
  '"\u0000',
  '"\u0001a',
  '*\u0000',
  '"\u0001a*\u0004\n\u0002\u0000\u0001',
  '*\u0002\u0012\u0000',
  'z\u0000',
  '{|',
]);
