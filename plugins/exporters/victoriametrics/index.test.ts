import { describe, expect, it } from 'vitest';
import type { QueuedExporter } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const signal = new AbortController().signal;

function parse(config: object) {
  return plugin.configSchema.safeParse(config);
}

describe('the configuration', () => {
  it('needs an endpoint and nothing else', () => {
    expect(parse({}).success).toBe(false);
    expect(parse({ endpoint: 'http://127.0.0.1:8428/' }).data).toMatchObject({
      endpoint: 'http://127.0.0.1:8428',
      include_samples: false,
      resource_labels: [],
      extra_labels: {},
      headers: {},
      compression: 'none',
    });
  });

  it.each([
    [{ endpoint: 'localhost:8428' }, 'expected a URL such as'],
    [{ endpoint: 'http://me:secret@127.0.0.1' }, 'put credentials into `headers`'],
    [{ endpoint: 'http://127.0.0.1/?token=x' }, 'put credentials into `headers`'],
    [{ endpoint: 'http://127.0.0.1', compression: 'zstd' }, 'gzip'],
    [{ endpoint: 'http://127.0.0.1', extra_labels: { a: 1 } }, 'string'],
    [{ endpoint: 'http://127.0.0.1', endpoints: 'x' }, 'endpoints'],
  ])('refuses %j', (config, said) => {
    expect(parse(config).error?.message).toContain(said);
  });

  it('with a header that HTTP does not allow is refused before anything starts', () => {
    const config = plugin.configSchema.parse({ endpoint: 'http://127.0.0.1', headers: { 'a b': 'c' } });
    expect(() => plugin.create(createTestContext().ctx, config)).toThrow(/a b/);
  });
});

it('starts and stops without a server, and says where it pushes to', async () => {
  const { ctx, logs } = createTestContext();
  const config = plugin.configSchema.parse({ endpoint: 'http://127.0.0.1:1', sending_queue: { num_consumers: 3 } });
  const exporter = plugin.create(ctx, config) as QueuedExporter;
  expect(exporter.queue).toMatchObject({ queue_size: 1000, num_consumers: 3, maxRuns: 500 });
  await exporter.start?.(signal);
  expect(logs).toEqual(['info: pushing to http://127.0.0.1:1']);
  await exporter.shutdown?.(signal);
});
