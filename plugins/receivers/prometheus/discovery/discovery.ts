import type { Labels } from '../relabel.ts';

/** Finds targets. `create` may make it; it opens nothing until it is started. */
export interface Discovery {
  /** What messages call it. */
  readonly name: string;
  /** Milliseconds until it is asked again. */
  readonly interval: number;
  /** Reads the files of certificates and credentials. Throws, with the key and the path, where one cannot be used. */
  start?(): Promise<void>;
  /**
   * Returns the targets as they are now, each as labels with `__address__`; the same list where nothing has changed. Throws
   * where that cannot be found out.
   */
  discover(signal: AbortSignal): Promise<readonly Labels[]>;
  close?(): Promise<void>;
}
