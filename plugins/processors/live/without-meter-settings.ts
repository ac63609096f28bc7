import type { Attributes } from '@opentelemetry/api';
import { z } from 'wattline/plugin';
import { citedPower, type HostPower, type UnknownPower, wattsAt } from 'wattline/prediction';
import { textOf } from './attribute-text.ts';
import { isLike } from './glob.ts';

const watts = z.number().nonnegative().optional();

const hostSchema = z
  .strictObject({
    where: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .default({})
      .describe('Attributes that a host must have, each with its value or several; `*` stands for any text'),
    idle_watts: watts.describe('What it draws when nothing runs, in W'),
    max_watts: watts.describe('What it draws with all CPUs busy, in W'),
    logical_cpus: z
      .int()
      .positive()
      .optional()
      .describe('How many logical CPUs it has, where it does not say so itself'),
    training: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'In place of the two powers: globs of results files with runs on such a host, of which power and CPU use were measured, relative to the configuration file',
      ),
  })
  .superRefine(({ idle_watts, max_watts, training }, ctx) => {
    const issue = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    const areKnown = idle_watts !== undefined && max_watts !== undefined;
    if (training.length > 0 && (idle_watts ?? max_watts) !== undefined)
      issue('training', 'expected either `idle_watts` and `max_watts`, or `training`');
    else if (training.length === 0 && !areKnown)
      issue('idle_watts', 'expected both `idle_watts` and `max_watts`, or `training`');
    else if (areKnown && idle_watts > max_watts) issue('idle_watts', `expected at most \`max_watts\`, ${max_watts}`);
  });

/** What hosts without a meter of power are taken to draw. */
export const withoutMeterSchema = z.strictObject({
  cited_curves: z
    .boolean()
    .default(false)
    .describe(
      'Whether a host whose CPU is known draws what published servers with such CPUs do: by `host.type` of a cloud, else by `host.cpu.…`',
    ),
  hosts: z
    .array(hostSchema)
    .default([])
    .describe(
      'Hosts whose power is known, by two powers or by measured runs; the first entry that matches a host counts',
    ),
});

export type WithoutMeterConfig = z.output<typeof withoutMeterSchema>;

/**
 * Returns what a host draws that has no meter, by its attributes and the number of its CPUs, or why that is not known;
 * undefined where nobody asked for it.
 */
export type PowerOf = (attributes: Attributes, cores: number | undefined) => HostPower | UnknownPower | undefined;

type HostEntry = WithoutMeterConfig['hosts'][number];

/**
 * Returns what a configuration says of hosts without a meter; undefined where it says nothing. `train` returns what the
 * runs of an entry's training files say.
 */
export async function powerWithoutMeter(
  { cited_curves, hosts }: WithoutMeterConfig,
  train: (include: readonly string[]) => Promise<HostPower | UnknownPower>,
): Promise<PowerOf | undefined> {
  if (!cited_curves && hosts.length === 0) return undefined;
  const trained = new Map<HostEntry, HostPower | UnknownPower>();
  for (const host of hosts) if (host.training.length) trained.set(host, await train(host.training));
  return (attributes, cores) => {
    const host = hosts.find(({ where }) => matches(where, attributes));
    if (!host) return cited_curves ? citedPower(attributes, cores) : undefined;
    return trained.get(host) ?? givenPower(host, cores);
  };
}

function givenPower({ idle_watts = 0, max_watts = 0, ...host }: HostEntry, cores = 0): HostPower | UnknownPower {
  const logical_cpus = host.logical_cpus ?? cores;
  if (logical_cpus === 0) {
    const problem = 'its entry in `without_meter.hosts` has no `logical_cpus`, and it does not say how many it has';
    return { reason: 'unknown_cpu_count', problem };
  }
  const curve = { idle_watts, max_watts, logical_cpus };
  return { at: (used) => ({ value: wattsAt(curve, used) }), basis: 'configuration, without_meter.hosts' };
}

function matches(where: HostEntry['where'], attributes: Attributes): boolean {
  return Object.entries(where).every(([name, forms]) => {
    const value = textOf(attributes[name]) ?? '';
    return [forms].flat().some((form) => isLike(form, value));
  });
}
