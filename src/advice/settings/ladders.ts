import { amountAt, type MeanChange, meanChange, type QualityCurve, qualityCurve, rangeOf } from './bjontegaard.ts';
import { type BreakEven, breakEven } from './break-even.ts';
import { type Measure, nameOf, type Setting } from './setting.ts';

/** What encodes of one encoder and preset at several bit rates come to at one VMAF, between the measured ones. */
export interface Ladder {
  /** Such as `libx264 veryfast`. */
  readonly name: string;
  readonly bitsPerSecond: number | undefined;
  /** Joules. */
  readonly energy: number | undefined;
  /** By which part its bits and its energy differ from the first ladder on average; absent of the first. */
  readonly bdRate?: MeanChange | undefined;
  readonly bdEnergy?: MeanChange | undefined;
  /** From how many views on which of the first ladder and this one takes less energy. */
  readonly breakEven?: BreakEven | undefined;
}

/** Ladders at one VMAF, that which encodes with the least energy first. */
export interface EqualQuality {
  readonly vmaf: number;
  readonly ladders: readonly Ladder[];
}

/** The curves of a ladder, each over VMAF; one that cannot be drawn is absent. */
interface Curves {
  readonly name: string;
  readonly energy: QualityCurve;
  readonly bitsPerSecond: QualityCurve | undefined;
  readonly bits: QualityCurve | undefined;
}

/**
 * Compares encoders and presets at one VMAF, which is the wanted one or else the middle of what all of them were measured at.
 * Undefined where fewer than two have energies at two qualities or more, or no quality is common to all.
 */
export function equalQuality(
  settings: readonly Setting[],
  wantedVmaf: number | undefined,
  joulesPerBit: number | undefined,
): EqualQuality | undefined {
  const curves = [...Map.groupBy(settings, ladderName)].flatMap(([name, rungs]): Curves[] => {
    const energy = curveOf(rungs, 'energy');
    if (!energy) return [];
    return [{ name, energy, bitsPerSecond: curveOf(rungs, 'bitsPerSecond'), bits: curveOf(rungs, 'bits') }];
  });
  const vmaf = wantedVmaf ?? middleOf(curves.map(({ energy }) => energy));
  if (curves.length < 2 || vmaf === undefined) return undefined;
  const energyOf = ({ energy }: Curves) => amountAt(energy, vmaf) ?? Number.POSITIVE_INFINITY;
  const [first, ...others] = curves.sort((a, b) => energyOf(a) - energyOf(b) || (a.name < b.name ? -1 : 1));
  const anchor = first as Curves;
  return {
    vmaf,
    ladders: [
      atQuality(anchor, vmaf),
      ...others.map((curve) => ({
        ...atQuality(curve, vmaf),
        bdRate: changeOf(anchor.bitsPerSecond, curve.bitsPerSecond),
        bdEnergy: changeOf(anchor.energy, curve.energy),
        breakEven: viewsOf(anchor, curve, vmaf, joulesPerBit),
      })),
    ],
  };
}

function ladderName({ settings: { encoder, preset, resolution } }: Setting): string {
  return nameOf({ ...(encoder && { encoder }), ...(preset && { preset }), ...(resolution && { resolution }) });
}

function curveOf(rungs: readonly Setting[], measure: Measure): QualityCurve | undefined {
  const points = rungs.flatMap(({ spreads }) => {
    const spread = spreads[measure];
    return spread ? [{ vmaf: spreads.vmaf.mean, amount: spread.mean }] : [];
  });
  return points.length < rungs.length ? undefined : qualityCurve(points);
}

function middleOf(curves: readonly QualityCurve[]): number | undefined {
  const from = Math.max(...curves.map((curve) => rangeOf(curve)[0]));
  const to = Math.min(...curves.map((curve) => rangeOf(curve)[1]));
  return from <= to ? (from + to) / 2 : undefined;
}

function atQuality({ name, energy, bitsPerSecond }: Curves, vmaf: number): Ladder {
  return { name, energy: amountAt(energy, vmaf), bitsPerSecond: bitsPerSecond && amountAt(bitsPerSecond, vmaf) };
}

function changeOf(anchor: QualityCurve | undefined, test: QualityCurve | undefined): MeanChange | undefined {
  return anchor && test && meanChange(anchor, test);
}

function viewsOf(first: Curves, second: Curves, vmaf: number, joulesPerBit: number | undefined): BreakEven | undefined {
  const [a, b] = [first, second].map(({ energy, bits }) => {
    const [joules, delivered] = [amountAt(energy, vmaf), bits && amountAt(bits, vmaf)];
    return joules === undefined || delivered === undefined ? undefined : { joules, bits: delivered };
  });
  return a && b && joulesPerBit !== undefined ? breakEven(a, b, joulesPerBit) : undefined;
}
