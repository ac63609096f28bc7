import type { Failure, ServiceStatus, StageStatus } from 'wattline/plugin';
import { type Counts, keyOf, type Points, type Queue, type SkipCount } from './counts.ts';
import type { Rates } from './rates.ts';

/** A stage of the report, without the figures that it does not have. */
export interface StageReport extends Pick<StageStatus, 'kind' | 'id' | 'state'> {
  readonly points?: Points;
  readonly points_per_second?: Points;
  readonly queue?: Queue;
  readonly last_error?: Failure;
}

export interface PipelineReport {
  readonly id: string;
  readonly state: ServiceStatus['state'];
  /** The stages in the order in which runs pass. */
  readonly stages: readonly StageReport[];
}

/** The JSON answer of `/status`. */
export interface Report {
  readonly state: ServiceStatus['state'];
  readonly time: Date;
  readonly up_since?: Date;
  readonly version?: string;
  readonly process: Counts['process'] & { readonly cpu_cores?: number };
  readonly pipelines: readonly PipelineReport[];
  /** Extensions and providers. */
  readonly services: readonly StageReport[];
  readonly skipped: readonly SkipCount[];
}

/** Returns the report of all stages at one moment. */
export function makeReport(status: ServiceStatus, counts: Counts, rates: Rates, time: Date): Report {
  const reportOf = (stage: StageStatus): StageReport => {
    const { kind, id, state, lastError } = stage;
    const key = keyOf(stage);
    return {
      ...{ kind, id, state },
      ...present({
        points: counts.points.get(key),
        points_per_second: rates.points.get(key),
        queue: counts.queues.get(key),
        last_error: lastError,
      }),
    };
  };
  const stagesOf = (kind: StageStatus['kind'], ids: readonly string[], pipeline?: string) =>
    ids.flatMap((id) => {
      const stage = status.stages.find(
        (candidate) => candidate.kind === kind && candidate.id === id && candidate.pipeline === pipeline,
      );
      return stage ? [reportOf(stage)] : [];
    });
  return {
    state: status.state,
    time,
    ...present({ up_since: status.upSince, version: counts.version }),
    process: { ...counts.process, ...present({ cpu_cores: rates.cpuCores }) },
    pipelines: status.pipelines.map(({ id, state, receivers, processors, exporters }) => ({
      ...{ id, state },
      stages: [
        ...stagesOf('receiver', receivers),
        ...stagesOf('processor', processors, id),
        ...stagesOf('exporter', exporters),
      ],
    })),
    services: status.stages.filter(({ kind }) => kind === 'extension' || kind === 'provider').map(reportOf),
    skipped: counts.skipped.toSorted((a, b) => b.count - a.count),
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Returns the object without undefined values. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
