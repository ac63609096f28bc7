import { statedTime } from '../model/stated-time.ts';
import { type ParsedRun, refuse } from './run-of-fields.ts';
import { describe } from './samples.ts';

/**
 * Returns when a document says by its `test_date` that its runs ended, in seconds since 1970: a time without an offset is
 * UTC. Undefined where it says nothing, and a refusal where that is no time.
 */
export function documentTimeOf({ test_date: date }: Readonly<Record<string, unknown>>): number | ParsedRun | undefined {
  if (date === undefined || date === null) return undefined;
  const time = statedTime(date, 'UTC');
  if (typeof time === 'string')
    return refuse('test_date', 'invalid_field', `\`test_date\`, ${describe(date)}, ${time}`);
  // Ids of runs rest on whole milliseconds; what is cut off is more than the rounding of seconds since 1970.
  return Math.floor(time * 1000 + 0.0005) / 1000;
}
