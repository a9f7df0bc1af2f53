"""The newest sample of a virtual machine in the shape that all rates have. No I/O here.

Rule. What vSphere measured over its window is handed on as it is, only in the catalogue's unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from hvinspect.driver import NOTHING_ABSENT, Absence, Absences, DiskRates, Group, InstanceRates, NicRates, RateSource

from . import absences
from .absences import NOT_REQUESTED
from .found import Disk, Hardware, Nic, Reading, Samples
from .metrics import DISK, NIC, READY, USAGE, USED

__all__ = ["decode_rates"]

_HUNDREDTHS_OF_PERCENT = 10_000
_CPU_FIELDS = ("cpu_cores", "cpu_fraction", "delay_fraction")


def decode_rates(reading: Reading) -> InstanceRates:
    """The rates of one virtual machine; what is missing has its reason."""
    hardware, sampled = reading.known.hardware, reading.sampled
    unknown = sampled if isinstance(sampled, Absence) else hardware if isinstance(hardware, Absence) else None
    absent: dict[str, Absence] = {}
    values: dict[str, Any] = {}
    for names, group in ((_CPU_FIELDS, Group.CPU), (("disks",), Group.DISK), (("nics",), Group.NIC)):
        if group not in reading.groups:
            absent.update(dict.fromkeys(names, NOT_REQUESTED))
        elif unknown is not None:
            absent.update(dict.fromkeys(names, unknown))
    if isinstance(sampled, Samples):
        values["window_ns"] = sampled.window_s * 1_000_000_000
        values["ended_unix_ns"] = sampled.ended_unix_ns
        if isinstance(hardware, Hardware):
            values |= _values(hardware, _Sampled(sampled, reading.lacking), absent)
    else:
        absent.update(dict.fromkeys(("window_ns", "ended_unix_ns"), sampled))
    return InstanceRates(
        instance=reading.known.instance, source=RateSource.SUPPLIED, absences=Absences(absent), **values
    )


@final
class _Sampled:
    """Gives the numbers of one sample, each with its reason if it is missing."""

    def __init__(self, samples: Samples, lacking: frozenset[str]) -> None:
        self._samples = samples
        self._lacking = lacking
        self.window_s = samples.window_s

    def number(self, counter: str, instance: str = "") -> int | Absence:
        if counter in self._lacking:
            return absences.no_counter(counter)
        value = self._samples.values.get((counter, instance))
        # -1 is vSphere's word for a sample that was not taken.
        return absences.NO_SAMPLE if value is None or value < 0 else value


def _values(hardware: Hardware, sampled: _Sampled, absent: dict[str, Absence]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "cpu_cores" not in absent:
        values.update(_split(_cpu(hardware, sampled), absent))
    if "disks" not in absent:
        values["disks"] = tuple(_disk(disk, sampled) for disk in hardware.disks)
    if "nics" not in absent:
        values["nics"] = tuple(_nic(nic, sampled) for nic in hardware.nics)
    return values


def _split(values: Mapping[str, float | Absence], absent: dict[str, Absence]) -> dict[str, float | None]:
    """The *values*; reasons go into *absent*."""
    absent.update({name: value for name, value in values.items() if isinstance(value, Absence)})
    return {name: None if isinstance(value, Absence) else value for name, value in values.items()}


def _cpu(hardware: Hardware, sampled: _Sampled) -> dict[str, float | Absence]:
    window_ms = sampled.window_s * 1000
    used, usage, ready = (sampled.number(name) for name in (USED, USAGE, READY))
    delay: float | Absence = absences.NO_CONFIGURATION
    if isinstance(ready, Absence):
        delay = ready
    elif hardware.vcpus:
        delay = ready / (window_ms * hardware.vcpus)  # the time of all vCPUs together
    return {
        "cpu_cores": used if isinstance(used, Absence) else used / window_ms,
        "cpu_fraction": usage if isinstance(usage, Absence) else usage / _HUNDREDTHS_OF_PERCENT,
        "delay_fraction": delay,
    }


def _disk(disk: Disk, sampled: _Sampled) -> DiskRates:
    absent: dict[str, Absence] = {}
    values: dict[str, float | Absence] = {}
    for field, (counter, unit) in DISK.items():
        if disk.device != "disk":
            values[field] = absences.NOT_A_DISK
        elif disk.name is None:
            values[field] = absences.NO_BUS
        else:
            number = sampled.number(counter, disk.name)
            values[field] = number if isinstance(number, Absence) else number * unit
    for way in ("read", "write"):
        # A mean over nothing is told as 0; one below a millisecond, too, but then something was counted.
        if values[f"{way}_latency_ns"] == 0 and values[f"{way}_requests_per_s"] == 0:
            values[f"{way}_latency_ns"] = absences.NO_REQUESTS
    numbers = _split(values, absent)
    return DiskRates(key=str(disk.key), absences=Absences(absent) if absent else NOTHING_ABSENT, **numbers)


def _nic(nic: Nic, sampled: _Sampled) -> NicRates:
    absent: dict[str, Absence] = {}
    values: dict[str, float | Absence] = {}
    for field, (counter, unit) in NIC.items():
        number = sampled.number(counter, str(nic.key))
        per_second = unit / sampled.window_s if counter.endswith(".summation") else unit
        values[field] = number if isinstance(number, Absence) else number * per_second
    numbers = _split(values, absent)
    return NicRates(key=str(nic.key), absences=Absences(absent) if absent else NOTHING_ABSENT, **numbers)
