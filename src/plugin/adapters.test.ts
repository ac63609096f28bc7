import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createTestContext } from '../../test/kit/context.ts';
import { fromProducer } from './adapters.ts';

const never = new AbortController().signal;

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A producer of the SDK with one counter that stands at 3. */
function counting(): Reader {
  const reader = new Reader();
  new MeterProvider({ readers: [reader] }).getMeter('test').createCounter('requests').add(3);
  return reader;
}

describe('a receiver from a producer', () => {
  it('hands over what is collected, at once or again and again', async () => {
    const { ctx, batches } = createTestContext();
    const receiver = fromProducer(ctx, counting(), 5);
    await receiver.readOnce?.(never);
    const [metric] = batches[0]?.scopeMetrics[0]?.metrics ?? [];
    expect(metric?.descriptor.name).toBe('requests');
    expect(metric?.dataPoints[0]?.value).toBe(3);
    await receiver.start?.(never);
    await expect.poll(() => batches.length).toBeGreaterThan(3);
    await receiver.shutdown?.(never);
    const before = batches.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(batches.length).toBe(before);
  });

  it('logs a collection that fails, and goes on', async () => {
    const messages: string[] = [];
    const logger = pino({}, { write: (line: string) => messages.push(JSON.parse(line).msg) });
    let failures = 2;
    const { ctx, batches } = createTestContext();
    const next = {
      async consume(batch: (typeof batches)[number]) {
        if (failures-- > 0) throw new Error('not now');
        batches.push(batch);
      },
    };
    const receiver = fromProducer({ ...ctx, next, logger }, counting(), 1);
    await receiver.start?.(never);
    await expect.poll(() => batches.length).toBeGreaterThan(0);
    await receiver.shutdown?.(never);
    expect(messages).toEqual(Array(2).fill('a collection failed: not now'));
  });
});
