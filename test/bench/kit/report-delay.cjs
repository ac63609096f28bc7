// Preloaded into a server: at each SIGUSR2 it says how long its event loop was blocked at most since the last one.
const { writeSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  writeSync(1, `blocked for ${delay.max / 1e6} ms\n`);
  delay.reset();
});
