import { describe, expect, it } from 'vitest';
import type { Run } from '../model/run.ts';
import { parseRun } from '../results/index.ts';
import { type FeatureName, featureNames, featureOf, groupOf } from './features.ts';
import { bitsPerSecond, pixelsOf } from './written-quantities.ts';

const run = (fields: Record<string, unknown>) => parseRun({ name: 'encode', duration: 10, ...fields }, {}).run as Run;

describe('a feature of a run', () => {
  it.each<[FeatureName, Record<string, unknown>, number | undefined]>([
    ['streams', { streams: 4 }, 4],
    ['streams', { name: '3 streams @ 2500k' }, 3],
    ['streams', {}, undefined],
    ['cpu_cores', { step_seconds: 5, cpu_usage_cores: [1, 2, 3] }, 2],
    ['cpu_cores', {}, undefined],
    ['cpu_utilisation', { step_seconds: 5, cpu_usage_cores: [1, 2, 3], logical_cpus: 8 }, 0.25],
    ['cpu_utilisation', { step_seconds: 5, cpu_usage_cores: [1, 2, 3] }, undefined],
    ['bitrate', { bitrate: '2500k', streams: 4 }, 10e6],
    ['bitrate', { bitrate: '2500k' }, 2.5e6],
    ['bitrate', { bitrate: '1M,2M' }, undefined],
    ['pixels_per_second', { pixels_processed: 50 }, 5],
    ['pixels_per_second', { resolution: '1920x1080', fps: 30, streams: 2 }, 1920 * 1080 * 60],
    ['pixels_per_second', { resolution: '1920x1080' }, undefined],
    ['frame_rate', { total_frames: 250 }, 25],
    ['frame_rate', { avg_fps: 29.97, fps: 30, total_frames: 250 }, 29.97],
    ['tokens_per_second', { output_tokens: 500 }, 50],
    ['batch_size', { batch_size: 32 }, 32],
    ['batch_size', { batch_size: -1 }, undefined],
    ['gpu_utilisation', { gpu_utilisation: 0.4 }, 0.4],
  ])('%s of %j is %s', (name, fields, expected) => {
    const value = featureOf(run(fields), name);
    if (expected === undefined) expect(value).toBeUndefined();
    else expect(value).toBeCloseTo(expected, 9);
  });

  it('is not known of a run that says nothing', () => {
    const bare = run({});
    expect(featureNames.filter((name) => featureOf(bare, name) !== undefined)).toEqual([]);
  });
});

describe('what is written', () => {
  it.each([
    ['800000', 8e5],
    ['2500k', 2.5e6],
    ['2.5 Mbps', 2.5e6],
    ['5 Mbit/s', 5e6],
    ['0k', 0],
    ['fast', undefined],
    ['', undefined],
  ])('%s is %s bit/s', (text, expected) => {
    expect(bitsPerSecond(text)).toBe(expected);
  });

  it('as 1280x720 is so many pixels', () => {
    expect(pixelsOf('1280x720')).toBe(921_600);
    expect(pixelsOf('720p')).toBeUndefined();
    expect(pixelsOf(undefined)).toBeUndefined();
  });
});

it('a group is told by attributes of OTLP and by fields of results files', () => {
  const { attributes } = run({ encoder_type: 'libx264', preset: 'veryfast' });
  expect(groupOf(attributes, ['encoder', 'preset', 'host.name'])).toBe('encoder=libx264, preset=veryfast, host.name=');
  expect(groupOf({ 'host.name': 'a' }, ['host.name'])).toBe('host.name=a');
  expect(groupOf(attributes, [])).toBe('');
});
