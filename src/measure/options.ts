import { countOf } from '../count.ts';
import { ConfigurationError, type Problem } from '../errors.ts';
import { defaultCorePrice } from '../factors/core-prices.ts';
import { outOfBounds } from '../factors/plausible.ts';
import { tabledText } from '../factors/regions.ts';
import { findRegion } from '../figures/index.ts';
import { duration, type Factor, z } from '../plugin/index.ts';
import type { Prices } from './figures.ts';

/** The region for prices where none is given; the results do not contain it then. */
export const DEFAULT_REGION = 'us-east-1';
const SHORTEST_INTERVAL = 0.1;

const text = z.string().min(1, { error: 'expected a text' });
const seconds = z
  .string()
  .transform((value): string | 0 => (/^\d+(\.\d+)?$/.test(value) ? `${value}s` : value))
  .pipe(duration())
  .transform((milliseconds) => milliseconds / 1000)
  .refine((value) => value > 0, { error: 'expected a time above 0' });
const amount = z
  .string()
  .refine((value) => value.trim() !== '' && Number(value) >= 0 && Number.isFinite(Number(value)), {
    error: 'expected a number of 0 or more',
  })
  .transform(Number);
const count = (least: number) =>
  z
    .string()
    .refine((value) => /^\d{1,6}$/.test(value) && Number(value) >= least, {
      error: `expected a whole number, ${least} or more`,
    })
    .transform(Number);

const schema = z.strictObject({
  name: z.array(text).default([]),
  duration: seconds.optional(),
  interval: seconds.refine((value) => value >= SHORTEST_INTERVAL, { error: `expected ${SHORTEST_INTERVAL}s or more` }),
  repeat: count(1),
  compare: z.boolean(),
  output: text.optional(),
  recordCommand: z.boolean(),
  streams: z.array(count(0)).default([]),
  bitrate: z.array(text).default([]),
  encoder: z.array(text).default([]),
  preset: z.array(text).default([]),
  crf: z.array(amount).default([]),
  content: z.array(text).default([]),
  encoded: z.array(text).default([]),
  vmaf: text.optional(),
  vmafFfmpeg: text,
  region: z
    .string()
    .refine((value) => findRegion(value) !== undefined, {
      error: 'expected a region that `wattline regions` lists',
    })
    .optional(),
  usdPerKwh: amount.optional(),
  usdPerCoreHour: amount.optional(),
  kgPerKwh: amount.optional(),
  idleWatts: amount.optional(),
  maxWatts: amount.optional(),
  model: text.optional(),
});

/** The options that may be given once for each command. */
const labels = ['name', 'streams', 'bitrate', 'encoder', 'preset', 'crf', 'content', 'encoded'] as const;

/** The options that are refused where they are most likely a slip of the unit. */
const judged = [
  ['usdPerKwh', 'price', 'USD/kWh'],
  ['kgPerKwh', 'intensity', 'kg/kWh'],
] as const;

/** The options of `measure`, checked; times in seconds. */
export type MeasureOptions = z.output<typeof schema>;

/** A command to measure, with its labels. */
export interface MeasuredCommand {
  readonly commandLine: readonly string[];
  readonly name: string;
  readonly streams: number | undefined;
  readonly bitrate: string | undefined;
  readonly encoder: string | undefined;
  readonly preset: string | undefined;
  /** The encoder's constant rate factor. */
  readonly crf: number | undefined;
  /** What is encoded. */
  readonly content: string | undefined;
  /** The video that it writes. */
  readonly encoded: string | undefined;
}

/** Checks the command line: the words after `--` and the raw options. Throws `ConfigurationError` with every problem. */
export function parseMeasure(
  words: readonly string[],
  raw: unknown,
): { readonly commands: readonly MeasuredCommand[]; readonly options: MeasureOptions } {
  const problems: Problem[] = [];
  const report = (key: PropertyKey | undefined, message: string) => {
    const path = `--${String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const remedy = 'wattline measure --help lists the options';
    problems.push({ code: 'CONFIG_INVALID_VALUE', path, message, remedy });
  };
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const given = (path: readonly PropertyKey[]) =>
      path.reduce((value: unknown, key) => (value as Record<PropertyKey, unknown>)?.[key], raw);
    for (const { path, message } of parsed.error.issues) {
      report(path[0], `${message}, not ${JSON.stringify(given(path))}`);
    }
    throw new ConfigurationError(problems);
  }
  const options = parsed.data;
  const commandLines = options.compare ? splitAtDashes(words) : [words];
  if (options.compare && (commandLines.length !== 2 || commandLines.some(({ length }) => length === 0))) {
    const remedy = 'where one of them has a `--` of its own, put it into sh -c';
    report('compare', `expected two commands, as -- first command -- second command; ${remedy}`);
  }
  for (const key of labels) {
    const { length } = options[key];
    if (length <= commandLines.length) continue;
    report(key, `it is given ${length} times for ${countOf(commandLines.length, 'command')}`);
  }
  if (options.vmaf !== undefined && options.encoded.length === 0) {
    report('vmaf', 'it is expected together with --encoded, the video that the command writes');
  }
  const { idleWatts, maxWatts } = options;
  if ((idleWatts === undefined) !== (maxWatts === undefined)) {
    report('maxWatts', 'it is expected together with --idle-watts');
  } else if (idleWatts !== undefined && maxWatts !== undefined && maxWatts < idleWatts) {
    report('maxWatts', `expected at least the ${idleWatts} W of --idle-watts`);
  }
  if (options.model !== undefined && idleWatts !== undefined) {
    report('model', 'it is expected without --idle-watts and --max-watts, which say the power another way');
  }
  if (options.usdPerKwh === undefined && !findRegion(options.region ?? DEFAULT_REGION)?.price) {
    report('usdPerKwh', `expected, since no price of electricity is known for ${options.region}`);
  }
  for (const [key, quantity, unit] of judged) {
    const value = options[key];
    const why = value === undefined ? undefined : outOfBounds(quantity, { value, unit });
    if (why) report(key, `${value} is not plausible; ${why}`);
  }
  if (problems.length) throw new ConfigurationError(problems);
  return { commands: commandsOf(commandLines, options), options };
}

/** Returns the prices by the options, and their origin as a sentence. */
export function pricesFor(options: MeasureOptions): { readonly prices: Prices; readonly notes: readonly string[] } {
  const name = options.region ?? DEFAULT_REGION;
  const { price, intensity } = findRegion(name) ?? {};
  const where = options.region === undefined ? `${name}, since no --region is given` : name;
  const choose = (given: number | undefined, known: Factor | undefined, of: string) => {
    if (given !== undefined) return { value: given, origin: 'as given' };
    if (!known) throw new Error(`what electricity costs and emits in ${name} is not known`);
    const { value, source, year, id } = known;
    const tabled = tabledText(id);
    const origin = `${of} (${year === undefined ? source : `${source}, ${year}`})`;
    return { value, origin: tabled === undefined ? origin : `${origin}; ${tabled}` };
  };
  const electricity = choose(options.usdPerKwh, price, where);
  const emissions = choose(options.kgPerKwh, intensity, where);
  const compute = choose(options.usdPerCoreHour, defaultCorePrice, 'since no --usd-per-core-hour is given');
  return {
    prices: { usdPerKwh: electricity.value, kgPerKwh: emissions.value, usdPerCoreHour: compute.value },
    notes: [
      `Electricity: ${electricity.value} USD/kWh, ${electricity.origin}.`,
      `Carbon intensity: ${emissions.value} kg CO2e/kWh, ${emissions.origin}.`,
      `Compute: ${compute.value} USD a core-hour, ${compute.origin}.`,
    ],
  };
}

function commandsOf(commandLines: readonly (readonly string[])[], options: MeasureOptions): MeasuredCommand[] {
  const names = commandLines.map((line, index) => options.name[index] ?? options.name[0] ?? programOf(line));
  return commandLines.map((commandLine, index) => {
    const pick = <T>(values: readonly T[]): T | undefined => values[index] ?? values[0];
    const name = names[index] as string;
    return {
      commandLine,
      name: names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${'AB'[index]}`,
      streams: pick(options.streams),
      bitrate: pick(options.bitrate),
      encoder: pick(options.encoder),
      preset: pick(options.preset),
      crf: pick(options.crf),
      content: pick(options.content) ?? (options.vmaf === undefined ? undefined : programOf([options.vmaf])),
      encoded: pick(options.encoded),
    };
  });
}

/** Returns the name of a command line's program, without its folder. */
export function programOf([file = '']: readonly string[]): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function splitAtDashes(words: readonly string[]): (readonly string[])[] {
  const at = words.indexOf('--');
  return at < 0 ? [words] : [words.slice(0, at), ...splitAtDashes(words.slice(at + 1))];
}
