import { describe, expect, it } from 'vitest';
import { fingerprint, hostAttributes, hostKeys, identityOf, ownAttributes } from './identity.ts';

describe('the names of a host', () => {
  const namesOf = (attributes: object) => identityOf({ ...attributes }, hostKeys).names.map((name) => name.join('='));

  it('are those that a resource says, the strongest first', () => {
    const all = {
      'server.address': '10.0.0.5',
      'host.name': 'n',
      'host.id': 'i',
      'k8s.node.name': 'k',
      'k8s.node.uid': 'u',
    };
    const instance = { 'service.instance.id': '10.0.0.5:9100' };
    expect(namesOf({ ...all, ...instance })).toEqual([
      'k8s.node.uid=u',
      'k8s.node.name=k',
      'host.id=i',
      'host.name=n',
      'service.instance.id=10.0.0.5',
      'server.address=10.0.0.5',
    ]);
  });

  it.each([
    ['what is empty', { 'host.name': '' }],
    [
      'the machine itself',
      { 'service.instance.id': '127.0.0.1:9100', 'server.address': 'localhost', 'host.name': 'localhost' },
    ],
    ['an instance that is no address', { 'service.instance.id': '627cc493-f310-47de-96bd-71410b7dec09' }],
    ['a pod, where one is named', { 'host.name': 'web-7f', 'host.id': 'i', 'k8s.pod.name': 'web-7f' }],
    ['a container, where one is named', { 'host.name': '3ab1', 'container.id': '3ab1' }],
  ])('are not %s', (_, attributes) => expect(namesOf(attributes)).toEqual([]));

  it('are the attributes that are listed', () => {
    expect(identityOf({ rack: 7, 'host.name': 'n' }, ['rack']).names).toEqual([['rack', '7']]);
  });
});

it.each([
  [{ 'host.name': 'n' }, true],
  [{ 'k8s.pod.uid': 'p' }, true],
  [{ 'service.instance.id': '627cc493' }, true],
  [{ 'service.instance.id': 'localhost:9100', 'service.name': 'node' }, false],
  [{ 'service.name': 'web' }, false],
])('a sender of %o can be told from others: %s', (attributes, isNamed) => {
  expect(identityOf({ ...attributes }, hostKeys).isNamed).toBe(isNamed);
});

it('a fingerprint does not depend on the order of attributes', () => {
  expect(fingerprint({ a: 1, b: 'x' })).toBe(fingerprint({ b: 'x', a: 1 }));
  expect(fingerprint({ a: 1 })).not.toBe(fingerprint({ a: '1' }));
});

describe('what a host used', () => {
  const reporter = {
    'service.name': 'web',
    'service.instance.id': '10.0.0.5:80',
    'telemetry.sdk.name': 'x',
    'process.pid': 1,
    'k8s.namespace.name': 'shop',
    'k8s.deployment.name': 'web',
  };
  const ofHost = { 'host.name': 'n', 'k8s.node.name': 'k', 'k8s.cluster.name': 'c', 'cloud.region': 'r', team: 't' };

  it('says nothing of the pod, namespace and service that report it', () => {
    const attributes = { ...reporter, ...ofHost };
    expect(hostAttributes(attributes, identityOf(attributes, hostKeys).names)).toEqual({ ...ofHost, scenario: 'n' });
  });

  it('is not named by the pod that reports it', () => {
    const attributes = { 'host.name': 'web-7f', 'k8s.pod.name': 'web-7f', 'k8s.node.name': 'k' };
    const names = [['k8s.node.name', 'k']] as const;
    expect(hostAttributes(attributes, names)).toEqual({ 'k8s.node.name': 'k', scenario: 'k' });
  });

  it.each([
    ['the one that is stated', { scenario: 's', 'host.name': 'n', 'service.name': 'web' }, 's'],
    ['the name of the host', { 'host.name': 'n', 'k8s.node.name': 'k' }, 'n'],
    ['the address of the host', { 'server.address': '10.0.0.5', 'service.name': 'node' }, '10.0.0.5'],
    ['that of the service, where nothing names the host', { 'service.name': 'web' }, 'web'],
  ])('has as its scenario %s', (_, attributes, scenario) => {
    expect(hostAttributes({ ...attributes }, identityOf({ ...attributes }, hostKeys).names).scenario).toBe(scenario);
  });
});

it('the scenario of what a resource used itself is its own, else its service, else its host', () => {
  const scenarioOf = (attributes: object) => ownAttributes({ ...attributes }).scenario;
  expect(scenarioOf({ scenario: 's', 'service.name': 'web', 'host.name': 'n' })).toBe('s');
  expect(scenarioOf({ 'service.name': 'web', 'host.name': 'n' })).toBe('web');
  expect(scenarioOf({ 'host.name': 'n' })).toBe('n');
  expect(scenarioOf({})).toBeUndefined();
});
