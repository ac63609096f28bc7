import { describe, expect, it } from 'vitest';
import { JOULES_PER_KWH } from '../../figures/integrate.ts';
import { measure } from '../../figures/measure.ts';
import { type Spread, spreadOf } from '../../figures/spread.ts';
import type { Run } from '../../model/run.ts';
import { hostPower } from '../../model/signals.ts';
import { parseRun } from '../../results/index.ts';
import type { Proposal, ValuedRun } from '../advice.ts';
import { movedTo, numbered } from '../changed-runs.ts';
import { differenceInterval, type Estimate, type Sampled } from '../mean-interval.ts';
import { adviseOnSettings } from './advise-settings.ts';

/** A run of ten seconds that encoded something. */
function encoded(name: string, fields: Record<string, unknown>): Run {
  const start = 1_796_000_000 + 60 * Number(/\d+$/.exec(name)?.[0] ?? 0);
  const times = { start_time: start, end_time: start + 10, duration: 10, step_seconds: 10 };
  const { run } = parseRun({ name, content: 'bbb', encoder_type: 'libx264', ...times, ...fields }, {});
  return run as Run;
}

/** What a pipeline makes of runs that has one price of electricity. */
function valued(raw: Run): ValuedRun {
  const joules = measure(raw, hostPower).value;
  if (joules === undefined) return { raw, valued: raw, amounts: {} };
  const amounts = { energy: { value: joules }, usd: { value: (joules / JOULES_PER_KWH) * 0.13 } };
  return { raw, valued: raw, amounts };
}

const repeated = (preset: string, watts: number, vmaf: number, fields = {}) =>
  [1, 2, 3].map((i) => {
    const power = watts * (1 + 0.001 * i);
    const bits = { output_bytes: 1_000_000, output_bits_per_second: 800_000 };
    const all = { preset, bitrate: '800k', vmaf_score: vmaf, ...bits, ...fields };
    return encoded(`${preset} #${i}`, { ...all, power_watts: [power, power] });
  });

const slow = repeated('slow', 40, 93.2);
const fast = repeated('veryfast', 10, 92.9);
const sampled = (runs: readonly Run[]): Sampled => {
  const { mean, deviation = 0 } = spreadOf(runs.map((run) => joules([run]))) as Spread;
  return { value: mean, error: deviation / Math.sqrt(runs.length), runs: runs.length };
};
const value = async (runs: readonly Run[]) => runs.map(valued);
const advise = (runs: readonly Run[]) =>
  adviseOnSettings(numbered(runs).map(valued), { value, idleLimit: 900, settings: { tolerance: 1 } });
const joules = (runs: readonly Run[]) => runs.reduce((all, run) => all + (measure(run, hostPower).value as number), 0);

describe('advice on settings', () => {
  it('says what to do, what it assumes and how to check it', () => {
    const { proposals, silences } = advise([...slow, ...fast]);
    expect(silences).toEqual([]);
    const [{ apply, ends, ...proposal }] = proposals as [Proposal];
    expect(proposal).toEqual({
      kind: 'settings',
      id: 'settings-bbb-libx264-slow-800k-to-libx264-veryfast-800k',
      title: 'Encode bbb with libx264 veryfast 800k in place of libx264 slow 800k',
      aim: 'usd',
      assumes: [
        'VMAF 92.9 ± 0 in place of 93.2 ± 0 is good enough: within 1',
        'the same bits are delivered, and what delivery takes does not change with it',
        'cost of a run: 0.000003618 ± 3.6e-9 USD in place of 0.00001447 ± 1.4e-8 USD',
        'energy of a run: 100.2 ± 0.1 J in place of 400.8 ± 0.4 J',
        'other contents do as this one did in 3 runs and 3 runs',
      ],
      check:
        'wattline measure --compare --repeat 5 --content bbb --encoder libx264 --encoder libx264 --preset slow --preset veryfast --bitrate 800k --bitrate 800k --encoded out.mp4 --vmaf reference.mp4 -- <now> -- <then>',
    });
    expect([apply, ...(ends ?? [])].map((one) => typeof one)).toEqual(['function', 'function', 'function']);
  });

  it('puts measured runs of the other setting in the places of these, at their times, and changes no others', () => {
    const other = encoded('other 9', { power_watts: [5, 5] });
    const more = repeated('slow', 41, 93.2).map((run) =>
      run.with({ attributes: { 'run.id': `again ${run.scenario}` } }),
    );
    const runs = numbered([...slow, other, ...fast, ...more]);
    const [{ apply, ends = [] }] = advise(runs).proposals as [Proposal];
    const then = apply(runs);
    expect(then.slice(3, 7).every((run, i) => run === runs[3 + i])).toBe(true);
    const changed = [...then.slice(0, 3), ...then.slice(7)];
    expect(changed.map(({ attributes }) => attributes['run.preset'])).toEqual(Array(6).fill('veryfast'));
    expect(then.map(({ startTime, attributes }) => [startTime, attributes['run.id']])).toEqual(
      runs.map(({ startTime, attributes }) => [startTime, attributes['run.id']]),
    );
    const saved = joules(slow) + joules(more) - 2 * joules(fast);
    expect(joules(runs) - joules(then)).toBeCloseTo(saved, 9);
    const [most = 0, least = 0] = ends.map((end) => joules(runs) - joules(end(runs)));
    expect(most).toBeGreaterThan(saved);
    expect(least).toBeLessThan(saved);
    // Their interval is that of the difference of the means, for the six runs that change.
    const { value, upper } = differenceInterval(sampled([...slow, ...more]), sampled(fast), 0.9) as Estimate;
    expect(most - saved).toBeCloseTo(6 * (upper - value), 9);
  });

  it('says a check that a shell takes, whatever the content is named', () => {
    const named = [...slow, ...fast].map((run) => run.with({ attributes: { 'run.content': "it's; rm -r *" } }));
    expect(advise(named).proposals[0]?.check).toContain(" --content 'it'\\''s; rm -r *' --encoder libx264 ");
  });

  it('weighs no total cost against one of energy alone', () => {
    const all = numbered([...slow, ...fast]).map(valued);
    const money = all.map((run, i): ValuedRun => ({ ...run, money: i < slow.length ? 'total' : 'energy' }));
    const { proposals, silences } = adviseOnSettings(money, { value, idleLimit: 900 });
    expect([proposals, silences.map(({ reason }) => reason)]).toEqual([[], ['one_setting', 'one_setting']]);
  });

  it('leaves what other advice has made of the runs as it is', () => {
    const runs = numbered([...slow, ...fast]);
    const [{ apply }] = advise(runs).proposals as [Proposal];
    const then = apply(runs.map((run) => movedTo(run, 'eu-north-1')));
    expect(then.map(({ region, attributes }) => [region, attributes['run.preset']])).toEqual(
      runs.map(() => ['eu-north-1', 'veryfast']),
    );
    expect(joules(apply(then))).toBe(joules(then));
  });

  it('does not add tolerances up where settings give way in turn', () => {
    const runs = numbered([...slow, ...fast, ...repeated('ultrafast', 5, 92.1)]);
    const { proposals } = advise(runs);
    const step = (from: string, to: string) => {
      const found = proposals.find(({ id }) => id.includes(`-${from}-`) && id.includes(`-${to}-`));
      return (found as Proposal).apply;
    };
    const then = step('slow', 'veryfast')(step('veryfast', 'ultrafast')(runs));
    const presets = ['veryfast', 'ultrafast', 'ultrafast'].flatMap((preset) => Array(3).fill(preset));
    expect(then.map(({ attributes }) => attributes['run.preset'])).toEqual(presets);
  });

  it('counts a run once that is in two files', () => {
    const { proposals, silences } = advise([...slow.slice(0, 2), ...slow.slice(0, 2), ...fast]);
    expect(proposals).toEqual([]);
    expect(silences.map(({ reason, message }) => [reason, message.split(':')[0]])).toEqual([
      ['read_twice', '2 runs that were read twice'],
      ['too_few_runs', 'bbb'],
    ]);
  });

  it.each([
    ['another content', { content: 'sintel' }, 'one_setting'],
    ['another region', { region: 'eu-north-1' }, 'one_setting'],
    ['another host', { 'host.name': 'b' }, undefined],
    ['other power', { power: 'modelled' }, 'one_setting'],
    ['another model of VMAF', { vmaf_model: 'vmaf_4k_v0.6.1' }, 'one_setting'],
    ['no content', { content: null }, 'no_content'],
    ['no quality', { vmaf_score: null }, 'no_vmaf'],
    ['predicted power', { power: 'predicted' }, 'power_not_measured'],
    ['no power', { power_watts: null }, 'power_not_measured'],
    ['no success', { exit_status: 1 }, 'failed'],
    ['no settings', { encoder_type: null, preset: null, bitrate: null }, 'no_settings'],
  ])('compares no runs of %s', (_, fields, reason) => {
    const others = fast.map((run, i) => {
      if ('host.name' in fields) return run.with({ attributes: fields });
      const power = [10 + 0.01 * i, 10 + 0.01 * i];
      const all = { preset: 'veryfast', bitrate: '800k', vmaf_score: 92.9, power_watts: power, ...fields };
      return encoded(`veryfast #${i + 1}`, all);
    });
    const { proposals, silences } = advise([...slow, ...others]);
    expect(proposals).toEqual([]);
    expect(silences.map((silence) => silence.reason)).toContain(reason ?? 'one_setting');
    for (const { message } of silences) expect(message).not.toMatch(/undefined/);
  });
});
