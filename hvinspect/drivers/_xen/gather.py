"""What xenstore and dom0's kernel have of the devices of one domain.

Devices are looked up where dom0 alone can write: in the folders of dom0's own backends, and in libxl's. What a
domain's own folder says of its devices, the domain may have written: it could point at the disks of another.

Each time that xenstored is asked it may have to be waited for, so all lists of a domain are asked for at once, and then
all values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from hvinspect.driver import Deadline

from .found import Counters, Device
from .sysfs import Sysfs
from .xenstore import Store

__all__ = ["DISK_KEYS", "NIC_KEYS", "Devices", "Lasting"]

#: Of the disks or the NICs of a domain: a backend's folder and the kernel's number of it -> what stays as it is.
Lasting = dict[tuple[int, str], dict[tuple[str, str], dict[str, str]]]

_BACKENDS = "/local/domain/0/backend"
#: Kinds of disks' backends: the kernel's (vbd), tapdisk's as xl and XAPI start it (tap, vbd3), QEMU's (qdisk).
_DISK_KINDS = ("vbd", "vbd3", "tap", "qdisk")
#: The keys of a backend's folder that are read.
DISK_KEYS = ("dev", "params", "device-type", "sectors", "sector-size")
NIC_KEYS = ("mac", "bridge")
#: Those that stay what they are for as long as the kernel has the backend.
_LASTING = frozenset({"dev", "device-type", "sector-size", "mac"})
_BACKEND = re.compile(r"/local/domain/(\d{1,5})/backend/([a-z0-9_]{1,16})/(\d{1,5})/(\d{1,10})")
_NUMBER = re.compile(r"0|[1-9]\d{0,9}")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    """Disks, or NICs."""

    #: What libxl calls them.
    name: str
    #: The kinds of backends that there are.
    kinds: Sequence[str]
    #: What is read of each backend's folder.
    keys: Sequence[str]
    #: Those of the kernel's own backends: domain -> number -> name.
    in_kernel: Mapping[int, Mapping[int, str]]
    counters: Callable[[str], Counters | None]

    def lists(self, domid: int) -> list[str]:
        """The folders whose names are the numbers of the devices of the domain *domid*; the last is libxl's."""
        return [*(f"{_BACKENDS}/{kind}/{domid}" for kind in self.kinds), f"/libxl/{domid}/device/{self.name}"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a device is, and what is known of it by now."""

    sort: _Sort
    number: int
    kind: str
    #: The domain of its backend.
    backend: int
    #: Its backend's folder, if it has one.
    folder: str
    counters: Counters | None
    #: What its backend's folder has; filled in as it is read.
    entry: dict[str, str]


@final
class Devices:
    """The devices of all domains in one snapshot. What there is at all is listed once."""

    def __init__(
        self, store: Store, sysfs: Sysfs, lasting: Lasting, deadline: Deadline, *, disks: bool, nics: bool
    ) -> None:
        """List what there is, of *disks* and *nics* as they are wanted; *lasting* is kept between snapshots."""
        self._store, self._lasting, self._deadline = store, lasting, deadline
        self._disks = self._nics = None
        if disks:
            kinds = store.names([_BACKENDS], deadline)[0]
            self._disks = _Sort(
                name="vbd",
                kinds=[kind for kind in _DISK_KINDS if kind in kinds],
                keys=DISK_KEYS,
                in_kernel=sysfs.disks(),
                counters=sysfs.disk,
            )
        if nics:
            self._nics = _Sort(name="vif", kinds=("vif",), keys=NIC_KEYS, in_kernel=sysfs.nics(), counters=sysfs.nic)

    def read(self, domid: int, besides: Sequence[str]) -> tuple[list[Device], list[Device], list[str | None]]:
        """The disks and NICs of the domain *domid* by number, and the values of *besides*, which are read last."""
        sorts = [sort for sort in (self._disks, self._nics) if sort is not None]
        lists = iter(self._store.names([path for sort in sorts for path in sort.lists(domid)], self._deadline))
        found = [list(self._places(domid, sort, [next(lists) for _ in sort.lists(domid)])) for sort in sorts]
        places = [place for of_sort in found for place in of_sort]
        wanted = [
            (one.entry, f"{one.folder}/", key)
            for one in places
            if one.folder
            for key in one.sort.keys
            if key not in one.entry
        ]
        values = self._store.read([*(folder + key for _, folder, key in wanted), *besides], self._deadline)
        for (entry, _, key), value in zip(wanted, values, strict=False):
            if value is not None:
                entry[key] = value
        for sort, of_sort in zip(sorts, found, strict=True):
            self._lasting[domid, sort.name] = {
                (one.folder, one.counters.number): {key: one.entry[key] for key in _LASTING & one.entry.keys()}
                for one in of_sort
                if one.counters is not None
            }
        disks, nics = ([_device(one) for one in places if one.sort is sort] for sort in (self._disks, self._nics))
        return disks, nics, values[len(wanted) :]

    def _places(self, domid: int, sort: _Sort, lists: Sequence[Sequence[str]]) -> Iterator[_Place]:
        *listed, known_to_libxl = lists
        places: dict[int, tuple[str, int, str]] = {}
        for kind, names in zip(sort.kinds, listed, strict=True):
            for name in filter(_NUMBER.fullmatch, names):
                places.setdefault(int(name), (kind, 0, f"{_BACKENDS}/{kind}/{domid}/{name}"))
        # Those of driver domains. XAPI keeps no such list.
        elsewhere = [name for name in known_to_libxl if _NUMBER.fullmatch(name) and int(name) not in places]
        paths = self._store.read(
            [f"/libxl/{domid}/device/{sort.name}/{name}/backend" for name in elsewhere], self._deadline
        )
        for name, path in zip(elsewhere, paths, strict=True):
            match = _BACKEND.fullmatch(path or "")
            if match and (int(match[3]), match[4]) == (domid, name):
                places[int(name)] = match[2], int(match[1]), match[0]
        # The kernel has a device for as long as it takes to shut it down.
        in_kernel = sort.in_kernel.get(domid, {})
        for number in in_kernel:
            places.setdefault(number, (sort.name, 0, ""))
        known = self._lasting.get((domid, sort.name), {})
        for number, (kind, backend, folder) in sorted(places.items()):
            counters = sort.counters(in_kernel[number]) if number in in_kernel else None
            yield _Place(
                sort=sort,
                number=number,
                kind=kind,
                backend=backend,
                folder=folder,
                counters=counters,
                entry=dict(known.get((folder, counters.number), {})) if counters is not None else {},
            )


def _device(place: _Place) -> Device:
    return Device(
        number=place.number, kind=place.kind, backend=place.backend, entry=place.entry, counters=place.counters
    )
