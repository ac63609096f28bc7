import {
  type Boundary,
  baseUnitOf,
  type LabelReader,
  type Meaning,
  namesOf,
  scaleTo,
  underscored,
} from 'wattline/figures';
import { z } from 'wattline/plugin';
import { isLike } from './glob.ts';
import type { MeterRule } from './meters.ts';
import { isOfShares } from './power-like.ts';

const ofPower = ['facility', 'host', 'psys', 'package+dram', 'package', 'dram', 'core', 'uncore', 'gpu'] as const;
const ofResources = ['pod', 'container', 'process'] as const;
const boundaries = [...ofPower, 'system', ...ofResources] as const satisfies readonly Boundary[];

const label = z.string().min(1);

/** A metric that is read as a meter. */
export const meterSchema = z
  .strictObject({
    metric: z
      .string()
      .min(1)
      .describe(
        'Its name, with dots or as Prometheus has it, with or without the unit and `_total`; `*` stands for any text, and the metrics that it stands for are read as one, without those that are known to be shares of others, such as of pods',
      ),
    unit: z
      .string()
      .superRefine((unit, ctx) => {
        if (!baseUnitOf(unit)) ctx.addIssue({ code: 'custom', message: problemOfUnit(unit) });
      })
      .describe(
        'The unit of its values, whatever it declares: of energy or CPU time, which are counters, or of power or cores, which are levels, such as `kWh`, `s`, `W` or `{cpu}`',
      ),
    multiplier: z
      .number()
      .positive()
      .default(1)
      .describe('What its values are multiplied by, such as 0.1 where they are tenths of `unit`'),
    boundary: z.enum(boundaries).describe('What it measures around'),
    source: z
      .array(label)
      .min(1)
      .optional()
      .describe('The labels that tell its meters of one host apart, which add up; without it all labels do'),
    where: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .default({})
      .describe('Labels that a point must have to count, each with its value or several; `*` stands for any text'),
    identity: z
      .array(label)
      .min(1)
      .optional()
      .describe(
        'Labels by which each point names the host that it measures; one that is not in the `identity` of `live` is taken for `host.name`',
      ),
  })
  .superRefine(({ unit, boundary }, ctx) => {
    const base = baseUnitOf(unit);
    const isOfPower = ofPower.some((one) => one === boundary);
    if (base === undefined || isOfPower === (base === 'W' || base === 'J')) return;
    const names = isOfPower ? ofPower : ['system', ...ofResources];
    const others = isOfPower ? 'a unit of power or energy such as W or J' : 'a unit of CPU time or cores, s or {cpu}';
    const message = `expected for ${names.join(', ')} ${others}, since \`${unit}\` is of something else`;
    ctx.addIssue({ code: 'custom', path: ['unit'], message });
  });

export type MeterConfig = z.output<typeof meterSchema>;

/** Yields what is wrong with entries of one metric, by their index: they may differ in `where` and `boundary` alone. */
export function* problemsIn(meters: readonly MeterConfig[]): Generator<readonly [index: number, message: string]> {
  const firsts = new Map<string, MeterConfig>();
  for (const [index, meter] of meters.entries()) {
    const first = firsts.get(plainOf(meter.metric));
    if (!first) firsts.set(plainOf(meter.metric), meter);
    else if (sharedOf(first) !== sharedOf(meter))
      yield [
        index,
        `expected the \`unit\`, \`multiplier\`, \`source\` and \`identity\` of the entry before for ${meter.metric}, and a \`boundary\` of its kind; \`where\` may differ`,
      ];
  }
}

/** Returns the rules that a configuration makes; hosts are named by the attributes `keys`. */
export function rulesOf(meters: readonly MeterConfig[], keys: readonly string[]): MeterRule[] {
  return [...Map.groupBy(meters, ({ metric }) => plainOf(metric)).values()].map((rows) => ruleOf(rows, keys));
}

function ruleOf(rows: readonly MeterConfig[], keys: readonly string[]): MeterRule {
  const [{ metric, unit, multiplier, boundary, source, identity }] = rows as [MeterConfig];
  const form = plainOf(metric);
  // A unit that is none has been refused, but other settings are checked too.
  const base = baseUnitOf(unit) ?? 'W';
  const { times, per } = scaleTo(base, unit) ?? { times: 1, per: 1 };
  const isOfResource = ofResources.some((one) => one === boundary);
  const rowOf = (labels: LabelReader) => rows.find(({ where }) => isWhere(where, labels));
  const meaning: Meaning = {
    name: metric,
    unit: base,
    scale: { times: times * multiplier, per },
    origin: isOfResource ? 'process' : boundary === 'system' ? 'boot' : 'device',
    boundary: rows.length === 1 ? boundary : (labels) => rowOf(labels)?.boundary,
    role: (labels) => (rowOf(labels) ? 'counts' : 'no_use'),
    ...(isOfResource && { isOfResource }),
    ...(source && { source }),
    ...(identity && {
      identity: identity.map((one) => ({ attribute: keys.includes(one) ? one : 'host.name', label: one })),
    }),
  };
  const ends = ['', ...namesOf(unit).map((name) => `_${name}`)];
  const namesShares = isOfShares(form);
  const matches = (name: string) => {
    const plain = plainOf(name);
    // What is a share of another that the form stands for would count twice.
    if (!namesShares && isOfShares(plain)) return false;
    return ends.some((end) => plain.endsWith(end) && isLike(form, plain.slice(0, plain.length - end.length)));
  };
  return { matches, meaningOf: form.includes('*') ? (name) => ({ ...meaning, part: plainOf(name) }) : () => meaning };
}

function isWhere(where: MeterConfig['where'], labels: LabelReader): boolean {
  return Object.entries(where).every(([name, forms]) => {
    const value = labels(name) ?? '';
    return [forms].flat().some((form) => isLike(form, value));
  });
}

function sharedOf({ unit, multiplier, source, identity, boundary }: MeterConfig): string {
  const kind = boundary === 'system' ? 'system' : ofResources.some((one) => one === boundary) ? 'resource' : 'power';
  return JSON.stringify([unit, multiplier, source, identity, kind]);
}

function plainOf(metric: string): string {
  return underscored(metric).replace(/_total$/, '');
}

function problemOfUnit(unit: string): string {
  const expected = 'expected a unit of power, energy, CPU time or cores, such as W, kW, J, kWh, s or {cpu}';
  if (/^k?VA(h|\.h)?$/.test(unit)) {
    return `${expected}; \`${unit}\` is apparent power, of which a part is not used: name the metric in W`;
  }
  if (/^([mk]?[AV]|amperes|volts)$/.test(unit)) return `${expected}; \`${unit}\` is no power without the other factor`;
  return `${expected}, instead of \`${unit}\``;
}
