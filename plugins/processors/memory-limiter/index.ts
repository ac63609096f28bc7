import {
  deferAll,
  definePlugin,
  duration,
  emitsOf,
  foreignKeys,
  ignored,
  type Processor,
  type SourceContext,
  z,
} from 'wattline/plugin';
import { Limiter } from './limiter.ts';
import { refusalLimit } from './limits.ts';
import { processMemory } from './memory.ts';

const MIB = 1024 * 1024;

const refused = {
  name: 'wattline_memory_limiter_refused_total',
  unit: '{run}',
  description: 'Runs that were refused for want of memory, to be sent again, by `processor`',
} as const;

const mib = () => z.number().min(0).default(0);
const percentage = () => z.number().min(0).max(100).default(0);

const EVERY_CHECK = ignored('garbage is collected at each check that finds memory short');

const configSchema = z
  .strictObject({
    check_interval: duration()
      .prefault('1s')
      .describe('How often memory is looked at, and garbage collected where it is short'),
    limit_mib: mib().describe(
      'How much memory JavaScript objects and buffers may take, in MiB; `0` is what `limit_percentage` says',
    ),
    spike_limit_mib: mib().describe(
      'How much below `limit_mib` data begin to be refused, in MiB; `0` is a fifth of it',
    ),
    limit_percentage: percentage().describe(
      'The same limit in per cent of the memory of the control group, else of the machine',
    ),
    spike_limit_percentage: percentage().describe(
      'How much below `limit_percentage` data begin to be refused, in per cent of the same; `0` is a fifth of the limit',
    ),
  })
  .refine(({ limit_mib, limit_percentage }) => limit_mib > 0 || limit_percentage > 0, {
    error: 'expected `limit_mib` or `limit_percentage`',
  })
  .refine(({ check_interval }) => check_interval > 0, {
    error: 'expected a time above 0s',
    path: ['check_interval'],
  })
  .meta(
    foreignKeys({
      min_gc_interval_when_soft_limited: EVERY_CHECK,
      min_gc_interval_when_hard_limited: EVERY_CHECK,
      max_gc_interval_when_soft_limited: EVERY_CHECK,
      max_gc_interval_when_hard_limited: EVERY_CHECK,
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'memory_limiter',
  stability: 'beta',
  configSchema,
  emits: emitsOf([refused]),
  create: (ctx, config) => memoryLimiter(ctx, config),
});

function memoryLimiter({ id, logger, meter, next }: SourceContext, config: Config): Processor {
  const memory = processMemory();
  const limit = refusalLimit(config, memory.total);
  const limiter = new Limiter(limit, memory);
  const { name, ...rest } = refused;
  const counter = meter.createCounter(name, rest);
  counter.add(0, { processor: id });
  const shown = Math.round(limit / MIB);
  let timer: NodeJS.Timeout | undefined;
  let wasOver = false;
  return {
    async start() {
      logger.info(`takes data up to ${shown} MiB of memory`);
      timer = setInterval(() => {
        limiter.check();
        const { isOver } = limiter;
        if (isOver !== wasOver)
          logger.warn(isOver ? `memory is beyond ${shown} MiB: no data are taken` : 'takes data again');
        wasOver = isOver;
      }, config.check_interval).unref();
    },
    async consume(runs, signal) {
      if (!limiter.isOver) return next.consume(runs, signal);
      counter.add(runs.length, { processor: id });
      return deferAll(runs, new Error(`Wattline is short of memory: ${shown} MiB are in use; send it again`));
    },
    async shutdown() {
      clearInterval(timer);
    },
  };
}
