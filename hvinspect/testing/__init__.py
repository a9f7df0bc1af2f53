"""For tests: a fake hypervisor, recordings, faults, and what every driver is held to."""

from . import conformance, faults
from ._registered import registered
from .fake import FakeClock, FakeDriver, FakeHypervisor, FakeKind
from .replay import ReplayDriver, record

__all__ = [
    "FakeClock",
    "FakeDriver",
    "FakeHypervisor",
    "FakeKind",
    "ReplayDriver",
    "conformance",
    "faults",
    "record",
    "registered",
]
