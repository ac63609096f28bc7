import type { Attributes } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { streamsFromName, streamsOf } from './streams.ts';

it.each([
  ['2 streams @ 2500k', 2],
  ['4 streams @ 5000k', 4],
  ['1 stream', 1],
  ['2-stream', 2],
  ['4x streams', 4],
  ['4 x streams', 4],
  ['4 concurrent streams', 4],
  ['8 Parallel Streams', 8],
  ['0 streams', 0],
  ['single stream', 1],
  ['Single-Stream 1080p', 1],
  ['Baseline (idle)', 0],
  ['idle', 0],
  ['4 streams after idle', 4],
  ['10 Mbps Stream', undefined],
  ['8 upstreams', undefined],
  ['1080 streaming', undefined],
  ['1080p streams', undefined],
  ['-2 streams', undefined],
  ['1.5 streams', undefined],
  ['v2 streams', undefined],
  ['12345 streams', undefined],
  ['multi stream', undefined],
  ['streams', undefined],
  ['idleness', undefined],
  ['', undefined],
])('%j is %j', (name, streams) => {
  expect(streamsFromName(name)).toBe(streams);
});

it.each([
  ['the stated number before that of the name', { scenario: '4 streams', 'run.streams': 3 }, 3],
  ['the stated 0', { scenario: '4 streams', 'run.streams': 0 }, 0],
  ['that of the name', { scenario: '4 streams', encoder: 'none' }, 4],
  ['that of the name where the stated one is none', { scenario: '4 streams', 'run.streams': -1 }, 4],
  ['0 where nothing was encoded', { scenario: 'a run', encoder: 'none' }, 0],
  ['unknown where nothing says', { scenario: 'a run', encoder: 'libx264' }, undefined],
  ['unknown without a name', {}, undefined],
])('a run has %s', (_, attributes: Attributes, streams) => {
  expect(streamsOf(Run.of(attributes))).toBe(streams);
});
