import { expect, it } from 'vitest';
import { ownGroup, usageOf } from './cgroup-meter.ts';

const unified = '35 24 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';
const hybrid =
  '30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n36 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
const bound = '99 80 0:29 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n';

it.each([
  [unified, '0::/user.slice/session-2.scope\n', '/sys/fs/cgroup/user.slice/session-2.scope'],
  [unified, '0::/\n', '/sys/fs/cgroup/'],
  [hybrid, '9:cpu:/elsewhere\n0::/here\n', '/sys/fs/cgroup/unified/here'],
  [bound, '0::/docker/abc/inner\n', '/sys/fs/cgroup/inner'],
  ['30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n', '9:cpu:/elsewhere\n', undefined],
  [unified, '9:cpu:/elsewhere\n', undefined],
])('finds the group that a process is in (%#)', (mountinfo, cgroup, path) => {
  expect(ownGroup(mountinfo, cgroup)).toBe(path);
});

it('reads the seconds used', () => {
  expect(usageOf('usage_usec 534975\nuser_usec 526931\nsystem_usec 8044\n')).toBe(0.534975);
  expect(usageOf('nr_periods 0\n')).toBeUndefined();
});
