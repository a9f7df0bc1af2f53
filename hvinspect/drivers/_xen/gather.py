"""What xenstore and dom0's kernel have of the devices of one domain.

Devices are looked up where dom0 alone can write: in the folders of dom0's own backends, and in libxl's. What a
domain's own folder says of its devices, the domain may have written: it could point at the disks of another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import final

from hvinspect.driver import Deadline

from .found import Device
from .sysfs import Sysfs
from .xenstore import Store

__all__ = ["DISK_KEYS", "NIC_KEYS", "Devices"]

_BACKENDS = "/local/domain/0/backend"
#: Kinds of disks' backends: the kernel's (vbd), tapdisk's as xl and XAPI start it (tap, vbd3), QEMU's (qdisk).
_DISK_KINDS = ("vbd", "vbd3", "tap", "qdisk")
#: The keys of a backend's folder that are read.
DISK_KEYS = ("dev", "params", "device-type", "sectors", "sector-size")
NIC_KEYS = ("mac", "bridge")
_BACKEND = re.compile(r"/local/domain/(\d{1,5})/backend/([a-z0-9_]{1,16})/(\d{1,5})/(\d{1,10})")
_NUMBER = re.compile(r"0|[1-9]\d{0,9}")


@final
class Devices:
    """The devices of all domains in one snapshot. What there is at all is listed once."""

    def __init__(self, store: Store, sysfs: Sysfs, deadline: Deadline, *, disks: bool, nics: bool) -> None:
        """List what there is, of *disks* and *nics* as they are wanted."""
        self._store, self._sysfs, self._deadline = store, sysfs, deadline
        kinds = store.names([_BACKENDS], deadline)[0] if disks else ()
        self._disk_kinds = [kind for kind in _DISK_KINDS if kind in kinds]
        self._disks = sysfs.disks() if disks else {}
        self._nics = sysfs.nics() if nics else {}

    def disks(self, domid: int) -> list[Device]:
        """The disks of the domain *domid*, by number."""
        return [
            Device(
                number=number,
                kind=kind,
                backend=backend,
                entry=entry,
                counters=self._sysfs.disk(self._disks[domid, number]) if (domid, number) in self._disks else None,
            )
            for number, kind, backend, entry in self._found(domid, self._disk_kinds, "vbd", DISK_KEYS, self._disks)
        ]

    def nics(self, domid: int) -> list[Device]:
        """The NICs of the domain *domid*, by number."""
        return [
            Device(
                number=number,
                kind=kind,
                backend=backend,
                entry=entry,
                counters=self._sysfs.nic(self._nics[domid, number]) if (domid, number) in self._nics else None,
            )
            for number, kind, backend, entry in self._found(domid, ("vif",), "vif", NIC_KEYS, self._nics)
        ]

    def _found(
        self,
        domid: int,
        kinds: Sequence[str],
        device: str,
        keys: Sequence[str],
        in_kernel: Mapping[tuple[int, int], str],
    ) -> list[tuple[int, str, int, dict[str, str]]]:
        libxl = f"/libxl/{domid}/device/{device}"
        *listed, known_to_libxl = self._store.names(
            [*(f"{_BACKENDS}/{kind}/{domid}" for kind in kinds), libxl], self._deadline
        )
        places: dict[int, tuple[str, int, str]] = {}
        for kind, names in zip(kinds, listed, strict=True):
            for name in filter(_NUMBER.fullmatch, names):
                places.setdefault(int(name), (kind, 0, f"{_BACKENDS}/{kind}/{domid}/{name}"))
        # Those of driver domains. XAPI keeps no such list.
        elsewhere = [name for name in known_to_libxl if _NUMBER.fullmatch(name) and int(name) not in places]
        paths = self._store.read([f"{libxl}/{name}/backend" for name in elsewhere], self._deadline)
        for name, path in zip(elsewhere, paths, strict=True):
            match = _BACKEND.fullmatch(path or "")
            if match and (int(match[3]), match[4]) == (domid, name):
                places[int(name)] = match[2], int(match[1]), match[0]
        # The kernel has a device for as long as it takes to shut it down.
        for owner, number in in_kernel:
            if owner == domid:
                places.setdefault(number, (device, 0, ""))
        return self._with_entries(places, keys)

    def _with_entries(
        self, places: Mapping[int, tuple[str, int, str]], keys: Sequence[str]
    ) -> list[tuple[int, str, int, dict[str, str]]]:
        wanted = [(number, key) for number, (_, _, folder) in places.items() if folder for key in keys]
        values = self._store.read([f"{places[number][2]}/{key}" for number, key in wanted], self._deadline)
        entries: dict[int, dict[str, str]] = {number: {} for number in places}
        for (number, key), value in zip(wanted, values, strict=True):
            if value is not None:
                entries[number][key] = value
        return [(number, places[number][0], places[number][1], entries[number]) for number in sorted(places)]
