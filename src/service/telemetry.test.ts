import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Secrets } from '../model/secrets.ts';
import { createTelemetry } from './telemetry.ts';

function benchOf(telemetry = createTelemetry()) {
  const lines: { msg: string; item?: string; reason?: string }[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const counted = async () => {
    const { resourceMetrics } = await telemetry.producer.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
    );
  };
  return { lines, counted, logger, telemetry };
}

describe('own metrics', () => {
  it('have no secret in their labels', async () => {
    const secrets = new Secrets();
    const { telemetry, counted } = benchOf(createTelemetry(secrets));
    const counter = telemetry.meters.getMeter('a').createCounter('b');
    counter.add(1, { target: 'host/?token=the-token', count: 3 });
    secrets.add('the-token');
    expect(await counted()).toEqual([['b', { target: 'host/?token=[REDACTED]', count: 3 }, 1]]);
  });
});

describe('what a component skips', () => {
  it('is counted by component, item and reason', async () => {
    const { telemetry, logger, counted } = benchOf();
    const file = telemetry.skipper('receiver', 'file/a', logger);
    const cost = telemetry.skipper('processor', 'cost', logger);
    file({ item: 'file', reason: 'unreadable', message: 'x' });
    file({ item: 'run', reason: 'no_name', message: 'y' });
    file({ item: 'run', reason: 'no_name', message: 'z' });
    cost({ item: 'run', reason: 'no_name', message: 'z' });
    expect(await counted()).toEqual([
      ['wattline_skipped_total', { receiver: 'file/a', item: 'file', reason: 'unreadable' }, 1],
      ['wattline_skipped_total', { receiver: 'file/a', item: 'run', reason: 'no_name' }, 2],
      ['wattline_skipped_total', { processor: 'cost', item: 'run', reason: 'no_name' }, 1],
    ]);
  });

  it('is logged ten times for each reason, and goes on being counted', async () => {
    const { telemetry, logger, lines, counted } = benchOf();
    const skip = telemetry.skipper('receiver', 'file', logger);
    for (let n = 0; n < 25; n++) skip({ item: 'run', reason: 'no_name', message: `run ${n}` });
    expect(lines.map(({ msg }) => msg)).toEqual([
      ...Array.from({ length: 10 }, (_, n) => `run ${n}`),
      'more of the same are counted in wattline_skipped_total only',
    ]);
    skip({ item: 'run', reason: 'no_samples', message: 'another reason' });
    expect(lines.at(-1)).toMatchObject({ msg: 'another reason', item: 'run', reason: 'no_samples' });
    expect((await counted()).map(([, , value]) => value)).toEqual([25, 1]);
  });

  it('is logged of twenty items with one reason, since a sender may make up as many as it likes', async () => {
    const { telemetry, logger, lines } = benchOf();
    const skip = telemetry.skipper('receiver', 'http', logger);
    for (let n = 0; n < 1000; n++) skip({ item: `name ${n}`, reason: 'not_a_number', message: `${n}` });
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)?.msg).toBe('more of this reason are counted in wattline_skipped_total only');
    skip({ item: 'name 0', reason: 'not_a_number', message: 'again' });
    expect(lines).toHaveLength(22);
  });

  it('does not mix with another service’s', async () => {
    const [first, second] = [benchOf(), benchOf()];
    first.telemetry.skipper('receiver', 'file', first.logger)({ item: 'a', reason: 'b', message: 'c' });
    expect(await first.counted()).toHaveLength(1);
    expect(await second.counted()).toEqual([]);
  });
});

it('gathers what components count with their own meters', async () => {
  const { telemetry, counted } = benchOf();
  telemetry.meters.getMeter('wattline/receiver/file').createCounter('files_read').add(2, { a: 'b' });
  expect(await counted()).toEqual([['files_read', { a: 'b' }, 2]]);
});
