// Preloaded into a server: at each SIGUSR2 it writes to standard output how long one turn of its event loop has taken at most
// since the last time, in CPU time of the main thread, so that what else the machine does is left out.
const { writeSync } = require('node:fs');

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let longest = 0;
let before = cpuMs();
const turn = () => {
  const now = cpuMs();
  longest = Math.max(longest, now - before);
  before = now;
  setImmediate(turn);
};
setImmediate(turn);
process.on('SIGUSR2', () => {
  writeSync(1, `held for ${longest.toFixed(1)} ms\n`);
  longest = 0;
});
