"""Sends hw.host.power by OTLP, as an application does that uses the OpenTelemetry SDK: each argument is a level in watts,
and is sent in a request of its own. Prints each request as JSON, a line each. Environment variables say where it goes."""

import sys
import time

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from printing_exporter import PrintingExporter

reader = PeriodicExportingMetricReader(PrintingExporter(), export_interval_millis=float("inf"))
provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
power = provider.get_meter("send-power").create_gauge("hw.host.power", unit="W")
for level in sys.argv[1:]:
    power.set(float(level))
    reader.force_flush()
    time.sleep(0.3)
