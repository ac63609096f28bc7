import type { MetricData } from '@opentelemetry/sdk-metrics';
import { isRun, isTimed, metersOf, withTimesOfSamples } from '../model/stream.ts';
import type { Consumer } from '../plugin/contract.ts';
import {
  allTaken,
  describeRun,
  joinOutcomes,
  type Outcome,
  outcomeFor,
  type Refusal,
  type Run,
} from '../plugin/index.ts';

/**
 * Returns the consumer of a pipeline that makes figures and cannot count streams: points of streams are refused, since each
 * would take the place of the one before it, and none would add up. `remedy` says what the pipeline needs.
 */
export function refuseStreams(next: Consumer, remedy: () => Promise<string>): Consumer {
  return {
    async consume(runs, signal) {
      if (runs.every(isTimed)) return next.consume(runs, signal);
      const passing: Run[] = [];
      const origins = new Map<Run, Run>();
      const streams: Refusal[] = [];
      for (const run of runs) {
        const isWhole = isRun(run);
        const parts = isWhole ? undefined : metersOf(run);
        if (parts) streams.push(refusalOf(run, parts.meters, await remedy()));
        const goesOn = isWhole ? withTimesOfSamples(run) : parts ? parts.rest : run;
        if (!goesOn) continue;
        passing.push(goesOn);
        origins.set(goesOn, run);
      }
      const passed = passing.length ? await next.consume(passing, signal) : allTaken;
      return settled(
        streams,
        outcomeFor(passed, (run) => origins.get(run) ?? run),
      );
    },
  };
}

/** A run whose other metrics are deferred is not refused yet, since all of it comes again; one is refused once. */
function settled(streams: readonly Refusal[], passed: Outcome): Outcome {
  const others = new Set([...passed.deferred, ...passed.refused.map(({ run }) => run)]);
  return joinOutcomes([{ refused: streams.filter(({ run }) => !others.has(run)), deferred: [] }, passed]);
}

function refusalOf(run: Run, meters: readonly MetricData[], remedy: string): Refusal {
  const points = meters.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
  const [name, ...more] = new Set(meters.map(({ descriptor }) => descriptor.name));
  const names = more.length ? `\`${name}\` and ${more.length} more` : `\`${name}\``;
  const why = 'its resource has neither `run.start_time` nor `run.id`';
  const message = `${names} of ${describeRun(run)} is a stream, since ${why}; ${remedy}`;
  return { run, reason: 'stream', message, ...(points < run.pointCount && { points }) };
}
