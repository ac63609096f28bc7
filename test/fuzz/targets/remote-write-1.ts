import { first } from '../../kit/remote-write.ts';
import { writeTarget } from '../hold-write.ts';

/** Requests of remote write 1.0. */
export default writeTarget('remote-write-1', first, [
  // Empty series, labels and samples, unknown fields, and series with a sample at the time 5.
  '\n\u0000',
  '\n\u0002\n\u0000',
  '\n\u0002\u0012\u0000',
  'z\u0000',
  '{|',
  `\n\u001c\n\u000d\n\b__name__\u0012\u0001m\u0012\u000b\t\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0010\u0005`,
]);
