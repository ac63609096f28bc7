/** `wattline/results`: runs of results files. */
export { timeZone } from '../plugin/schema.ts';
export { parseRun, ResultReader, type ResultsPlace, readResults } from './reader.ts';
export {
  type ParsedRun,
  type ResultRefusal,
  ResultsLimitError,
  type ResultsOptions,
  resultRunId,
} from './run-of-fields.ts';
