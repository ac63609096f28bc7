import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { labelsOf, targetFacts } from './targets.ts';

const jobOf = (job: object) => {
  const static_configs = [{ targets: ['a:1'] }];
  const { scrape_configs } = configSchema.parse({ scrape_configs: [{ job_name: 'node', static_configs, ...job }] });
  return scrape_configs[0] as (typeof scrape_configs)[number];
};
const found = (labels: Record<string, string>, job: object = {}) => {
  const whole = jobOf(job);
  return targetFacts(labelsOf({ __address__: '10.0.0.5:9100', ...labels }, whole), whole, false);
};

describe('the labels before relabelling', () => {
  it('are those of Prometheus, and those found win', () => {
    const job = jobOf({
      scheme: 'https',
      scrape_interval: '1m30s',
      scrape_timeout: '500ms',
      params: { module: ['a', 'b'], target: ['x'], empty: [] },
    });
    expect(labelsOf({ __address__: 'a:1', __param_target: 'y', job: 'other' }, job)).toEqual({
      __address__: 'a:1',
      __scheme__: 'https',
      __metrics_path__: '/metrics',
      __scrape_interval__: '1m30s',
      __scrape_timeout__: '500ms',
      __param_module: 'a',
      __param_target: 'y',
      job: 'other',
    });
  });
});

describe('a target', () => {
  it('is what its labels say', () => {
    const labels = {
      __scheme__: 'https',
      __metrics_path__: '/federate',
      __scrape_interval__: '15s',
      __scrape_timeout__: '20s',
      job: 'other',
      instance: 'node-5',
      host_name: 'node-5',
      'k8s.node.name': 'n5',
      zone: 'a',
      __tmp: 'gone',
      __meta_filepath: 'gone',
    };
    expect(found(labels)).toEqual({
      url: 'https://10.0.0.5:9100/federate',
      host: '10.0.0.5',
      name: 'node-5',
      interval: 15_000,
      timeout: 15_000,
      labels: { job: 'other', instance: 'node-5', host_name: 'node-5', 'k8s.node.name': 'n5', zone: 'a' },
      attributes: {
        'service.name': 'other',
        'service.instance.id': 'node-5',
        'server.address': '10.0.0.5',
        'server.port': 9100,
        'host.name': 'node-5',
        'k8s.node.name': 'n5',
        zone: 'a',
      },
    });
  });

  it('is called by its address where no label says more', () => {
    const { name, labels, attributes } = found({ __address__: '[::1]:9100' });
    expect([name, labels.instance]).toEqual(['[::1]:9100', '[::1]:9100']);
    expect(attributes).toEqual({
      'service.name': 'node',
      'service.instance.id': '[::1]:9100',
      'server.address': '::1',
      'server.port': 9100,
      'host.name': hostname(),
    });
    expect(found({ __address__: 'plain' }).url).toBe('http://plain/metrics');
    expect(found({ __address__: 'plain' }).attributes).not.toHaveProperty(['server.port']);
  });

  it('is asked with all parameters, of which labels have the first value', () => {
    const job = { metrics_path: '/probe?x=1', params: { module: ['a', 'b'], 'match[]': ['{x="y"}'] } };
    const { url } = found({ __param_module: 'c', __param_target: 'pdu 7:80' }, job);
    expect(new URL(url).pathname).toBe('/probe');
    expect([...new URL(url).searchParams]).toEqual([
      ['x', '1'],
      ['module', 'c'],
      ['module', 'b'],
      ['match[]', '{x="y"}'],
      ['target', 'pdu 7:80'],
    ]);
  });

  it('is the machine that it is asked for', () => {
    const probed = found({ __param_target: 'http://pdu-7:80/' });
    expect(probed.attributes).toEqual({
      'service.name': 'node',
      'service.instance.id': 'http://pdu-7:80/',
      'server.address': 'pdu-7',
    });
    expect(found({ __param_target: 'pdu-7', instance: 'pdu-7.example' }).attributes).toEqual({
      'service.name': 'node',
      'service.instance.id': 'pdu-7.example',
      'server.address': 'pdu-7',
    });
  });

  it('that is listed, in a job without rules, has its labels for attributes as they are', () => {
    const job = jobOf({});
    const labels = labelsOf({ __address__: 'a:1', instance: 'b', job: 'c', host_name: 'd' }, job);
    expect(targetFacts(labels, job, true)).toMatchObject({
      name: 'a:1',
      attributes: {
        'service.name': 'node',
        'service.instance.id': 'a:1',
        'server.address': 'a',
        'server.port': 1,
        instance: 'b',
        job: 'c',
        host_name: 'd',
      },
    });
  });

  it.each([
    [{ __address__: '' }, '`__address__` must be host:port'],
    [{ __address__: 'http://a:1' }, '`__address__` must be host:port, and is `http://a:1`'],
    [{ __address__: 'a:1/metrics' }, '`__address__`'],
    [{ __address__: 'a:1?x' }, '`__address__`'],
    [{ __address__: 'u@a:1' }, '`__address__`'],
    [{ __address__: 'a:70000' }, '`__address__`'],
    [{ __scheme__: 'ftp' }, '`__scheme__` of 10.0.0.5:9100 must be http or https, and is `ftp`'],
    [{ __scrape_interval__: 'often' }, '`__scrape_interval__` must be a duration up to 24h, and is `often`'],
  ])('is none with the labels %j', (labels, message) => {
    expect(() => found(labels)).toThrow(message);
  });
});
