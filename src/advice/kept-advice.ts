import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { messageOf, WattlineError } from '../errors.ts';
import { type Amount, type AmountName, adviceKinds, amountNames, type ValuedRun } from './advice.ts';
import { outputUnits, perOutput } from './per-output.ts';
import { type Times, timesOf } from './times-of-runs.ts';
import type { Advice } from './value-proposals.ts';

const amount = z.strictObject({ value: z.number(), lower: z.number().optional(), upper: z.number().optional() });
const sampled = z.strictObject({
  value: z.number(),
  error: z.number().min(0),
  runs: z.int().min(0),
  /** What it is compared with must be of the same kind. */
  kind: z.string(),
});

const keptAdvice = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(adviceKinds),
  title: z.string(),
  accepted: z.iso.datetime(),
  /** The runs that it was found in. */
  measured_on: z.strictObject({ runs: z.int().positive(), from: z.iso.datetime(), until: z.iso.datetime() }),
  /** What it would have saved of them; absent where some of them have no date or no known output. */
  predicted: z.strictObject({ usd: amount.optional(), energy_joules: amount.optional(), co2_kg: amount.optional() }),
  /** What they came to for each unit of their output. */
  before: z.strictObject({
    unit: z.enum(outputUnits),
    units: z.number().positive(),
    usd: sampled.optional(),
    energy_joules: sampled.optional(),
    co2_kg: sampled.optional(),
  }),
});

/** Advice that was accepted, with what later runs are compared with. */
export type KeptAdvice = z.output<typeof keptAdvice>;

const HEAD = '# Accepted advice. Compare later runs with it: wattline advise --realised <this file> <later results>\n';

/** Returns advice as it is kept; undefined where nothing says how much output the runs had or when they were. */
export function keep(advice: Advice, runs: readonly ValuedRun[], accepted: Date): KeptAdvice | undefined {
  const dated = runs.filter(({ raw }) => raw.isDated);
  const before = perOutput(dated);
  if (!before) return undefined;
  const { usd, energy, co2 } = before.amounts;
  const { id, kind, title, saves } = advice;
  const times = timesOf(dated.map(({ raw }) => raw)) as Times;
  // What is saved of runs without a date or an output cannot be shared out over the output of the others.
  const isShared = (name: AmountName) => before.amounts[name]?.runs === runs.length;
  const shared = Object.fromEntries(amountNames.filter(isShared).map((name) => [name, saves[name]]));
  return {
    id,
    kind,
    title,
    accepted: accepted.toISOString(),
    measured_on: {
      runs: dated.length,
      from: isoOf(times.from),
      until: isoOf(times.until),
    },
    predicted: namedWithUnits<Amount>(shared),
    before: { unit: before.unit, units: before.units, ...namedWithUnits({ usd, energy, co2 }) },
  };
}

/** Returns amounts by names that end in their units; those that are not known are absent. */
export function namedWithUnits<T>({ usd, energy, co2 }: Partial<Readonly<Record<AmountName, T | undefined>>>) {
  return {
    ...(usd !== undefined && { usd }),
    ...(energy !== undefined && { energy_joules: energy }),
    ...(co2 !== undefined && { co2_kg: co2 }),
  };
}

/** Reads a file of accepted advice; one that is absent has none. Throws `NOTHING_TO_READ` where it is something else. */
export async function readKept(path: string): Promise<KeptAdvice[]> {
  try {
    return z.array(keptAdvice).parse(parse(await readFile(path, 'utf8')) ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const message = `${path} is no file of accepted advice, as --keep writes it: ${messageOf(error)}`;
    throw new WattlineError('NOTHING_TO_READ', message, { cause: error });
  }
}

/**
 * Adds advice to a file, which is created where it is absent, and returns what was added. Advice that is kept already stays
 * as it was accepted first. Readers see the old file or the new one. Throws `CANNOT_WRITE` where it cannot be written.
 */
export async function addToKept(path: string, advice: readonly KeptAdvice[]): Promise<readonly KeptAdvice[]> {
  const kept = await readKept(path);
  const known = new Set(kept.map(({ id }) => id));
  const added = advice.filter(({ id }) => !known.has(id));
  if (added.length === 0) return added;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, HEAD + stringify([...kept, ...added]), { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new WattlineError('CANNOT_WRITE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return added;
}

function isoOf(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}
