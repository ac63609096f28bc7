import type { Answer, Ask } from './poster.ts';

/** What a process is loaded with, and how it is seen that nothing of it was lost. */
export interface Work {
  readonly name: string;
  /** What a request holds, such as `20 runs`. */
  readonly request: string;
  /** The configuration of a process that listens at two ports and keeps its state in a folder. */
  configuration(receiver: number, page: number, folder: string): string;
  /** Sends what all the rest rests on, such as the first points of meters. */
  begin?(ask: Ask): Promise<void>;
  /** Sends the next request, and remembers whether it was accepted; resolves with its answer. */
  send(ask: Ask): Promise<Answer>;
  /** Resolves with a line about what has arrived, once all that was accepted has; rejects where it has not. */
  check(receiver: Ask, page: Ask): Promise<string>;
}
