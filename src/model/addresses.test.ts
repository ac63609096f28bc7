import { expect, it } from 'vitest';
import { hostOfAddress, isLoopback, peerOf } from './addresses.ts';

it.each([
  'localhost',
  'LOCALHOST',
  'localhost.localdomain',
  '127.0.0.1',
  '127.8.9.1',
  '::1',
  '[::1]',
  '0.0.0.0',
  '::',
  '::ffff:127.0.0.1',
])('%s is the machine itself', (host) => expect(isLoopback(host)).toBe(true));

it.each(['node-1', 'localhost-2', '10.0.0.5', '128.0.0.1', 'fe80::1', '::2'])('%s is another machine', (host) =>
  expect(isLoopback(host)).toBe(false),
);

it.each([
  ['10.0.0.5:9100', '10.0.0.5'],
  ['[fe80::1]:9100', 'fe80::1'],
  ['node-1:80', 'node-1'],
  ['627cc493-f310-47de-96bd-71410b7dec09', undefined],
  ['node-1', undefined],
])('the host of %s is %s', (address, host) => expect(hostOfAddress(address)).toBe(host));

it.each([
  ['10.0.0.5', '10.0.0.5'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['fe80::1', 'fe80::1'],
  ['::ffff:127.0.0.1', undefined],
  ['::1', undefined],
  [undefined, undefined],
])('the peer at %s is %s', (address, peer) => expect(peerOf(address)).toBe(peer));
