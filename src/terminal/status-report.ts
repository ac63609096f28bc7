import { z } from 'zod';

const count = z.number().optional();
const points = z.object({ in: count, out: count, refused: count, failed: count });

const failure = z.object({ message: z.string(), time: z.coerce.date() });

const stage = z.object({
  kind: z.string(),
  id: z.string(),
  state: z.string(),
  points: points.optional(),
  points_per_second: points.optional(),
  queue: z.object({ size: z.number(), capacity: z.number() }).optional(),
  last_error: failure.optional(),
  blocked: failure.optional(),
});

/** The part of the JSON at `/status` that the terminal shows. */
export const statusReport = z.object({
  state: z.string(),
  time: z.coerce.date(),
  up_since: z.coerce.date().optional(),
  version: z.string().optional(),
  process: z.object({ cpu_cores: z.number().optional(), memory_rss_bytes: z.number().optional() }),
  pipelines: z.array(z.object({ id: z.string(), state: z.string(), stages: z.array(stage) })),
  skipped: z.array(z.object({ component: z.string(), item: z.string(), reason: z.string(), count: z.number() })),
});

export type StatusReport = z.output<typeof statusReport>;
export type StageReport = z.output<typeof stage>;
