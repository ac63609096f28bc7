import type { Meter } from '@opentelemetry/api';
import { droppedLines } from './log-output.ts';

/** Records the resource use of the process, under the Collector's names, and what its log has lost. */
export function observeProcess(meter: Meter): void {
  const counter = (name: string, unit: string, description: string, read: () => number) =>
    meter.createObservableCounter(name, { unit, description }).addCallback((result) => result.observe(read()));
  const gauge = (name: string, unit: string, description: string, read: () => number) =>
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => result.observe(read()));
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  counter('otelcol_process_uptime', 's', 'Time since the process started', () => process.uptime());
  counter('otelcol_process_cpu_seconds', 's', 'CPU time used, user and system', cpuSeconds);
  gauge('otelcol_process_memory_rss', 'By', 'Resident memory of the process', () => process.memoryUsage.rss());
  const lost = 'Lines of the log that were dropped, since nobody read them or the disk was full';
  counter('wattline_log_dropped_lines', '{line}', lost, droppedLines);
  const heapUsed = () => process.memoryUsage().heapUsed;
  gauge('otelcol_process_runtime_heap_alloc_bytes', 'By', 'Memory used by JavaScript objects', heapUsed);
}
