/** Milliseconds within which signals come from one Ctrl-C: the terminal and npm both send it. */
const SAME_KEYSTROKE = 500;

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The operator's requests to stop. */
export interface Interruption {
  /** Aborted by the first request; its reason is an error with the name of the signal in `signal`. */
  readonly stop: AbortSignal;
  /** Aborted by the second. */
  readonly kill: AbortSignal;
}

/** Catches signals to this process until it is closed: `stop` is aborted by the first, and `again` is called by later ones. */
export function catchSignals(names: readonly StopSignal[], again: (name: StopSignal) => void) {
  const controller = new AbortController();
  let first: number | undefined;
  const handle = (name: NodeJS.Signals) => {
    first ??= performance.now();
    const reason = Object.assign(new DOMException('This operation was aborted', 'AbortError'), { signal: name });
    if (!controller.signal.aborted) controller.abort(reason);
    else if (performance.now() - first > SAME_KEYSTROKE) again(name as StopSignal);
  };
  for (const name of names) process.on(name, handle);
  const close = () => {
    for (const name of names) process.removeListener(name, handle);
  };
  return { stop: controller.signal, close };
}
