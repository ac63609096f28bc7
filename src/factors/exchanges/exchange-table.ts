import { readSheet } from '../csv.ts';
import type { Table, TableOptions } from '../factor-table.ts';
import { entsoeLibrary, entsoePlatform } from './entsoe.ts';
import { epexAuction } from './epex.ts';
import { nordPoolElspot, nordPoolPortal } from './nord-pool.ts';
import type { Shape } from './shape.ts';
import { smardDownload } from './smard.ts';

const shapes: readonly Shape[] = [
  entsoePlatform,
  entsoeLibrary,
  nordPoolPortal,
  nordPoolElspot,
  epexAuction,
  smardDownload,
];

/** How many lines may be before the header, and how much of a line is looked at. */
const [MOST_LINES, MOST_CHARACTERS] = [20, 500];

/**
 * Returns the prices of a file that has the header of a power exchange, which alone decides; undefined where none of the
 * first lines is one. Throws a `TableError`.
 */
export function exchangeTable(text: string, options: TableOptions): Table | undefined {
  let start = 0;
  for (let count = 0; count < MOST_LINES; count++) {
    const shape = shapes.find(({ header }) => header.test(text.slice(start, start + MOST_CHARACTERS)));
    if (shape) return shape.read(readSheet(text, 'expected that of a power exchange', start), options);
    start = text.indexOf('\n', start) + 1;
    if (start === 0) break;
  }
  return undefined;
}
