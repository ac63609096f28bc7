// Preloaded into a server, with --expose-gc: at each SIGUSR2 it collects garbage, and writes to standard output what memory
// is left and how long its event loop was held at most since the last time, without the collection itself.
const { writeSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('SIGUSR2', () => {
  const heldMs = delay.max / 1e6;
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  writeSync(1, `memory ${JSON.stringify({ at: Date.now() / 1000, rss, heapUsed, external, heldMs })}\n`);
  setImmediate(() => delay.reset());
});
