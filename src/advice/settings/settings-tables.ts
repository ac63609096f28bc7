import type { Spread } from '../../figures/spread.ts';
import { amountText, spreadText, unitOf } from './amount-text.ts';
import type { MeanChange } from './bjontegaard.ts';
import type { EqualQuality, Ladder } from './ladders.ts';
import { knownAmounts, type Measure, type Setting } from './setting.ts';
import type { ContentReport } from './settings-report.ts';

/** A table as texts; its first column names the rows, all others are numbers or marks. */
export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const NONE = '–';
const columns = ['vmaf', 'usd', 'energy', 'co2', 'bitsPerSecond'] as const satisfies readonly Measure[];
const NAMES = { vmaf: 'VMAF', usd: 'cost', energy: 'energy', co2: 'CO2e', bitsPerSecond: 'rate' } as const;

/** Returns the tables of a report: of each content its settings, and its encoders and presets at equal quality. */
export function settingsTables(reports: readonly ContentReport[]): TextTable[] {
  return reports.flatMap((report) => [
    settingsTable(report),
    ...(report.equalQuality ? [equalQualityTable(report.name, report.equalQuality)] : []),
  ]);
}

/** Returns a report as plain data with units in its keys. */
export function plainSettings({ name, settings, nonDominated, cheapest, equalQuality }: ContentReport) {
  return {
    name,
    settings: settings.map((setting) => {
      const { vmaf, usd, energy, co2, bits, bitsPerSecond } = setting.spreads;
      return {
        ...setting.settings,
        runs: setting.encodes.length,
        non_dominated: nonDominated.includes(setting),
        cheapest: setting === cheapest,
        ...{ vmaf, usd, energy_joules: energy, co2_kg: co2, output_bits: bits, output_bits_per_second: bitsPerSecond },
      };
    }),
    ...(equalQuality && {
      equal_quality: {
        vmaf: equalQuality.vmaf,
        encoders: equalQuality.ladders.map((ladder) => ({
          name: ladder.name,
          ...{ energy_joules: ladder.energy, output_bits_per_second: ladder.bitsPerSecond },
          ...{ bd_rate: ladder.bdRate?.change, bd_energy: ladder.bdEnergy?.change, break_even: ladder.breakEven },
        })),
      },
    }),
  };
}

function settingsTable({ name, settings, nonDominated, cheapest }: ContentReport): TextTable {
  const shown = columns.filter((column) => settings.some(({ spreads }) => spreads[column]));
  const rows = settings.map((setting) => [
    setting.name,
    String(setting.encodes.length),
    ...shown.map((column) => cell(setting.spreads[column], column)),
    markOf(setting, nonDominated, cheapest),
  ]);
  const heads = shown.map((column) => (unitOf(column) ? `${NAMES[column]} [${unitOf(column)}]` : NAMES[column]));
  const title = `${name}: a run with each setting, mean ± standard deviation; * where no other * is as good in ${comparedText(settings)}`;
  return { title, head: ['setting', 'runs', ...heads, 'choice'], rows };
}

/** What the set is chosen by, in words. */
function comparedText(settings: readonly Setting[]): string {
  const names = knownAmounts(settings).map((name) => NAMES[name]);
  return `${[...names, NAMES.vmaf].join(', ')}, whatever the rate`;
}

function markOf(setting: Setting, nonDominated: readonly Setting[], cheapest: Setting | undefined): string {
  const mark = nonDominated.includes(setting) ? '*' : '';
  return setting === cheapest ? `${mark} cheapest`.trim() : mark;
}

function equalQualityTable(name: string, { vmaf, ladders }: EqualQuality): TextTable {
  const hasViews = ladders.some(({ breakEven }) => breakEven);
  const [first] = ladders;
  const rows = ladders.map((ladder) => [
    ladder.name,
    mean(ladder.energy, 'energy'),
    mean(ladder.bitsPerSecond, 'bitsPerSecond'),
    percent(ladder.bdRate),
    percent(ladder.bdEnergy),
    ...(hasViews ? [viewsText(ladder, first as Ladder)] : []),
  ]);
  const at = `VMAF ${Number(vmaf.toPrecision(4))}`;
  const head = ['encoder', `energy [J] at ${at}`, `rate [kbit/s] at ${at}`, 'BD-rate [%]', 'BD-energy [%]'];
  const title = `${name}: at equal quality, interpolated between measured runs; BD against ${first?.name}`;
  return { title, head: [...head, ...(hasViews ? ['least energy'] : [])], rows };
}

function cell(spread: Spread | undefined, measure: Measure): string {
  return spread ? spreadText(spread, measure) : NONE;
}

function mean(value: number | undefined, measure: Measure): string {
  return value === undefined ? NONE : spreadText({ mean: value, deviation: undefined, runs: 1 }, measure);
}

function percent(change: MeanChange | undefined): string {
  if (!change) return NONE;
  const text = String(Number((100 * change.change).toPrecision(3)));
  return change.change > 0 ? `+${text}` : text;
}

function viewsText({ name, breakEven }: Ladder, first: Ladder): string {
  if (!breakEven) return NONE;
  if ('always' in breakEven) return breakEven.always === 'second' ? 'at any views' : `${first.name} at any views`;
  const views = amountText({ mean: breakEven.views, deviation: undefined, runs: 1 });
  return breakEven.above === 'second' ? `above ${views} views` : `${name} below ${views} views`;
}
