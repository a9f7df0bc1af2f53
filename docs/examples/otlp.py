"""Send what a host's guests count to an OTLP receiver, on every host of a fleet: python otlp.py TARGET RECEIVER"""

from __future__ import annotations

import signal
import sys
import time

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

import hvinspect
from hvinspect.bridges.opentelemetry import observe, resource_of

EVERY_MS = 10_000


def sending(hv: hvinspect.Connection, receiver: str) -> MeterProvider:
    """Send from now on, until what is returned is shut down. The resource says which host it is."""
    resource = resource_of(hv)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(receiver), export_interval_millis=EVERY_MS)
    provider = MeterProvider([reader], resource=resource)
    observe(provider, hv)
    return provider


def send(target: str, receiver: str) -> None:
    """Until SIGTERM, by which systemctl stops it: then once more, and it ends with 0."""
    # Python ends without any "finally" on a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            with hvinspect.connect(target) as hv:
                provider = sending(hv, receiver)
                try:
                    print(f"sending what {target} counts to {receiver}", flush=True)
                    while True:
                        time.sleep(1)
                finally:
                    provider.shutdown()
        except hvinspect.Error as error:
            # Which host to send of is not known before it has been read for the first time.
            print(f"{target}: {error.code}: {error}", file=sys.stderr, flush=True)
            if not error.retryable:
                sys.exit(1)
        time.sleep(EVERY_MS / 1000)


if __name__ == "__main__":
    send(*sys.argv[1:])
