import type { Attributes } from '@opentelemetry/api';
import type { Factor } from './factor.ts';

/** What a figure is: its fixed name, its unit in UCUM, and a sentence about it. */
export interface FigureDefinition {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** The instrumentation scope that it is exported under; `wattline` where it is left out. */
  readonly scope?: string | undefined;
}

/** A number that a stage has added to a run. */
export interface Figure {
  readonly definition: FigureDefinition;
  readonly value: number;
  /** What it says beside the labels of its run. */
  readonly labels: Attributes | undefined;
  /** The factor that it rests on, where it rests on one that is to stand in the record of its run. */
  readonly factor: Factor | undefined;
}

/** Makes a figure of a run. Nobody may change `labels` afterwards, since figures share them. */
export function figure(definition: FigureDefinition, value: number, labels?: Attributes, factor?: Factor): Figure {
  return { definition, value, labels, factor };
}

/** What a figure or signal is called, and what it is in. */
type Described = Pick<FigureDefinition, 'name' | 'unit' | 'description'>;

/** Returns these figures or signals as what a plugin `emits`. */
export function emitsOf(definitions: readonly Described[]): Record<string, Pick<Described, 'unit' | 'description'>> {
  return Object.fromEntries(definitions.map(({ name, unit, description }) => [name, { unit, description }]));
}

/** Returns the units of these figures or signals by name, as what a plugin `reads`. */
export function unitsOf(definitions: readonly Described[]): Record<string, string> {
  return Object.fromEntries(definitions.map(({ name, unit }) => [name, unit]));
}
