import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { describeMeasure } from './command-line.ts';
import { parseMeasure, pricesFor } from './options.ts';

/** What the command line comes to after `wattline measure`. */
function parse(...args: string[]) {
  let parsed: ReturnType<typeof parseMeasure> | undefined;
  const program = new Command().enablePositionalOptions();
  describeMeasure(program.command('measure')).action((words, options) => {
    parsed = parseMeasure(words, options);
  });
  program.parse(['measure', ...args], { from: 'user' });
  return parsed as ReturnType<typeof parseMeasure>;
}

function problems(...args: string[]): string[] {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('parseMeasure', () => {
  it('leaves the options of the command to the command', () => {
    for (const args of [
      ['--name', 'a', '--', 'tool', '-i', 'x', '--name', 'b', '--', 'y'],
      ['--name', 'a', 'tool', '-i', 'x', '--name', 'b', '--', 'y'],
    ]) {
      const { commands } = parse(...args);
      expect(commands).toEqual([
        {
          commandLine: ['tool', '-i', 'x', '--name', 'b', '--', 'y'],
          name: 'a',
          streams: undefined,
          bitrate: undefined,
          encoder: undefined,
        },
      ]);
    }
    expect(parse('--', '/usr/bin/tool', '-h').commands[0]).toMatchObject({ name: 'tool' });
  });

  it('takes times in seconds or as durations', () => {
    expect(parse('tool').options).toMatchObject({ interval: 1, repeat: 1 });
    expect(parse('--duration', '60', '--interval', '200ms', 'tool').options).toMatchObject({
      duration: 60,
      interval: 0.2,
    });
    expect(parse('--duration', '1m30s', '--interval', '0.5', 'tool').options).toMatchObject({
      duration: 90,
      interval: 0.5,
    });
  });

  it('splits two commands, and tells them apart', () => {
    const named = parse('--compare', '--name', 'x264', '--name', 'x265', '--streams', '4', '--', 'a', '-x', '--', 'b');
    expect(named.commands).toMatchObject([
      { commandLine: ['a', '-x'], name: 'x264', streams: 4 },
      { commandLine: ['b'], name: 'x265', streams: 4 },
    ]);
    const names = (...args: string[]) => parse('--compare', ...args).commands.map(({ name }) => name);
    expect(names('--', 'a', '--', 'b')).toEqual(['a', 'b']);
    expect(names('--', 'a', '1', '--', 'a', '2')).toEqual(['a A', 'a B']);
    expect(names('--name', 'test', '--', 'a', '--', 'b')).toEqual(['test A', 'test B']);
  });

  it.each([
    [['--interval', '2x', 'tool'], ['--interval: expected a duration such as 5s, 200ms or 1h30m, not "2x"']],
    [['--interval', '10ms', 'tool'], ['--interval: expected 0.1s or more, not "10ms"']],
    [['--duration', '0', 'tool'], ['--duration: expected a time above 0, not "0"']],
    [['--repeat', '0', 'tool'], ['--repeat: expected a whole number, 1 or more, not "0"']],
    [['--streams', '1.5', 'tool'], ['--streams: expected a whole number, 0 or more, not "1.5"']],
    [
      ['--usd-per-kwh', '31', '--kg-per-kwh', '382', 'tool'],
      [
        '--usd-per-kwh: 31 is not plausible; expected at most 10 USD/kWh; if it is in cents, that is 0.31; if it is of a MWh, 0.031',
        '--kg-per-kwh: 382 is not plausible; expected at most 3 kg/kWh; if it is in grams, that is 0.382',
      ],
    ],
    [['--usd-per-kwh', '-1', 'tool'], ['--usd-per-kwh: expected a number of 0 or more, not "-1"']],
    [
      ['--vmaf', 'a.mp4', 'tool'],
      ['--vmaf: it is expected together with --encoded, the video that the command writes'],
    ],
    [['--crf', 'x', 'tool'], ['--crf: expected a number of 0 or more, not "x"']],
    [['--name', 'a', '--name', 'b', 'tool'], ['--name: it is given 2 times for 1 command']],
    [['--idle-watts', '5', 'tool'], ['--max-watts: it is expected together with --idle-watts']],
    [['--idle-watts', '5', '--max-watts', '4', 'tool'], ['--max-watts: expected at least the 5 W of --idle-watts']],
    [
      ['--region', 'ca-west-1', 'tool'],
      ['--usd-per-kwh: expected, since no price of electricity is known for ca-west-1'],
    ],
    [['--compare', 'tool'], [expect.stringContaining('--compare: expected two commands')]],
    [['--compare', '--', 'a', '--', 'b', '--', 'c'], [expect.stringContaining('--compare: expected two commands')]],
    [['--compare', '--', 'a', '--'], [expect.stringContaining('--compare: expected two commands')]],
    [['--region', 'mars', 'tool'], ['--region: expected a region that `wattline regions` lists, not "mars"']],
  ])('refuses %j', (args, expected) => {
    expect(problems(...args)).toEqual(expected);
  });
});

describe('pricesFor', () => {
  it("takes the region's, or the given ones, and says which", () => {
    const free = pricesFor(parse('tool').options);
    expect(free.prices).toEqual({ usdPerKwh: 0.13, kgPerKwh: 0.45, usdPerCoreHour: 0.5 });
    expect(free.notes[0]).toMatch(/^Electricity: 0.13 USD\/kWh, us-east-1, since no --region is given \(/);
    expect(free.notes[0]).toMatch(/; a table says 0.0899 USD\/kWh: EIA, average price to industry, Virginia, 2024\.$/);
    expect(free.notes[2]).toBe(
      'Compute: 0.5 USD a core-hour, since no --usd-per-core-hour is given (Wattline default, no source given, unverified, 2025).',
    );
    const given = pricesFor(
      parse('--region', 'eu-north-1', '--usd-per-kwh', '0', '--usd-per-core-hour', '0.04', 'tool').options,
    );
    expect(given.prices).toEqual({ usdPerKwh: 0, kgPerKwh: 0.12, usdPerCoreHour: 0.04 });
    expect(given.notes[0]).toBe('Electricity: 0 USD/kWh, as given.');
    expect(given.notes[2]).toBe('Compute: 0.04 USD a core-hour, as given.');
    expect(given.notes[1]).toMatch(/^Carbon intensity: 0.12 kg CO2e\/kWh, eu-north-1 \(/);
  });
});
