import { describe, expect, it } from 'vitest';
import { chosenLabels } from './labels.ts';

const names = ['host.name', 'k8s.namespace.name', 'rack'];

describe('the labels that attributes become', () => {
  it('are those that are named, as text, where the resource has them', () => {
    expect(chosenLabels({ rack: 7, 'k8s.namespace.name': '', other: 'x' }, names)).toEqual({ rack: '7' });
    expect(chosenLabels({ rack: 7 }, [])).toEqual({});
  });

  it.each([
    ['a machine', { 'host.name': 'a' }, 'a'],
    ['a node', { 'k8s.node.name': 'node-1' }, 'node-1'],
    ['a pod on a node', { 'host.name': 'web-7d4b', 'k8s.pod.name': 'web-7d4b', 'k8s.node.name': 'node-1' }, 'node-1'],
    ['a pod that names no node', { 'host.name': 'web-7d4b', 'k8s.pod.uid': '5d2c' }, undefined],
    ['what `live` attributes to a pod', { 'host.name': 'a', 'stream.host': 'a', 'k8s.pod.name': 'web-7d4b' }, 'a'],
    ['a container', { 'host.name': '3f2e', 'container.id': '3f2e0a' }, undefined],
  ])('name the machine of %s', (_, attributes, host) => {
    expect(chosenLabels(attributes, names)['host.name']).toBe(host);
  });
});
