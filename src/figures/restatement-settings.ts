import { z } from 'zod';
import { duration, reference } from '../plugin/schema.ts';

/** The setting of a processor that values runs again when a factor is revised. */
export const restatementSetting = () =>
  z
    .strictObject({
      window: duration().prefault('72h').describe('How long after its end a run is valued again; `0s` is never'),
      max_runs: z
        .int()
        .positive()
        .default(10_000)
        .describe('How many runs are kept for that; beyond it the ones that came first stay as they are'),
      size_limit_mib: z.number().positive().default(64).describe('How much memory they may take, in MiB, likewise'),
      storage: reference('extension', 'storage')
        .optional()
        .describe('The extension that keeps them over a restart, such as `file_storage`; in memory where left out'),
    })
    .prefault({})
    .describe(
      'What becomes of figures when a provider or a file revises the price or intensity that they rest on: they are valued again, and handed on with the attribute `run.restated`',
    );

/** A checked setting; the window in milliseconds. */
export type RestatementConfig = z.output<ReturnType<typeof restatementSetting>>;
