import { duration, reference, z } from 'wattline/plugin';
import type { Expirations } from './forgetting.ts';
import { hostKeys } from './identity.ts';
import type { UpdateOptions } from './ledger-update.ts';
import { meterSchema, problemsIn, rulesOf } from './meter-settings.ts';
import { Meters } from './meters.ts';
import { idleRules } from './shares.ts';
import { withoutMeterSchema } from './without-meter-settings.ts';
import { workloadMeters } from './workload-meters.ts';
import { levels } from './workloads.ts';

const wattsOf = (most: number, what: string) =>
  z.number().positive().default(most).describe(`What ${what} may draw at most, in W`);

const settings = z.strictObject({
  storage: reference('extension', 'storage')
    .optional()
    .describe(
      'The extension that keeps how far streams have been counted over a restart, such as `file_storage`; that of `totals`',
    ),
  state: z
    .string()
    .min(1)
    .default('live')
    .describe('The name under which it is kept; that of the `totals` behind, and of no other pair'),
  identity: z
    .array(z.string().min(1))
    .min(1)
    .default([...hostKeys])
    .describe(
      'The attributes that name a host, the strongest first: two resources are of one host where any is the same and none further up differs',
    ),
  max_gap: duration()
    .prefault('2m30s')
    .describe('How far two points of a gauge may be apart, and after how long without points another meter takes over'),
  by: z
    .enum(levels)
    .default('host')
    .describe(
      "Whose the energy and CPU time of a host are: its own (`host`), or those of the workloads on it, which are `namespace`, `pod`, `container`, `process` or `vm`, and what is left over the host's",
    ),
  idle_power: z
    .enum(idleRules)
    .default('none')
    .describe(
      "How the energy that a host draws when nothing runs is shared, with `by`: it stays the host's (`none`), each workload that was there gets as much (`even`), or in proportion to what each used (`by_use`)",
    ),
  idle_watts: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'What a host draws when nothing runs, in W. Where left out what Kepler says is idle, else the energy times the part of the cores that was not used',
    ),
  without_meter: withoutMeterSchema
    .prefault({})
    .describe('What hosts are taken to draw that send CPU time and no power, in proportion to the CPUs in use'),
  stream_expiration: duration()
    .prefault('24h')
    .describe(
      'After how long a stream that has not been heard of is forgotten, a process after four times `max_gap` in which others of its host went on; counting begins anew with what comes later',
    ),
  run_expiration: duration()
    .prefault('2m30s')
    .describe('After how long without a request a run is complete whose requests say `run.id` and no time'),
  max_streams: z
    .int()
    .positive()
    .default(10_000)
    .describe(
      'How many meters are followed, at most half of them of processes and containers; points of more are skipped',
    ),
  ceiling_watts: z
    .strictObject({
      facility: wattsOf(1_000_000, 'a data centre, for one host,'),
      host: wattsOf(20_000, 'a host'),
      psys: wattsOf(20_000, 'a platform'),
      package_and_dram: wattsOf(6000, 'all sockets of a host, with their memory'),
      package: wattsOf(1500, 'a socket'),
      dram: wattsOf(1500, 'the memory of a socket'),
      core: wattsOf(1500, 'the cores of a socket'),
      uncore: wattsOf(1500, 'the rest of a socket'),
      gpu: wattsOf(2000, 'a graphics card'),
    })
    .prefault({})
    .describe('The most that one meter can measure, in W, by its boundary; more is no measurement'),
  ceiling_cores: z
    .number()
    .positive()
    .default(1024)
    .describe(
      'How many cores a host can use, where neither its CPUs nor `system.cpu.logical.count` tell how many it has',
    ),
  meters: z
    .array(meterSchema)
    .default([])
    .describe('More metrics that are read; each takes the place of what the table has of that name'),
  counted_from_start: z
    .array(z.string())
    .default([])
    .describe(
      'More metrics whose counters begin at 0 with the process that sends them, such as the `hw.energy` of an application that adds up its own joules',
    ),
  other_metrics: z
    .enum(['pass', 'drop'])
    .default('pass')
    .describe(
      'What becomes of the other metrics of a resource with live ones: handed on without these (`pass`), or left out (`drop`)',
    ),
});

export const configSchema = settings.superRefine((config, ctx) => {
  for (const [index, message] of problemsIn(config.meters))
    ctx.addIssue({ code: 'custom', path: ['meters', index], message });
  const meters = metersOf(config);
  for (const [index, name] of config.counted_from_start.entries()) {
    if (meters.of(name)) continue;
    const message = 'expected a metric that `live` reads';
    ctx.addIssue({ code: 'custom', path: ['counted_from_start', index], message });
  }
});

/** A checked configuration; times in milliseconds. */
export type LiveConfig = z.output<typeof configSchema>;

/** What of a configuration the ledgers depend on. */
export interface LiveOptions
  extends Pick<UpdateOptions, 'maxGap' | 'ceilings' | 'meters' | 'isOfSender' | 'attribution'> {
  readonly expirations: Expirations;
}

/** A process is gone that has not been heard of for so many times `max_gap`. */
const GONE = 4;

/** Returns what the ledgers depend on; times in seconds. */
export function optionsOf(config: LiveConfig): LiveOptions {
  const { package_and_dram, ...watts } = config.ceiling_watts;
  const { by: level, idle_power: idleRule, idle_watts: idleWatts } = config;
  const ofHost = { share: watts.host, active: watts.host, idle: watts.host };
  const maxGap = config.max_gap / 1000;
  const expiration = config.stream_expiration / 1000;
  const meters = metersOf(config);
  const ofSender = new Set(config.counted_from_start.map((name) => meters.of(name)?.name));
  return {
    maxGap,
    meters,
    expirations: { host: expiration, process: Math.min(expiration, GONE * maxGap) },
    ceilings: { watts: { ...watts, ...ofHost, 'package+dram': package_and_dram }, cores: config.ceiling_cores },
    isOfSender: ({ name }) => ofSender.has(name),
    ...(level !== 'host' && { attribution: { level, idleRule, idleWatts } }),
  };
}

function metersOf({ meters, identity, by }: Pick<LiveConfig, 'meters' | 'identity' | 'by'>): Meters {
  return new Meters([...rulesOf(meters, identity), ...workloadMeters(by)]);
}
