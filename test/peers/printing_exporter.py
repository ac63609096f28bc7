import os

if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
else:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter


class PrintingExporter(OTLPMetricExporter):
    """Sends by OTLP, and prints each request as JSON, a line each."""

    def export(self, metrics_data, *arguments, **options):
        print(metrics_data.to_json(indent=None), flush=True)
        return super().export(metrics_data, *arguments, **options)
