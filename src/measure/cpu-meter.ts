/** Counts the CPU time of a command and all processes that come from it. One meter serves one run. */
export interface CpuMeter {
  readonly source: 'cgroup' | 'proc';
  /** What the count is taken from, for people. */
  readonly description: string;
  /** The command line to start in place of `commandLine`, so that the command is counted from its first moment. */
  wrap(commandLine: readonly string[]): readonly string[];
  /** Starts to count; `pid` is the process just started. */
  follow(pid: number): void;
  /** CPU seconds used so far; never falls. */
  read(): number;
  /** The living processes that are counted. */
  processes(): number[];
  /** Ends them, wherever they have moved to, as far as the meter can reach them. */
  kill(): void;
  /** Gives up what the meter holds; processes that still live go on uncounted. */
  close(): Promise<void>;
}
