import { expect, it } from 'vitest';
import { hostCpuSeconds, parseProcessStat, readProcess, readProcesses, TICKS_PER_SECOND } from './proc-stat.ts';

const rest = '20 7 7 0 -1 4194560 100 2000 0 0 150 25 300 12 20 0 4 0 123456 1000000 500';

it('reads the times of a process, whatever its program is called', () => {
  for (const name of ['ffmpeg', 'a b', 'a) S 1 (b', '((', '']) {
    expect(parseProcessStat(`42 (${name}) S ${rest} 18446744073709551615\n`)).toEqual({
      pid: 42,
      isZombie: false,
      parent: 20,
      session: 7,
      started: 123456,
      own: 175,
      reaped: 312,
    });
  }
  expect(parseProcessStat(`42 (x) Z ${rest}`)?.isZombie).toBe(true);
  expect(parseProcessStat('')).toBeUndefined();
  expect(parseProcessStat('42 (x) S 1 2')).toBeUndefined();
});

it('finds this process among all, with the time that getrusage gives', () => {
  const until = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < until);
  const own = readProcess('self');
  const { user, system } = process.cpuUsage();
  expect(own?.pid).toBe(process.pid);
  expect(Math.abs((own?.own ?? 0) / TICKS_PER_SECOND - (user + system) / 1e6)).toBeLessThan(0.05);
  expect(readProcesses().find(({ pid }) => pid === process.pid)).toMatchObject({ parent: process.ppid });
  expect(readProcess(2 ** 30)).toBeUndefined();
});

it('adds up what the host has done, without idling, waiting and what others took from it', () => {
  expect(hostCpuSeconds('cpu  100 20 30 4000 500 6 7 800 90 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n')).toBeCloseTo(1.63, 12);
  expect(hostCpuSeconds()).toBeGreaterThan(0);
});
