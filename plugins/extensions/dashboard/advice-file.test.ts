import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { adviceFile } from './advice-file.ts';

const report = { runs: 2, before: { usd: { value: 3 } }, saved: {}, advice: [] };

describe('the file of advice', () => {
  let folder: TemporaryFolder;
  const written = async (text: string) => {
    await folder.write({ 'advice.json': text });
    return adviceFile(`${folder.path}/advice.json`)();
  };
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  it('is read as far as the page shows it, and again when it changes', async () => {
    const read = adviceFile(`${folder.path}/growing.json`);
    expect((await read()).problem).toMatch(/growing\.json is not there yet; `wattline advise --json` writes it$/);
    await folder.write({ 'growing.json': JSON.stringify({ ...report, silences: [] }) });
    const first = await read();
    expect(first).toEqual({ report, written_at: expect.stringMatching(/Z$/), problem: null });
    expect(await read()).toBe(first);
    await folder.write({ 'growing.json': JSON.stringify({ ...report, runs: 100 }) });
    expect((await read()).report?.runs).toBe(100);
  });

  it.each([
    ['{', /advice\.json is not what `wattline advise --json` writes: /],
    ['{"runs": 1}', /advice\.json is not what `wattline advise --json` writes: before: /],
    [' '.repeat(5e6), /advice\.json is larger than 4194304 bytes, which no advice is$/],
  ])('that is something else is a problem, and no failure', async (text, problem) => {
    expect(await written(text)).toEqual({
      report: null,
      written_at: null,
      problem: expect.stringMatching(problem),
    });
  });

  it('is nothing where none is configured', async () => {
    expect(await adviceFile(undefined)()).toEqual({ report: null, written_at: null, problem: null });
  });
});
