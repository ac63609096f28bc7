import type { ValuedRun, ValueRuns } from '../advice/advice.ts';
import { valuedRun } from '../advice/amounts.ts';
import type { Configuration, Pipeline } from '../config/configuration.ts';
import type { Run } from '../model/run.ts';
import { type DryRunOptions, startDryRun } from './dry-run.ts';

/** Says of a run that reaches the end of the pipeline which one of those given it is. */
const POSITION = 'advice.position';

/**
 * Returns what values runs by one pipeline of a configuration, without its receivers and exporters. Each time the pipeline is
 * started anew, so that its stages know nothing of the runs of another time; figures that it makes of several runs together
 * do not count.
 */
export function valueByPipeline(configuration: Configuration, pipeline: Pipeline, options: DryRunOptions): ValueRuns {
  const only = { ...configuration, pipelines: [pipeline] };
  return async (runs) => {
    const ends: (Run | undefined)[] = runs.map(() => undefined);
    const arrived = (found: readonly Run[]) => {
      for (const run of found) {
        const position = run.attributes[POSITION];
        if (typeof position === 'number') ends[position] = run;
      }
    };
    const service = await startDryRun(only, arrived, options);
    try {
      const marked = runs.map((run, position) => run.with({ attributes: { [POSITION]: position } }));
      if (marked.length) await service.pipelines.get(pipeline.id)?.consume(marked, options.signal);
    } finally {
      await service.stop();
    }
    options.signal.throwIfAborted();
    return runs.map((run, position): ValuedRun => valuedRun(run, ends[position]));
  };
}
