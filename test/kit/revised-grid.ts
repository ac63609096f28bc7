import { afterEach } from 'vitest';
import { regionSettings } from '../../src/factors/region.ts';
import { energyFactors } from '../../src/figures/energy-factors.ts';
import { JOULES_PER_KWH } from '../../src/figures/integrate.ts';
import { knownFigures } from '../../src/figures/names.ts';
import { restatementSetting } from '../../src/figures/restatement-settings.ts';
import type { Revisions } from '../../src/figures/revisions.ts';
import { valueRuns } from '../../src/figures/value-runs.ts';
import type { Factor, FactorPeriod } from '../../src/model/factor.ts';
import { Run } from '../../src/model/run.ts';
import { Series } from '../../src/model/series.ts';
import { hostPower, samplesOf } from '../../src/model/signals.ts';
import type { Processor, Provider } from '../../src/plugin/contract.ts';
import { type Outcome, z } from '../../src/plugin/index.ts';
import { createTestContext, figures } from './context.ts';
import { memoryStorage } from './memory-storage.ts';

export const HOUR = 3600;
/** The whole hour before the last one. */
export const START = Math.floor(Date.now() / 1000 / HOUR) * HOUR - 2 * HOUR;
const { signal } = new AbortController();
const { emissions, energy } = knownFigures;

/** A run of 1 kW over the first hours from `START` on. */
export function runOf(scenario: string, { hours = 1, at = START, ...attributes }: Record<string, number> = {}): Run {
  const power = Series.regular([at, 0], hours * HOUR, Float64Array.of(1000, 1000));
  const named = { scenario, region: 'us-east-1', 'run.start_time': at, 'run.end_time': at + hours * HOUR };
  return Run.of({ ...named, ...attributes }, { samples: [samplesOf(hostPower, power)] });
}

/** Grid data that are revised at will: a value for each hour from `START` on. */
export class Grid implements Provider {
  readonly quantity = 'intensity';
  readonly refresh = 5;
  hours: readonly (Partial<Factor> & { readonly value: number })[] = [];

  async factors(): Promise<FactorPeriod[]> {
    const record = { id: 'intensity/grid', quantity: 'intensity', unit: 'kg/kWh', source: 'grid' } as const;
    return this.hours.map((hour, index) => {
      const mayChange = hour.version === 'final' ? {} : ({ mayChange: true } as const);
      const factor: Factor = { ...record, state: 'live', version: 'estimated', ...mayChange, ...hour };
      return { from: START + index * HOUR, to: START + (index + 1) * HOUR, factor };
    });
  }
}

const started: Processor[] = [];
afterEach(async () => {
  for (const stage of started.splice(0)) await stage.shutdown?.(signal);
});

/** Says of each revision once that there is one, as a file does that is looked at, and not of what was there at its start. */
export function saidOnce(grid: Grid): Revisions {
  let seen = grid.hours;
  return {
    pace: 5,
    async refresh() {
      const isRevised = seen !== grid.hours;
      seen = grid.hours;
      return isRevised;
    },
  };
}

/** Starts a stage of emissions by a grid; it ends with the test. */
export async function stageOf(
  { grid, revisions }: { readonly grid: Grid; readonly revisions?: Revisions },
  settings: object = {},
  next?: (runs: readonly Run[]) => Outcome | undefined | Promise<Outcome | undefined>,
  disk = memoryStorage(),
) {
  const options = { providers: { grid }, storages: { disk }, ...(next && { next }) };
  const { ctx: explaining, runs, logs, ownMetric } = createTestContext(options);
  const ctx = { ...explaining, explain: undefined };
  const sources = energyFactors(
    {
      ...{ quantity: 'intensity', provider: 'grid', longest: 1e9, noteRegional() {} },
      regions: z.strictObject(regionSettings).parse({}),
    },
    ctx,
  );
  const ofEnergy = { quantity: 'intensity', figure: emissions, integral: energy, divisor: JOULES_PER_KWH } as const;
  const valuations = [{ ...ofEnergy, ...sources, signal: hostPower, atMeter: true, longest: 1e9, note() {} }];
  const restatement = restatementSetting().parse(settings);
  const stage = valueRuns(ctx, { valuations, ...sources, ...(revisions && { revisions: [revisions] }), restatement });
  started.push(stage);
  await stage.start?.(signal);
  const count = () => ownMetric('wattline_restatements_total', { processor: 'tested', quantity: 'intensity' });
  return { stage, runs, logs, count, kept: () => ownMetric('wattline_restatable_runs') };
}

/** What each run that was handed on says: its scenario, its emissions in kg, and how often it was restated. */
export const said = (runs: readonly Run[]) =>
  runs.map((run) => [run.scenario, figures(run)[emissions.name], run.restated ?? 0]);
