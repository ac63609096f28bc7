const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Milliseconds within which signals come from one Ctrl-C: the terminal and npm both send it. */
const SAME_KEYSTROKE = 500;

export type StopSignal = (typeof SIGNALS)[number];

/** The operator's requests to stop, as signals to this process. */
export interface Interruption {
  /** The first signal. */
  readonly name: StopSignal | undefined;
  /** Calls back for each request: for the first with its signal, for later ones with SIGKILL. */
  onSignal(listener: (name: StopSignal | 'SIGKILL') => void): void;
  offSignal(listener: (name: StopSignal | 'SIGKILL') => void): void;
  close(): void;
}

/** Catches SIGINT, SIGTERM and SIGHUP until it is closed. */
export function catchSignals(): Interruption {
  const listeners = new Set<(name: StopSignal | 'SIGKILL') => void>();
  let first: { readonly name: StopSignal; readonly at: number } | undefined;
  const handle = (name: NodeJS.Signals) => {
    const again = first !== undefined;
    if (first && performance.now() - first.at < SAME_KEYSTROKE) return;
    first ??= { name: name as StopSignal, at: performance.now() };
    for (const listener of listeners) listener(again ? 'SIGKILL' : (name as StopSignal));
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    get name() {
      return first?.name;
    },
    onSignal: (listener) => listeners.add(listener),
    offSignal: (listener) => listeners.delete(listener),
    close() {
      for (const name of SIGNALS) process.removeListener(name, handle);
    },
  };
}
