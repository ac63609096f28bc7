import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { type Named, sampleRules } from './samples.ts';

const target = { job: 'node', instance: 'a:1', pod: 'exporter' };
function changed(job: object, name: string, labels: Named['labels'] = {}): Named | undefined {
  const static_configs = [{ targets: ['a:1'] }];
  const { scrape_configs } = configSchema.parse({ scrape_configs: [{ job_name: 'node', static_configs, ...job }] });
  const rules = sampleRules(scrape_configs[0] as (typeof scrape_configs)[number]);
  return rules ? rules({ name, labels }, target) : { name, labels };
}
const rules = (...metric_relabel_configs: object[]) => ({ metric_relabel_configs });

describe('metric_relabel_configs', () => {
  it('drop and keep samples by their name and labels', () => {
    const drop = rules({ source_labels: ['__name__'], regex: 'go_.*', action: 'drop' });
    expect(changed(drop, 'go_threads')).toBeUndefined();
    expect(changed(drop, 'joules', { zone: 'a' })).toEqual({ name: 'joules', labels: { zone: 'a' } });
    const keep = rules({ source_labels: ['zone'], regex: 'package.*', action: 'keep' });
    expect(changed(keep, 'joules', { zone: 'dram' })).toBeUndefined();
  });

  it('rename, and change labels', () => {
    const job = rules(
      { source_labels: ['__name__'], regex: 'my_(.*)', target_label: '__name__' },
      { source_labels: ['id'], target_label: 'gpu', replacement: 'gpu-$1' },
      { regex: 'id', action: 'labeldrop' },
      { target_label: '__tmp', replacement: 'x' },
    );
    expect(changed(job, 'my_power', { id: '7' })).toEqual({ name: 'power', labels: { gpu: 'gpu-7' } });
    expect(changed(rules({ target_label: '__name__', replacement: '' }), 'a')).toBeUndefined();
  });

  it('see the labels of the target, which the points do not repeat', () => {
    const job = rules({ source_labels: ['job', 'instance', 'zone'], target_label: 'all' });
    expect(changed(job, 'a', { zone: 'z' })).toEqual({ name: 'a', labels: { zone: 'z', all: 'node;a:1;z' } });
    const renaming = rules({ target_label: 'instance', replacement: 'b:2' });
    expect(changed(renaming, 'a')).toEqual({ name: 'a', labels: { instance: 'b:2' } });
  });
});

describe('honor_labels', () => {
  const labels = { instance: 'b:2', pod: 'app', zone: 'z' };

  it('lets the labels of the page win, unless it is false', () => {
    expect(changed({}, 'a', labels)).toEqual({ name: 'a', labels });
    expect(changed({ honor_labels: false }, 'a', labels)).toEqual({
      name: 'a',
      labels: { exported_instance: 'b:2', exported_pod: 'app', zone: 'z' },
    });
  });

  it('finds a name that is free', () => {
    const taken = { instance: 'b:2', exported_instance: 'c:3' };
    expect(changed({ honor_labels: false }, 'a', taken)?.labels).toEqual({
      exported_instance: 'c:3',
      exported_exported_instance: 'b:2',
    });
  });

  it('comes before the rules', () => {
    const job = { honor_labels: false, ...rules({ source_labels: ['exported_pod', 'pod'], target_label: 'x' }) };
    expect(changed(job, 'a', { pod: 'app' })?.labels).toEqual({ exported_pod: 'app', x: 'app;exporter' });
  });
});
