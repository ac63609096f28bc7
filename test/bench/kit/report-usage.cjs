// Preloaded into a measured process: at its end it reports CPU time and peak memory on file descriptor 3.
process.on('exit', () => {
  const { readFileSync, writeSync } = require('node:fs');
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  let peakKib = maxRSS;
  // What getrusage says may be inherited from the process that started this one.
  try {
    peakKib = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {}
  writeSync(3, JSON.stringify({ userMs: userCPUTime / 1000, systemMs: systemCPUTime / 1000, peakMib: peakKib / 1024 }));
});
