"""What is wrong with a record, whatever it was made of."""

from __future__ import annotations

from hvinspect import InstanceStats
from hvinspect.testing._checks_values import _type_faults, reason_faults
from hvinspect.testing._walk import parts_of_stats

__all__ = ["faults_of"]

#: Numbers in a record are stored, and summed, as signed numbers of 64 bits.
_LIMIT = 1 << 63


def faults_of(stats: InstanceStats) -> list[str]:
    """Values without a reason, reasons beside values, wrong types, numbers that nothing can hold."""
    faults: list[str] = []
    for part in parts_of_stats(stats):
        faults += reason_faults(part)
        # A reply may claim any time; whether one is likely is a question to a live hypervisor.
        faults += (fault for fault in _type_faults(part) if not fault.endswith("since 1970"))
        for name in part.record.__dataclass_fields__:
            value = getattr(part.record, name)
            if type(value) is int and not 0 <= value < _LIMIT:
                faults.append(f"{part.where}: {name} is {value}")
    return faults
