import type { Attributes } from '@opentelemetry/api';
import type { Labels, RunWindow } from './run-parts.ts';
import type { Samples } from './signals.ts';

/** What a run has made for those who asked. */
export class MadeOfRun {
  labels: Labels | undefined = undefined;
  /** The labels that a figure has added last, and all of them. */
  added: Attributes | undefined = undefined;
  withAdded: Labels | undefined = undefined;
  window: RunWindow | undefined = undefined;
  /** The samples that came as metrics. */
  converted: readonly Samples[] | undefined = undefined;
}
