import { readdir, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MeasuredRun } from '../../src/measure/measured-run.ts';
import { toScenario } from '../../src/measure/scenario.ts';
import { givenCurve } from '../../src/measure/utilisation-curve.ts';
import type { PowerKind } from '../../src/model/power-kind.ts';
import { blocksOf } from '../kit/arithmetic.ts';
import { openPage, startChromium } from '../kit/chromium.ts';
import { parseExposition, type Sample } from '../kit/exposition.ts';
import { describeWithPeers } from '../kit/peers.ts';
import type { ResultsRun } from '../kit/results.ts';
import { freePort, runWattline, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const START = 1_790_000_000;

/** A run as `wattline measure` writes it, with a meter of energy or without. */
function writtenBy(name: string, startTime: number, joules?: readonly number[]) {
  const run: MeasuredRun = {
    ...{ startTime, duration: 4, times: [0, 1, 2, 3, 4], cpuSeconds: [0, 1, 2, 3, 4], joules },
    ...{ exitStatus: 0, stoppedBy: undefined, otherCores: 0, leftBehind: 0 },
  };
  const provenance = {
    interval: 1,
    cpuSource: 'proc' as const,
    raplZones: ['package-0'],
    curve: givenCurve(10, 50, 4),
  };
  return toScenario({ name, program: 'tool' }, run, provenance);
}

const { power: _, power_watts: __, ...withoutPower } = writtenBy('predicted here', START + 20);
/** How power comes about, and runs of which that is so. */
const runs: readonly (readonly [PowerKind, ResultsRun])[] = [
  ['measured', writtenBy('with a meter', START, [0, 90, 180, 270, 360])],
  ['modelled', writtenBy('without a meter', START + 10)],
  ['predicted', { ...withoutPower, streams: 4 }],
  ['predicted', { ...writtenBy('predicted elsewhere', START + 30), power: 'predicted' }],
];

/** Measured runs about 10 W and 20 W more for each stream, from which a prediction and its interval come. */
const training = Array.from({ length: 20 }, (_, i) => {
  const watts = 10 + 20 * (i % 4) + (i % 2 ? 0.5 : -0.5) * (i % 3);
  return {
    name: `${i % 4} streams`,
    start_time: START - 100 + i,
    duration: 5,
    step_seconds: 5,
    power_watts: [watts, watts],
  };
});

/** Whether somebody has chosen the price of CPU time. */
type Choice = 'configured' | 'default';

/** Prices of CPU time by who has chosen them, the id of the factor that is said, and the sentence of what is assumed. */
const corePrices: readonly { chosen: Choice; setting: string; id: string; assumed: readonly string[] }[] = [
  { chosen: 'configured', setting: 'usd_per_core_hour: 0.6', id: 'core_price/cost/configured', assumed: [] },
  {
    chosen: 'default',
    setting: '',
    id: 'core_price/default',
    assumed: [
      'CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`',
    ],
  },
];

const configuration = (setting: string, port: number, include: string) => `
receivers:
  file:
    poll_interval: 50ms
    include: ${include}
processors:
  predictor: { training: { include: [./training.json] } }
  energy:
  cost: { region: us-east-1, usd_per_kwh: 0.2, ${setting} }
  co2: { region: us-east-1, kg_per_kwh: 0.3 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  focus: { directory: ./focus }
  debug:
extensions:
  dashboard: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [predictor, energy, cost, co2], exporters: [prometheus, focus, debug] }
`;

describe.each(corePrices)('figures with a price of CPU time that is $chosen', ({ chosen, setting, id, assumed }) => {
  let wattline: WattlineProcess;
  let url: string;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const results = runs.map(([, run], i) => [`results/${i}.json`, JSON.stringify({ scenarios: [run] })]);
    const files = { 'training.json': JSON.stringify({ scenarios: training }), ...Object.fromEntries(results) };
    wattline = await startWattline({ config: configuration(setting, port, '[./results/*.json]'), files });
    // What is explained and checked is given by argument.
    await wattline.write({ 'given.yaml': configuration(setting, port, '${env:WATTLINE_RESULTS:-[none.json]}') });
    await vi.waitUntil(async () => (await api('runs').catch(() => ({ runs: [] }))).runs.length === runs.length, {
      timeout: 60_000,
      interval: 50,
    });
  });
  afterAll(async () => {
    expect(await wattline?.stop()).toBe(0);
  });

  async function api(path: string) {
    return (await (await fetch(`${url}/api/${path}`)).json()) as ApiAnswer;
  }
  const wattlineOn = async (command: string, index: number) => {
    const args = [command, `results/${index}.json`, '--config', 'given.yaml'];
    const { code, stdout, stderr } = await runWattline(args, { cwd: wattline.directory });
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  /** What an id or a sentence says of who has chosen a price, each in its own way; anything else as it is. */
  const choiceBy = (said: unknown): unknown => (said === id ? chosen : said);
  const choiceIn = (sentences: readonly string[]): unknown => {
    return isDeepStrictEqual(sentences, assumed) ? chosen : sentences;
  };
  const assumedIn = (text: string) => Array.from(text.matchAll(/^ *assumed: (.+)$/gm), ([, sentence = '']) => sentence);

  /** What each place says of the power and the price of CPU time of a run; each says them in its own way. */
  const places: Readonly<
    Record<string, (name: string, index: number, kind: PowerKind) => Promise<[unknown, unknown]>>
  > = {
    async page(name, _, kind) {
      const run = (await api('runs')).runs.find(({ scenario }) => scenario === name);
      const { basis } = await api(`run?id=${run?.id}`);
      expect(basis.coverage.power).toEqual({ [`${kind}_s`]: 4, ratio: 1 });
      expect(basis.coverage.cpu).toEqual({ measured_s: 4, ratio: 1 });
      expect(choiceIn(basis.assumptions)).toBe(chosen);
      return [run?.power_kind, choiceBy(basis.factors.find(({ use }) => use === 'core_price')?.id)];
    },
    async '/metrics'(name) {
      const samples = parseExposition(await (await fetch(`${url}/metrics`)).text());
      const ofRun = samples.filter(({ labels }) => labels.scenario === name);
      // Power, CPU use, energy, CPU time, coverage of both, three costs and emissions.
      expect(ofRun.length).toBeGreaterThanOrEqual(8);
      const kinds = new Set(ofRun.map(({ labels }) => labels.power ?? 'measured'));
      return [only(kinds), choiceBy(only(factorIds(samples)))];
    },
    async explain(name, index, kind) {
      const block = blocksOf(await wattlineOn('explain', index)).get(name) ?? '';
      const noteOf = (line: string) => new RegExp(`^ {2}${line} = .+\\n {6}# (.+)$`, 'm').exec(block)?.[1] ?? '';
      expect(noteOf('coverage_ratio_power')).toBe(`${kind} for 4 s of 4 s`);
      expect(noteOf('coverage_ratio_cpu')).toBe('measured for 4 s of 4 s');
      const [said = '', source = ''] = noteOf('core_price').split(': ');
      // A person reads it without the page.
      expect(source.startsWith('Wattline default')).toBe(chosen === 'default');
      return [noteOf('energy_joules').split(',')[0], choiceBy(said)];
    },
    async check(_, index) {
      const text = await wattlineOn('check', index);
      const [, kind] = /^ {5}power (\w+) in 1 run$/m.exec(text) ?? [];
      return [kind, choiceIn(assumedIn(text))];
    },
    async FOCUS(name) {
      const folder = `${wattline.directory}/focus`;
      const file = (await readdir(folder)).find((one) => one.endsWith('.csv'));
      const rows: Record<string, string>[] = parse(await readFile(`${folder}/${file}`), { columns: true });
      const [compute, energy] = rows.filter(({ Tags }) => JSON.parse(Tags as string).scenario === name);
      expect([compute?.SkuId, energy?.SkuId, compute?.x_PowerKind]).toEqual(['compute', 'energy', '']);
      const [, word = 'measured'] =
        /^(?:(modelled|predicted) )?energy of /i.exec(energy?.ChargeDescription ?? '') ?? [];
      expect(word.toLowerCase()).toBe(energy?.x_PowerKind);
      return [energy?.x_PowerKind, choiceBy(compute?.x_PriceFactorId)];
    },
    async 'results file'(_, index) {
      const { scenarios } = JSON.parse(await readFile(`${wattline.directory}/results/${index}.json`, 'utf8'));
      // It holds what was measured, before anything has a price. One without power can only be predicted.
      expect(Object.keys(scenarios[0]).filter((field) => /cost|price|usd/.test(field))).toEqual([]);
      return [scenarios[0].power_watts ? scenarios[0].power : 'predicted', chosen];
    },
    async 'debug output'(name) {
      const tableOf = () =>
        wattline
          .output()
          .split('\n\n')
          .find((table) => table.includes(`\n${name} `));
      const table = await vi.waitUntil(tableOf, { timeout: 60_000 });
      const row = table.split('\n').find((line) => line.startsWith(`${name} `)) ?? '';
      // What all runs of a table have in common stands above it.
      const [, kind] =
        / (measured|modelled|predicted) /.exec(row.slice(name.length)) ?? /, power (\w+)/.exec(table) ?? [];
      return [kind, choiceIn(assumedIn(table))];
    },
  };

  const walks = Object.keys(places).flatMap((place) => runs.map(([kind, { name }], i) => ({ place, name, kind, i })));
  it.each(walks)(
    'say at $place of the run $name that its power is $kind and that price',
    async ({ place, name, kind, i }) => {
      expect(await places[place]?.(name, i, kind)).toEqual([kind, chosen]);
    },
  );

  it('are counted by how their power came about', async () => {
    expect((await api('summary')).totals).toMatchObject({ measured_runs: 1, modelled_runs: 1, predicted_runs: 2 });
    const { stdout } = await runWattline(['check', 'results/*.json', '--config', 'given.yaml'], {
      cwd: wattline.directory,
    });
    expect(stdout).toContain('\n     power measured in 1 run, modelled in 1 run, predicted in 2 runs\n');
  });

  it('show a prediction with its interval', async () => {
    const explained = await wattlineOn('explain', 2);
    const [, watts] = /predicted_watts = (?:.+ = )?([\d.]+) W\n/.exec(explained) ?? [];
    const run = (await api('runs')).runs.find(({ scenario }) => scenario === 'predicted here');
    const { basis, attributes } = await api(`run?id=${run?.id}`);
    expect(basis.prediction).toEqual({
      power_w: Number(watts),
      power_lower_w: attributes['power.predicted_watts_lower'],
      power_upper_w: attributes['power.predicted_watts_upper'],
      level: attributes['power.interval_level'],
      extrapolated: attributes['power.extrapolated'] === true,
    });
    expect(Number(watts)).toBeGreaterThan(85);
  });

  describeWithPeers('in Chromium', ['chromium'], () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    });
    afterAll(() => browser?.close());

    it.each(runs)('are %s as the page says', async (kind, { name }) => {
      const { page, problems, close } = await openPage(browser);
      await page.goto(url);
      const tagged = page.locator('#runs tbody tr', { hasText: name }).locator('.tag');
      expect(await page.locator('#runs tbody tr').first().textContent()).not.toBe('');
      // It has 4 streams, one more than any run that was learnt from.
      const tags = name === 'predicted here' ? ['predicted', 'extrapolated'] : kind === 'measured' ? [] : [kind];
      expect(await tagged.allTextContents()).toEqual(tags);
      expect(await page.locator('#facts').textContent()).toContain('4, 1 measured, 1 modelled, 2 predicted');
      await page.getByRole('link', { name }).click();
      await page.locator('#run .chart canvas').first().waitFor();
      const facts = ((await page.locator('#run dl.facts').first().textContent()) ?? '').replaceAll('\u00a0', ' ');
      expect(facts).toContain(`Power${kind} for 4 s of 4 s, 100.0 %`);
      expect(facts).toContain('CPU usemeasured for 4 s of 4 s, 100.0 %');
      expect(/Predicted power[\d.]+ W, (?:from [\d.]+ to [\d.]+ W|without an interval)/.test(facts)).toBe(
        name === 'predicted here',
      );
      expect(await page.locator('table.factors').textContent()).toContain(id);
      const sentences = await page.locator('#run .assumptions li').allTextContents();
      expect(sentences).toEqual(assumed.map((one) => one.replaceAll('`', '')));
      expect(problems).toEqual([]);
      await close();
    });
  });
});

/** What the test reads of the page's answers. */
interface ApiAnswer {
  readonly runs: readonly { readonly id: string; readonly scenario: string; readonly power_kind: string }[];
  readonly totals: Readonly<Record<string, number>>;
  readonly basis: {
    readonly coverage: Readonly<Record<'power' | 'cpu', object>>;
    readonly prediction?: object;
    readonly assumptions: readonly string[];
    readonly factors: readonly { readonly use: string; readonly id: string }[];
  };
  readonly attributes: Readonly<Record<string, unknown>>;
}

function factorIds(samples: readonly Sample[]): Set<string | undefined> {
  const infos = samples.filter(
    ({ name, labels }) => name === 'wattline_factor_info' && labels.quantity === 'core_price',
  );
  return new Set(infos.map(({ labels }) => labels.factor));
}

/** Returns what a set has where that is one thing, else all of it. */
function only<T>(values: ReadonlySet<T>): T | readonly T[] {
  const all = [...values];
  return all.length === 1 ? (all[0] as T) : all;
}
