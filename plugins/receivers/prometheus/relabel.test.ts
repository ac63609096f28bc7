import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Labels, type RelabelRule, relabelling } from './relabel.ts';

const defaults: RelabelRule = {
  action: 'replace',
  source_labels: [],
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  target_label: '',
  replacement: '$1',
};
const relabel = (labels: Labels, ...rules: Partial<RelabelRule>[]) =>
  relabelling(rules.map((rule) => ({ ...defaults, ...rule })))(labels);
const kept = (labels: Labels, ...rules: Partial<RelabelRule>[]) => relabel(labels, ...rules) !== undefined;

/** The cases are those that Prometheus has tests for (model/relabel/relabel_test.go at 000182e4). */
describe('replace', () => {
  it('puts groups of what matches into the target', () => {
    const rule = { source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch${1}-ch${1}' };
    expect(relabel({ a: 'foo', b: 'bar' }, rule)).toEqual({ a: 'foo', b: 'bar', d: 'choo-choo' });
  });

  it('joins its sources, and sees what the rules before it made', () => {
    const first = {
      source_labels: ['a', 'b'],
      regex: 'f(.*);(.*)r',
      target_label: 'a',
      replacement: 'b${1}${2}m',
    };
    const second = {
      source_labels: ['c', 'a'],
      regex: '(b).*b(.*)ba(.*)',
      target_label: 'd',
      replacement: '$1$2$2$3',
    };
    const labels = { a: 'foo', b: 'bar', c: 'baz' };
    expect(relabel(labels, first, second)).toEqual({ a: 'boobam', b: 'bar', c: 'baz', d: 'boooom' });
    expect(labels.a).toBe('foo');
  });

  it('changes nothing where the whole text does not match, and nothing has to stand there', () => {
    const rule = { source_labels: ['a'], target_label: 'b', replacement: 'bar' };
    expect(relabel({ a: 'boo' }, { ...rule, regex: 'o' })).toEqual({ a: 'boo' });
    expect(relabel({ a: 'boo' }, { ...rule, regex: 'b|o' })).toEqual({ a: 'boo' });
    expect(relabel({}, rule)).toEqual({ b: 'bar' });
    expect(relabel({ a: 'x\ny' }, { ...rule, regex: 'x.y' })).toEqual({ a: 'x\ny', b: 'bar' });
  });

  it('may make the name of the target, and makes none where that is empty', () => {
    const rule = { source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: '${2}', target_label: '${1}' };
    expect(relabel({ a: 'some-name-value' }, rule)).toEqual({ a: 'some-name-value', name: 'value' });
    expect(relabel({ a: 'some-name-value' }, { ...rule, target_label: '${3}' })).toEqual({ a: 'some-name-value' });
  });

  it('removes the target where the replacement is empty', () => {
    const rule = { source_labels: ['a'], regex: '(x)', target_label: 'b' };
    expect(relabel({ a: 'x', b: 'y' }, { ...rule, replacement: '${2}' })).toEqual({ a: 'x' });
    expect(relabel({ a: 'x', b: 'y' }, { ...rule, replacement: '' })).toEqual({ a: 'x' });
  });

  it('knows groups by number and by name, and takes the longest name', () => {
    const rule = { source_labels: ['a'], regex: '(?P<first>.)(?P<rest>.*)', target_label: 'b' };
    const made = (replacement: string) => relabel({ a: 'xyz' }, { ...rule, replacement })?.b;
    expect(made('${rest}-${first}-$rest')).toBe('yz-x-yz');
    expect(made('$0 $2 ${1}a')).toBe('xyz yz xa');
    expect(made('<$1a>')).toBe('<>');
    expect(made('$$1 $- $ ${ ${-}')).toBe('$1 $- $ ${ ${-}');
    expect(made('<${99}>')).toBe('<>');
  });

  it('takes targets apart as people do', () => {
    const from = (regex: string, target_label: string, replacement = '${1}') => ({
      source_labels: ['__meta_sd_tags'],
      regex,
      target_label,
      replacement,
    });
    const labels = { __meta_sd_tags: 'path:/secret,job:some-job,label:foo=bar' };
    expect(
      relabel(
        labels,
        from('(?:.+,|^)path:(/[^,]+).*', '__metrics_path__'),
        from('(?:.+,|^)job:([^,]+).*', 'job'),
        from('(?:.+,|^)label:([^=]+)=([^,]+).*', '${1}', '${2}'),
      ),
    ).toEqual({ ...labels, __metrics_path__: '/secret', job: 'some-job', foo: 'bar' });
    const port = {
      source_labels: ['__address__', '__meta_kubernetes_pod_annotation_prometheus_io_port'],
      regex: '([^:]+)(?::\\d+)?;(\\d+)',
      replacement: '$1:$2',
      target_label: '__address__',
    };
    const pod = { __address__: '10.1.2.3:80', __meta_kubernetes_pod_annotation_prometheus_io_port: '9100' };
    expect(relabel(pod, port)?.__address__).toBe('10.1.2.3:9100');
  });
});

describe('what is kept', () => {
  it('depends on the whole of what is joined', () => {
    const a = { source_labels: ['a'] };
    expect(kept({ a: 'foo' }, { ...a, action: 'drop', regex: '.*o.*' })).toBe(false);
    expect(kept({ a: 'foo' }, { ...a, action: 'drop', regex: 'no-match' })).toBe(true);
    expect(kept({ a: 'foo' }, { ...a, action: 'drop', regex: 'f|o' })).toBe(true);
    expect(kept({ a: 'foo' }, { ...a, action: 'keep', regex: 'no-match' })).toBe(false);
    expect(kept({ a: 'foo' }, { ...a, action: 'keep', regex: 'f.*' })).toBe(true);
    expect(kept({}, { ...a, action: 'keep', regex: '' })).toBe(true);
  });

  it('ends with the rule that drops', () => {
    const drop = { source_labels: ['a'], action: 'drop', regex: 'f.*' } as const;
    expect(relabel({ a: 'foo' }, drop, { target_label: 'b', replacement: 'c' })).toBeUndefined();
  });

  it.each([
    ['__port1', true, false],
    ['__port2', false, true],
    ['__none', false, true],
  ])('may depend on whether two are equal: %s', (target_label, isEqual, differs) => {
    const labels = { __tmp_port: '1234', __port1: '1234', __port2: '5678' };
    const rule = { source_labels: ['__tmp_port'], target_label };
    expect(kept(labels, { ...rule, action: 'keepequal' })).toBe(isEqual);
    expect(kept(labels, { ...rule, action: 'dropequal' })).toBe(differs);
  });
});

describe('hashmod', () => {
  it('is that of Prometheus', () => {
    const rule = { source_labels: ['c'], action: 'hashmod', target_label: 'd', modulus: 1000 } as const;
    expect(relabel({ c: 'baz' }, rule)?.d).toBe('976');
    expect(relabel({ c: 'foo\nbar' }, rule)?.d).toBe('734');
  });

  it('is the rest of the second half of the MD5, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1 }), (text, modulus) => {
        fc.pre(text.isWellFormed());
        const half = createHash('md5').update(text, 'utf8').digest('hex').slice(16);
        const rule = { source_labels: ['a'], action: 'hashmod', target_label: 'b', modulus } as const;
        expect(relabel({ a: text }, rule)?.b).toBe(String(BigInt(`0x${half}`) % BigInt(modulus)));
      }),
    );
  });
});

describe('names of labels', () => {
  const labels = { a: 'foo', b1: 'bar', b2: 'baz' };

  it('are mapped', () => {
    expect(relabel(labels, { action: 'labelmap', regex: '(b.*)', replacement: 'bar_${1}' })).toEqual({
      ...labels,
      bar_b1: 'bar',
      bar_b2: 'baz',
    });
    const meta = { __meta_my_bar: 'aaa', __meta_my_baz: 'bbb', __meta_other: 'ccc' };
    expect(relabel(meta, { action: 'labelmap', regex: '__meta_(my.*)' })).toEqual({
      ...meta,
      my_bar: 'aaa',
      my_baz: 'bbb',
    });
  });

  it('are dropped or kept', () => {
    expect(relabel(labels, { action: 'labeldrop', regex: '(b.*)' })).toEqual({ a: 'foo' });
    expect(relabel(labels, { action: 'labelkeep', regex: '(b.*)' })).toEqual({ b1: 'bar', b2: 'baz' });
  });

  it('may come back once they were dropped', () => {
    const port = '__meta_kubernetes_pod_container_port_name';
    const annotation = '__meta_kubernetes_pod_annotation_XXX_metrics_port';
    const rules = [
      { action: 'labeldrop', regex: `^${port}$` },
      { source_labels: [annotation], regex: '(.+)', replacement: 'metrics', target_label: port },
      { source_labels: [port], regex: '^metrics$', action: 'keep' },
    ] as const;
    expect(relabel({ [port]: 'foo', [annotation]: '9091' }, ...rules)).toEqual({
      [port]: 'metrics',
      [annotation]: '9091',
    });
  });

  it('may be any, those of objects too', () => {
    const odd = JSON.parse('{"__proto__":"x","constructor":"y"}');
    expect(relabel(odd, { action: 'labelkeep', regex: '__.*' })).toEqual(JSON.parse('{"__proto__":"x"}'));
    expect(relabel({}, { source_labels: ['constructor'], target_label: 'a', replacement: '<$1>' })).toEqual({
      a: '<>',
    });
  });
});

it('changes the case', () => {
  const rule = { source_labels: ['foo'] };
  expect(
    relabel(
      { foo: 'bAr123Foo' },
      { ...rule, action: 'uppercase', target_label: 'up' },
      { ...rule, action: 'lowercase', target_label: 'low' },
    ),
  ).toEqual({ foo: 'bAr123Foo', low: 'bar123foo', up: 'BAR123FOO' });
});

it('has no empty labels, before and after', () => {
  expect(relabel({ a: '', b: 'x' }, { source_labels: ['a'], target_label: 'b' })).toEqual({});
});
