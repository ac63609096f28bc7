/** Counts the CPU time of a command and all its descendants. Each run needs its own meter. */
export interface CpuMeter {
  readonly source: 'cgroup' | 'proc';
  /** Returns the command line to start in place of `commandLine`, so that the command is counted from its start. */
  wrap(commandLine: readonly string[]): readonly string[];
  /** Starts counting; `pid` is the process just started. */
  follow(pid: number): void;
  /** Returns the CPU seconds used so far; never decreases. */
  read(): number;
  /** Returns the ids of all counted processes that are alive. */
  processes(): number[];
  /** Kills all counted processes, as far as the meter can reach them. */
  kill(): void;
  /** Releases the meter's resources; living processes go on uncounted. */
  close(): Promise<void>;
}
