/** The options of Node by which a process traces what it allocates; small pages, so that little of it is untraced. */
export const traceAllocations = ['--expose-gc', '--trace-gc-nvp', '--max-semi-space-size=1'];

/** The bytes that were allocated on V8's heap up to the last collection, by the output of a process that traces them. */
export function allocatedBytes(output: string): number {
  return [...output.matchAll(/ allocated=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
