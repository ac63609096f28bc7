import type { Processor, Run } from 'wattline/plugin';
import plugin from '../../plugins/processors/predictor/index.ts';
import { createTestContext, type TestContext } from './context.ts';

const never = new AbortController().signal;

/** A predictor, and everything that it does. */
export interface TestedPredictor extends TestContext {
  readonly stage: Processor;
  consume(...runs: Run[]): Promise<Run[]>;
}

/** A predictor under test, which is handed one run at a time. */
export function testedPredictor(training: object = {}, directory = '.', more: object = {}): TestedPredictor {
  const context = createTestContext({ directory });
  const stage = plugin.create(context.ctx, plugin.configSchema.parse({ training, ...more }));
  return {
    ...context,
    stage,
    async consume(...runs) {
      for (const run of runs) await stage.consume([run], never);
      return context.runs.splice(0);
    },
  };
}
