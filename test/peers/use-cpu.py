"""Uses as many seconds of CPU as the first argument says, as an application does that has the instrumentation
system-metrics of the OpenTelemetry SDK; the others are the metrics that it reports. Prints each request as JSON, a line
each. Environment variables say where it goes, and how often."""

import sys
import time

from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from printing_exporter import PrintingExporter

states = {"process.cpu.time": ["user", "system"], "system.cpu.time": ["user", "system", "idle"]}
provider = MeterProvider(metric_readers=[PeriodicExportingMetricReader(PrintingExporter())])
metrics = SystemMetricsInstrumentor(config={name: states[name] for name in sys.argv[2:]})
metrics.instrument(meter_provider=provider)
end = time.process_time() + float(sys.argv[1])
while time.process_time() < end:
    pass
provider.shutdown()
