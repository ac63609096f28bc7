import { describe, expect, it } from 'vitest';
import { forSender } from './for-sender.ts';

describe('forSender', () => {
  it.each([
    ['no answer from http://vm.internal:8428/a?b=c within 10 s', 'no answer from a server within 10 s'],
    ['`https://u:p@h/`, (http://[::1]:80/x).', '`a server`, (a server).'],
    ['fetch failed: connect ECONNREFUSED 10.1.2.3:8428', 'fetch failed: connect ECONNREFUSED'],
    ['fetch failed: connect ECONNREFUSED ::1:8428; and more', 'fetch failed: connect ECONNREFUSED; and more'],
    ['getaddrinfo ENOTFOUND vm.internal', 'getaddrinfo ENOTFOUND'],
    ["does not match certificate's altnames: Host: vm. is not DNS:b", "does not match certificate's altnames"],
    ['the peer 10.1.2.3:80 or [fe80::1]:80 is away', 'the peer a server or a server is away'],
    ['version 1.2.3.4.5 of 2 runs at 12:30', 'version 1.2.3.4.5 of 2 runs at 12:30'],
  ])('names no other server: %s', (text, shown) => {
    expect(forSender(text)).toBe(shown);
  });
});
