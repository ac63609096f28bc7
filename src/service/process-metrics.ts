import type { Meter } from '@opentelemetry/api';

/** Records the resource use of the process, under the Collector's names. */
export function observeProcess(meter: Meter): void {
  meter
    .createObservableCounter('otelcol_process_uptime', { unit: 's', description: 'Time since the process started' })
    .addCallback((result) => result.observe(process.uptime()));
  meter
    .createObservableCounter('otelcol_process_cpu_seconds', {
      unit: 's',
      description: 'CPU time used, user and system',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
  meter
    .createObservableGauge('otelcol_process_memory_rss', { unit: 'By', description: 'Resident memory of the process' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge('otelcol_process_runtime_heap_alloc_bytes', {
      unit: 'By',
      description: 'Memory used by JavaScript objects',
    })
    .addCallback((result) => result.observe(process.memoryUsage().heapUsed));
}
