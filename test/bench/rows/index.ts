import type { Bench } from '../kit/row.ts';
import { once } from './once.ts';

/** All benches, in the order of the table. */
export const benches: readonly Bench[] = [once];
