import type { AttributeValue } from '@opentelemetry/api';
import { streamsOf } from '../../figures/streams.ts';
import { Attribute, numberOf } from '../../model/attributes.ts';
import { powerKindOf } from '../../model/power-kind.ts';
import type { Run } from '../../model/run.ts';
import { hostPower } from '../../model/signals.ts';
import type { ValuedRun } from '../advice.ts';
import { hostAttributes } from '../hosts.ts';
import { hasFailed } from '../waste.ts';

/** A run that encoded something, with what it came to: USD, joules and kg of CO2 equivalent. What is not known is absent. */
export interface Encode {
  /** As it was read. */
  readonly run: Run;
  readonly vmaf: number;
  readonly usd: number | undefined;
  readonly energy: number | undefined;
  readonly co2: number | undefined;
  /** The bits of its pictures, and those of a second. */
  readonly bits: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

/** How an encoder was set, as texts; absent where the run does not say it. */
export interface EncoderSettings {
  readonly encoder?: string;
  readonly preset?: string;
  readonly bitrate?: string;
  readonly crf?: string;
  readonly resolution?: string;
}

/** Runs that may be compared: of the same content, at the same place and on the same kind of host. */
export interface ContentRuns {
  readonly content: string;
  /** Names the group: the content, and what else its runs have in common. */
  readonly name: string;
  readonly encodes: readonly (Encode & { readonly settings: EncoderSettings })[];
}

/** The runs that can be compared, and how many others there are, by the reason. */
export interface ComparableRuns {
  readonly groups: readonly ContentRuns[];
  readonly left: ReadonlyMap<LeftOut, number>;
}

export const leftOut = ['failed', 'no_content', 'no_settings', 'no_vmaf', 'power_not_measured', 'read_twice'] as const;
export type LeftOut = (typeof leftOut)[number];

/** What must be the same for runs to be compared, beside the content. */
const COMMON = [...hostAttributes, 'host.type', Attribute.boundary, Attribute.vmafModel] as const;

/** Groups runs by their content and what else must be the same. */
export function comparableRuns(runs: readonly ValuedRun[]): ComparableRuns {
  const left = new Map<LeftOut, number>();
  const seen = new Set<string>();
  const usable = runs.filter((run) => {
    const why = whyLeftOut(run.raw) ?? (seen.has(identityOf(run)) ? 'read_twice' : undefined);
    seen.add(identityOf(run));
    if (why !== undefined) left.set(why, (left.get(why) ?? 0) + 1);
    return why === undefined;
  });
  const groups = [...Map.groupBy(usable, (run) => JSON.stringify(commonOf(run))).values()].map((members) => ({
    name: commonOf(members[0] as ValuedRun)
      .filter((one) => one !== undefined)
      .join(', '),
    content: textOf(members[0]?.raw.attributes[Attribute.content]) as string,
    encodes: members.map((run) => ({ ...encodeOf(run), settings: settingsOf(run.raw) })),
  }));
  return { groups, left };
}

function whyLeftOut(run: Run): LeftOut | undefined {
  if (hasFailed(run)) return 'failed';
  if (textOf(run.attributes[Attribute.content]) === undefined) return 'no_content';
  const { encoder, preset, bitrate, crf } = settingsOf(run);
  if (encoder === undefined && preset === undefined && bitrate === undefined && crf === undefined) return 'no_settings';
  if (vmafOf(run) === undefined) return 'no_vmaf';
  const hasPower = powerKindOf(run) !== 'predicted' && run.samplesOf(hostPower) !== undefined;
  return hasPower ? undefined : 'power_not_measured';
}

/** Returns how the encoder of a run was set. */
export function settingsOf({ encoder, bitrate, attributes }: Run): EncoderSettings {
  const all = {
    encoder,
    preset: textOf(attributes[Attribute.preset]),
    bitrate,
    crf: textOf(attributes[Attribute.crf]),
    resolution: textOf(attributes['run.resolution']),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The same for a run that is in two files: repeated runs differ in their name, their start or what they came to. */
function identityOf({ raw, amounts }: ValuedRun): string {
  return JSON.stringify([raw.attributes[Attribute.id], raw.startTime, amounts]);
}

/** Returns what runs must have in common to be compared; undefined stands for what a run does not say. */
function commonOf({ raw: run, money }: ValuedRun): (string | undefined)[] {
  const { attributes, region } = run;
  const streams = streamsOf(run);
  return [
    textOf(attributes[Attribute.content]),
    region,
    ...COMMON.map((name) => textOf(attributes[name])),
    streams === undefined || streams === 1 ? undefined : `${streams} streams`,
    run.power,
    // A total cost is never weighed against one of energy alone.
    money === 'energy' ? 'CPU time unknown' : undefined,
  ];
}

function encodeOf({ raw: run, amounts: { usd, energy, co2 } }: ValuedRun): Encode {
  const bytes = numberOf(run.attributes, Attribute.outputBytes);
  return {
    run,
    vmaf: vmafOf(run) as number,
    usd: usd?.value,
    energy: energy?.value,
    co2: co2?.value,
    bits: bytes === undefined ? undefined : 8 * bytes,
    bitsPerSecond: numberOf(run.attributes, Attribute.outputBitsPerSecond),
  };
}

/** The VMAF of a run; undefined where it states none that can be one. */
function vmafOf({ attributes }: Run): number | undefined {
  const score = numberOf(attributes, Attribute.vmafScore);
  return score !== undefined && score >= 0 && score <= 100 ? score : undefined;
}

function textOf(value: AttributeValue | null | undefined): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
