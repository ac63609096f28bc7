import { readFile, rm, stat, truncate } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { resultsFile } from './inputs.ts';
import { runText } from './results-text.ts';

it('writes the same runs each time, about 1 kB each, with numbers as JSON has them', () => {
  expect(runText(7, 2)).toBe(
    '{"name":"8 streams @ 2500k #7","bitrate":"2500k","encoder_type":"libx264","region":"eu-north-1",' +
      '"start_time":1700000420,"end_time":1700000430,"duration":10,"step_seconds":5,' +
      '"power_watts":[214.76,215.63],"cpu_usage_cores":[6.249,6.554]}',
  );
  for (let index = 0; index < 1000; index++) {
    const text = runText(index, 60);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    expect(text.length).toBeGreaterThan(900);
    expect(text.length).toBeLessThan(1100);
  }
});

it('writes another run for another number and for another edition', () => {
  const all = [runText(0, 5), runText(1, 5), runText(0, 5, 1)];
  expect(new Set(all.map((text) => text.slice(text.indexOf('power_watts')))).size).toBe(3);
});

it('takes a file that is there, and makes one that is cut off anew', async () => {
  const { path, bytes } = await resultsFile(2500, 2);
  try {
    const text = await readFile(path, 'utf8');
    expect(text.length).toBe(bytes);
    expect(JSON.parse(text).scenarios).toHaveLength(2500);
    const { mtimeMs } = await stat(path);
    await resultsFile(2500, 2);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    await truncate(path, bytes - 1);
    await resultsFile(2500, 2);
    expect(await readFile(path, 'utf8')).toBe(text);
  } finally {
    await rm(path);
  }
});
