import { expect, it } from 'vitest';
import { allTaken, Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import plugin from './index.ts';
import { processMemory } from './memory.ts';

const MIB = 1024 * 1024;
const { signal } = new AbortController();

function limiterWith(config: object) {
  const context = createTestContext();
  return { ...context, stage: plugin.create(context.ctx, plugin.configSchema.parse(config)) };
}

it('hands runs on where there is memory', async () => {
  const { stage, runs } = limiterWith({ limit_mib: 100_000 });
  const run = Run.of({ scenario: 'a' });
  expect(await stage.consume([run], signal)).toEqual(allTaken);
  expect(runs).toEqual([run]);
});

it('defers runs where memory is short, and takes them again when others have let go of theirs', async () => {
  const limit = Math.ceil(processMemory().used() / MIB) + 200;
  const { stage, runs, logs, ownMetric } = limiterWith({
    check_interval: '10ms',
    limit_mib: limit,
    spike_limit_mib: 10,
  });
  await stage.start?.(signal);
  let ballast: Buffer[] = Array.from({ length: 30 }, () => Buffer.alloc(10 * MIB, 1));
  const run = Run.of({ scenario: 'a' });
  const { refused, deferred, cause } = await stage.consume([run], signal);
  expect([refused, deferred]).toEqual([[], [run]]);
  expect(cause?.message).toBe(`Wattline is short of memory: ${limit - 10} MiB are in use; send it again`);
  expect(await ownMetric('wattline_memory_limiter_refused_total')).toBe(1);
  await expect.poll(() => logs.join()).toContain('no data are taken');
  expect(ballast).toHaveLength(30);
  ballast = [];
  await expect.poll(async () => (await stage.consume([run], signal)).deferred, { timeout: 10_000 }).toEqual([]);
  expect(runs).toEqual([run]);
  await stage.shutdown?.(signal);
});

it('knows the memory of the machine or of its control group', () => {
  const { total, used } = processMemory();
  expect(used()).toBeGreaterThan(MIB);
  expect(total).toBeGreaterThan(used());
});

it.each([
  [{}, 'expected `limit_mib` or `limit_percentage`'],
  [{ limit_mib: 100, check_interval: '0s' }, 'expected a time above 0s'],
])('refuses a configuration that limits nothing: %j', (config, message) => {
  expect(plugin.configSchema.safeParse(config).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
