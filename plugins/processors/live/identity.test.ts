import { describe, expect, it } from 'vitest';
import { fingerprint, hostOf, liveScenario } from './identity.ts';

describe('the host of a resource', () => {
  it.each([
    [{ 'host.id': 'id', 'host.name': 'name' }, 'id'],
    [{ 'host.name': 'name', 'server.address': '10.0.0.1' }, 'name'],
    [{ 'k8s.node.name': 'node', 'service.instance.id': '10.0.0.1:9100' }, 'node'],
    [{ 'server.address': '10.0.0.1', 'service.instance.id': 'x' }, '10.0.0.1'],
    [{ 'service.instance.id': '10.0.0.1:9100' }, '10.0.0.1'],
    [{ 'service.instance.id': '[::1]:9100' }, '[::1]'],
  ])('of %j is %s', (attributes, expected) => {
    expect(hostOf(attributes)).toBe(expected);
  });

  it('that says nothing of it is one of its own', () => {
    const attributes = { 'service.name': 'a', 'service.instance.id': 'b7a4', 'host.name': '' };
    expect(hostOf(attributes)).toBe(fingerprint(attributes));
    expect(hostOf({ ...attributes, 'service.instance.id': 'c8' })).not.toBe(hostOf(attributes));
  });
});

it('a fingerprint does not depend on the order of attributes', () => {
  expect(fingerprint({ a: 1, b: 2 })).toBe(fingerprint({ b: 2, a: 1 }));
  expect(fingerprint({ a: 1 })).not.toBe(fingerprint({ a: '1' }));
});

it('the scenario is its own, else its service, else its host', () => {
  const all = { scenario: 's', 'service.name': 'v', 'host.name': 'h' };
  expect(liveScenario(all)).toBe('s');
  expect(liveScenario({ ...all, scenario: '' })).toBe('v');
  expect(liveScenario({ 'host.name': 'h' })).toBe('h');
  expect(liveScenario({})).toBeUndefined();
});
