import type { Attributes } from '@opentelemetry/api';
import { z } from 'wattline/plugin';
import { citedPower, type HostPower, type UnknownPower, type UtilisationCurve, wattsAt } from 'wattline/prediction';
import { textOf } from './attribute-text.ts';
import { isLike } from './glob.ts';

const hostSchema = z
  .strictObject({
    where: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .default({})
      .describe('Attributes that a host must have, each with its value or several; `*` stands for any text'),
    idle_watts: z.number().nonnegative().describe('What it draws when nothing runs, in W'),
    max_watts: z.number().positive().describe('What it draws with all CPUs busy, in W'),
    logical_cpus: z
      .int()
      .positive()
      .optional()
      .describe('How many logical CPUs it has, where it does not say so itself'),
  })
  .superRefine(({ idle_watts, max_watts }, ctx) => {
    if (idle_watts <= max_watts) return;
    ctx.addIssue({ code: 'custom', path: ['idle_watts'], message: `expected at most \`max_watts\`, ${max_watts}` });
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
    .describe('Hosts whose power is known when idle and when busy; the first entry that matches a host counts'),
});

export type WithoutMeterConfig = z.output<typeof withoutMeterSchema>;

/**
 * Returns what a host draws that has no meter, by its attributes and the number of its CPUs, or why that is not known;
 * undefined where nobody asked for it.
 */
export type PowerOf = (attributes: Attributes, cores: number | undefined) => HostPower | UnknownPower | undefined;

/** Returns what a configuration says of hosts without a meter; undefined where it says nothing. */
export function powerWithoutMeter({ cited_curves, hosts }: WithoutMeterConfig): PowerOf | undefined {
  if (!cited_curves && hosts.length === 0) return undefined;
  return (attributes, cores) => {
    const host = hosts.find(({ where }) => matches(where, attributes));
    if (!host) return cited_curves ? citedPower(attributes, cores) : undefined;
    const { idle_watts, max_watts } = host;
    const logical_cpus = host.logical_cpus ?? cores;
    if (logical_cpus === undefined) {
      const problem = 'its entry in `without_meter.hosts` has no `logical_cpus`, and it does not say how many it has';
      return { reason: 'unknown_cpu_count', problem };
    }
    return givenPower({ idle_watts, max_watts, logical_cpus, basis: 'configuration, without_meter.hosts' });
  };
}

function givenPower(curve: UtilisationCurve): HostPower {
  return { at: (cores) => ({ value: wattsAt(curve, cores) }), basis: curve.basis };
}

function matches(where: WithoutMeterConfig['hosts'][number]['where'], attributes: Attributes): boolean {
  return Object.entries(where).every(([name, forms]) => {
    const value = textOf(attributes[name]) ?? '';
    return [forms].flat().some((form) => isLike(form, value));
  });
}
