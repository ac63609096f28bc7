import { type Spread, spreadOf } from '../../figures/spread.ts';
import { type AmountName, amountNames } from '../advice.ts';
import type { ContentRuns, Encode, EncoderSettings } from './encodes.ts';

/** What of an encode is averaged over the runs of a setting. */
export const measures = ['vmaf', 'usd', 'energy', 'co2', 'bits', 'bitsPerSecond'] as const;
export type Measure = (typeof measures)[number];

/** The runs of one content with the same settings. */
export interface Setting {
  /** The settings in words, such as `libx264 veryfast 2500k`. */
  readonly name: string;
  readonly settings: EncoderSettings;
  readonly encodes: readonly Encode[];
  /** What is known of all of its runs. */
  readonly spreads: Readonly<Partial<Record<Measure, Spread>>> & { readonly vmaf: Spread };
}

/** Returns the settings of a group, each with its runs averaged, in the order in which they come. */
export function settingsIn({ encodes }: ContentRuns): Setting[] {
  return [...Map.groupBy(encodes, ({ settings }) => nameOf(settings))].map(([name, members]) => {
    const spreads = Object.fromEntries(
      measures.flatMap((measure) => {
        const spread = spreadOfAll(members, measure);
        return spread === undefined ? [] : [[measure, spread]];
      }),
    ) as Setting['spreads'];
    return { name, settings: members[0]?.settings ?? {}, encodes: members, spreads };
  });
}

/** Returns the amounts that are known of all settings. */
export function knownAmounts(settings: readonly Setting[]): AmountName[] {
  return amountNames.filter((name) => settings.every(({ spreads }) => spreads[name] !== undefined));
}

/** Returns the values of the runs of a setting; those that do not have it are left out. */
export function valuesOf({ encodes }: { readonly encodes: readonly Encode[] }, measure: Measure): number[] {
  return encodes.flatMap((encode) => encode[measure] ?? []);
}

/** Returns settings in words, each with what it is where its value alone does not say it. */
export function nameOf({ encoder, preset, bitrate, crf, resolution }: EncoderSettings): string {
  const words = [encoder, preset, bitrate, crf === undefined ? undefined : `crf ${crf}`, resolution];
  return words.filter((word) => word !== undefined).join(' ');
}

/** What is not known of each run is not known of the setting: a mean of some could be one of the cheap ones. */
function spreadOfAll(encodes: readonly Encode[], measure: Measure): Spread | undefined {
  const values = valuesOf({ encodes }, measure);
  return values.length < encodes.length ? undefined : spreadOf(values);
}
