"""Send what a host's guests count to an OTLP receiver, on every host of a fleet: python otlp.py TARGET RECEIVER"""

from __future__ import annotations

import sys
import threading

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

import hvinspect
from hvinspect.bridges.opentelemetry import observe, resource_of

EVERY_MS = 10_000


def sending(hv: hvinspect.Connection, receiver: str) -> MeterProvider:
    """Send from now on, until what is returned is shut down. The resource says which host it is."""
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(receiver), export_interval_millis=EVERY_MS)
    provider = MeterProvider([reader], resource=resource_of(hv))
    observe(provider, hv)
    return provider


if __name__ == "__main__":
    target, receiver = sys.argv[1:]
    with hvinspect.connect(target) as hv:
        provider = sending(hv, receiver)
        try:
            threading.Event().wait()
        finally:
            provider.shutdown()
