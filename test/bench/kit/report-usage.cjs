// Preloaded into a measured process: at its end it reports CPU time, peak memory and bytes read on file descriptor 3.
process.on('exit', () => {
  // With --expose-gc and --trace-gc-nvp, what was allocated since the last collection is then traced too.
  globalThis.gc?.();
  const { readFileSync, writeSync } = require('node:fs');
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { userMs: userCPUTime / 1000, systemMs: systemCPUTime / 1000, peakMib: maxRSS / 1024 };
  try {
    // What getrusage says may be inherited from the process that started this one.
    usage.peakMib = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    usage.bytesRead = Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1]);
  } catch {}
  writeSync(3, JSON.stringify(usage));
});
