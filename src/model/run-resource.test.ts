import { resourceFromAttributes } from '@opentelemetry/resources';
import { expect, it } from 'vitest';
import { type Factor, factorAttributes } from './factor.ts';
import { extendRun, factsOf, makeRun } from './run.ts';

const factor = (quantity: Factor['quantity'], value: number): Factor => ({
  id: `${quantity}/x`,
  quantity,
  value,
  unit: '1',
  source: 'a table',
  state: 'static',
});

it('reads as its own attributes with the records of its factors, of which the later ones win', () => {
  const run = makeRun({ scenario: 'a', gone: undefined }, 'test', []);
  const priced = extendRun(run, 'cost', [], undefined, [factor('price', 1), factor('core_price', 2)]);
  const both = extendRun(priced, 'cost/2', [], { power: 'predicted' }, [factor('price', 3)]);
  expect(Object.keys(run.resource.attributes)).toEqual(['scenario']);
  expect(priced.resource.attributes).toEqual({
    scenario: 'a',
    ...factorAttributes(factor('price', 1)),
    ...factorAttributes(factor('core_price', 2)),
  });
  expect(both.resource.attributes).toEqual({
    scenario: 'a',
    power: 'predicted',
    ...factorAttributes(factor('price', 3)),
    ...factorAttributes(factor('core_price', 2)),
  });
  expect(factsOf(priced)).toBe(factsOf(run));
  expect(factsOf(both).attributes).toEqual({ scenario: 'a', power: 'predicted' });
});

it('does as the SDK’s own resource does', () => {
  const attributes = { scenario: 'a', 'run.fps': 30 };
  const { resource } = makeRun(attributes, 'test', []);
  const official = resourceFromAttributes(attributes);
  expect(resource.getRawAttributes()).toEqual(official.getRawAttributes());
  const more = resourceFromAttributes({ scenario: 'b' }, { schemaUrl: 'https://example.org/1' });
  expect(resource.merge(more).attributes).toEqual(official.merge(more).attributes);
  expect(resource.merge(null)).toBe(resource);
});

it('keeps the schema URL of the resource that a run came with, and its factors', () => {
  const resource = resourceFromAttributes({ scenario: 'a' }, { schemaUrl: 'https://example.org/1' });
  const run = extendRun({ resource, scopeMetrics: [] }, 'cost', [], undefined, [factor('price', 1)]);
  expect(run.resource.schemaUrl).toBe('https://example.org/1');
  expect(run.resource.attributes).toMatchObject({ scenario: 'a', 'factor.price.value': 1 });
});

it('takes what is known for what is extended by nothing, and a changed record for that of the factor', () => {
  const run = makeRun({ scenario: 'a', region: 'x' }, 'test', []);
  const priced = extendRun(run, 'cost', [], undefined, [factor('price', 1)]);
  const changed = extendRun(priced, 'own', [], { region: undefined, 'factor.price.value': 7 });
  const record = { ...factorAttributes(factor('price', 1)), 'factor.price.value': 7 };
  expect(changed.resource.attributes).toEqual({ scenario: 'a', region: 'x', ...record });
  const again = extendRun(changed, 'cost/2', [], undefined, [factor('price', 3)]);
  expect(again.resource.attributes).toMatchObject({ scenario: 'a', 'factor.price.value': 3 });
  const more = resourceFromAttributes({ 'factor.price.value': 8 });
  expect(priced.resource.merge(more).attributes).toMatchObject({ region: 'x', 'factor.price.value': 8 });
});

it('is that of the moment, whatever becomes of the attributes that it was made of', () => {
  const attributes = { scenario: 'a' };
  const run = makeRun(attributes, 'test', []);
  attributes.scenario = 'b';
  expect(run.resource.attributes).toEqual({ scenario: 'a' });
});
