import { expect, it } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { ownTextWriter } from './own-text.ts';

/** Metrics as Wattline's own telemetry collects them, of two scopes. */
async function collected() {
  const { ctx } = createTestContext();
  ctx.skip({ item: 'run', reason: 'no_name', message: '' });
  ctx.meter.createHistogram('wattline_took', { unit: 's', description: 'a\nb' }).record(0.5, { stage: 'a "b"' });
  const { resourceMetrics } = await ctx.telemetry.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

it("writes Wattline's own metrics without `target_info` and labels of scopes", async () => {
  const text = await ownTextWriter(false)(await collected());
  expect(text).toMatch(/^# HELP wattline_skipped_total .*\n# TYPE wattline_skipped_total counter\n/);
  expect(text).toContain('wattline_skipped_total{component="tested",item="run",reason="no_name"} 1\n');
  expect(text).toContain('# HELP wattline_took a\\nb\n# UNIT wattline_took s\n# TYPE wattline_took histogram\n');
  expect(text).toContain('wattline_took_bucket{stage="a \\"b\\"",le="+Inf"} 1\n');
  expect(text).not.toMatch(/target_info|otel_scope/);
});
