import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueryTemplate } from './template.ts';

const expand = (text: string, values: Readonly<Record<string, string>> = {}) =>
  new QueryTemplate(text).expand('5000ms', (name) => values[name]);
const queryOf = (text: string, values?: Readonly<Record<string, string>>) => {
  const expanded = expand(text, values);
  return 'query' in expanded ? expanded.query : undefined;
};

/** What PromQL reads out of a string's contents, by the escapes of Go. */
function readContents(contents: string): string {
  return contents.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, code, character) =>
    code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

describe('a query', () => {
  it('is filled in with the values of a run and the step', () => {
    const text = `sum(rate(joules_total{host="{{ run.host }}", x='a-{{scenario}}'}[{{step}}]))`;
    expect(queryOf(text, { 'run.host': 'h1', scenario: 's 1' })).toBe(
      `sum(rate(joules_total{host="h1", x='a-s 1'}[5000ms]))`,
    );
  });

  it('without places is as it was written', () => {
    const text = 'a{b="\\"{c}"} # {{not}} a place\n+ d{e=`\\`} + f';
    expect(queryOf(text)).toBe(text);
  });

  it('names the value that a run lacks', () => {
    expect(expand('a{b="{{scenario}}", c="{{run.pod}}"}', { scenario: 'x' })).toEqual({ missing: 'run.pod' });
  });

  it('holds any value as text, in either kind of quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('"', "'"), (value, quote) => {
        const query = queryOf(`a{b=${quote}{{v}}${quote}}`, { v: value }) as string;
        const contents = query.slice('a{b="'.length, -'"}'.length);
        expect(contents).not.toMatch(/["'\n]/);
        expect(readContents(contents)).toBe(value);
      }),
    );
  });

  it('matches the text alone behind =~ and !~, and leaves the pattern around it', () => {
    const patternOf = (value: string, operator: string) => {
      const query = queryOf(`a{b${operator}"x{{v}}"}`, { v: value }) as string;
      return readContents(query.slice(`a{b${operator}"`.length, -'"}'.length));
    };
    expect(queryOf('a{b=~"{{v}}.*"}', { v: 'a.b' })).toBe('a{b=~"a\\\\.b.*"}');
    expect(queryOf('a{b=~"x",c="{{v}}"}', { v: 'a.b' })).toBe('a{b=~"x",c="a.b"}');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.constantFrom('=~', '!~', '=~ '), (value, other, operator) => {
        const pattern = new RegExp(`^(?:${patternOf(value, operator)})$`);
        expect(pattern.test(`x${value}`)).toBe(true);
        expect(other === value || !pattern.test(`x${other}`)).toBe(true);
      }),
      {
        examples: [
          ['a.b', 'axb', '=~'],
          ['a|b', 'a', '!~'],
          ['a+(b', 'aa', '=~'],
        ],
      },
    );
  });

  it.each([
    ['a{b={{v}}}', '{{v}} stands outside of a string; write it within "…", as in {job="{{v}}"}'],
    ['a{b=`{{v}}`}', '{{v}} stands within `…`, where nothing can be escaped'],
    ['a{b="c\\""}[{{v}}]', '{{v}} stands outside of a string'],
    ['a{b="{{}}"}', 'a `{{ }}` names nothing'],
    ['a{b="{{v"}', 'a `{{` has no closing `}}`'],
  ])('%s is refused', (text, said) => {
    expect(() => new QueryTemplate(text)).toThrow(said);
  });
});
