"""The driver ``replay``: reads a recording of another target back, ``replay:FOLDER``.

A recording is a folder of JSON files, written by record():

``replay.json``
    ``format`` (1), ``driver``, ``target`` and ``versions`` of what was recorded, ``groups`` that were asked for,
    ``host_id``, ``sources`` by group, and ``provides``: for each path of the catalogue null, or why it is not given.
``snapshot-0001.json``, ``snapshot-0002.json``, ...
    What ``hvinspect.to_dict()`` made of each snapshot.
``host-0001.json``, ``host-0002.json``, ...
    What it made of the host's numbers at the same time; missing where the target has none.

Each list of the instances takes the next snapshot, and the last one for ever after. All is as it was recorded, the
times of the instances included.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from hvinspect import (
    CATALOGUE,
    DEFAULT_GROUPS,
    Connection,
    HostId,
    NotSupported,
    Restored,
    Snapshot,
    Versions,
    from_dict,
    to_dict,
)
from hvinspect.driver import (
    Absence,
    Driver,
    Failure,
    Group,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InvalidTarget,
    InventoryRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    ReplyInvalid,
    printable,
)

from ._reduce import only_groups

__all__ = ["FORMAT", "ReplayDriver", "record"]

#: The version of the format; raised only by what an older reader would misread.
FORMAT = 1

T = TypeVar("T", Snapshot, HostStats)

_HEADER = "replay.json"
_NOT_RECORDED = Absence(Reason.UNSUPPORTED, "it was not asked for when this was recorded")


def record(
    connection: Connection,
    folder: str | Path,
    *,
    snapshots: int = 2,
    interval: float = 1.0,
    groups: Collection[Group] = DEFAULT_GROUPS,
    timeout: float = 10.0,
) -> None:
    """Write *snapshots* of *connection*, *interval* seconds apart, to *folder*, which is made.

    Raises:
        FileExistsError: there is such a folder.
        Error: as Connection.snapshot().
    """
    if snapshots < 1:
        raise ValueError(f"a recording has at least one snapshot, not {snapshots}")
    into = Path(folder)
    into.mkdir(parents=True)
    taken: Snapshot | None = None
    for number in range(1, snapshots + 1):
        if taken is not None:
            time.sleep(interval)
        taken = connection.snapshot(groups=groups, timeout=timeout)
        _write(into / f"snapshot-{number:04d}.json", to_dict(taken))
        try:
            _write(into / f"host-{number:04d}.json", to_dict(connection.host(timeout)))
        except NotSupported:
            continue
    assert taken is not None
    plain = to_dict(taken)
    provides = {
        one.field.path: {"reason": one.absence.reason.value, "detail": one.absence.detail} if one.absence else None
        for one in connection.capabilities(timeout)
    }
    header = {
        "format": FORMAT,
        "driver": taken.driver,
        "target": connection.target,
        "versions": plain["versions"],
        "groups": sorted(group.value for group in groups),
        "host_id": plain.get("host_id"),
        "sources": dict(plain["sources"]),
        "provides": provides,
    }
    # Last, so that a recording that was broken off is none.
    _write(into / _HEADER, header)


def _write(path: Path, plain: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="ascii")


class ReplayDriver(Driver):
    """A recording that is read from its start."""

    def __init__(self, header: Mapping[str, Any], snapshots: Sequence[Snapshot], hosts: Sequence[HostStats]) -> None:
        """Not to be called: see open()."""
        self._header = header
        self._snapshots = snapshots
        self._hosts = hosts
        self._lock = threading.Lock()
        self._step = 0
        self._recorded = frozenset(Group(name) for name in header["groups"] if name in set(Group))
        # hvinspect hands back what inventory() gave: the record itself tells which snapshot it is of.
        self._results: dict[int, InstanceStats | Failure] = {
            id(one.instance): one for snapshot in snapshots for one in _results_of(snapshot)
        }

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Read the whole recording.

        Raises:
            InvalidTarget: the folder holds none.
            ReplyInvalid: it is damaged, or made by a newer version.
        """
        folder = Path(request.target.rest)
        if not request.target.rest or not (folder / _HEADER).is_file():
            raise InvalidTarget(f"{printable(folder)} is no recording: it has no {_HEADER}; write replay:FOLDER")
        header = _read(folder / _HEADER)
        if header.get("format") != FORMAT:
            raise ReplyInvalid(f"{printable(folder)} is a recording of format {printable(header.get('format'))}, not 1")
        if not _is_whole(header):
            raise ReplyInvalid(f"{printable(folder / _HEADER)} is damaged: it does not say what was recorded")
        snapshots = [_restored(path, Snapshot) for path in sorted(folder.glob("snapshot-*.json"))]
        if not snapshots:
            raise ReplyInvalid(f"{printable(folder)} is a recording without snapshots")
        hosts = [_restored(path, HostStats) for path in sorted(folder.glob("host-*.json"))]
        return cls(header, snapshots, hosts)

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Those of the next snapshot."""
        with self._lock:
            snapshot = self._snapshots[min(self._step, len(self._snapshots) - 1)]
            self._step += 1
        return [one.instance for one in _results_of(snapshot)]

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """What was recorded."""
        for instance in request.instances:
            result = self._results[id(instance)]
            if isinstance(result, InstanceStats):
                result = only_groups(only_groups(result, self._recorded, _NOT_RECORDED), request.groups)
            yield result

    def host(self, request: HostRequest) -> HostStats:
        """The host's numbers recorded with the snapshot that was read last.

        Raises:
            NotSupported: there are none.
        """
        if not self._hosts:
            raise NotSupported("the recording has no statistics of the host")
        return self._hosts[min(max(0, self._step - 1), len(self._hosts) - 1)]

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """What the recorded target gave, as far as it was asked for."""
        provided: dict[str, Absence | None] = {}
        for path, why in self._header["provides"].items():
            field = CATALOGUE.get(path)
            if field is None:
                continue  # recorded by a later version
            if why is not None:
                provided[path] = Absence(_reason(why.get("reason")), str(why.get("detail", "")))
            elif field.group is not None and field.group not in self._recorded:
                provided[path] = _NOT_RECORDED
            else:
                provided[path] = None
        return provided

    def origin(self, request: OriginRequest) -> Origin:
        """Where the recorded numbers came from."""
        first = self._snapshots[0]
        host_id: HostId | None = first.host_id
        versions: Versions = first.versions
        return Origin(
            host_id=host_id,
            binding=versions.binding,
            hypervisor=versions.hypervisor,
            hypervisor_version=versions.hypervisor_version,
            manager_version=versions.manager_version,
            sources={group: f"recorded: {source}" for group, source in first.sources},
        )

    def close(self) -> None:
        """There is nothing to let go of."""


def _read(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise ReplyInvalid(f"{printable(path)} cannot be read: {printable(exc)}") from exc
    if not isinstance(plain, dict):
        raise ReplyInvalid(f"{printable(path)} holds no object")
    return cast("dict[str, Any]", plain)


def _is_whole(header: Mapping[str, Any]) -> bool:
    groups, provides = header.get("groups"), header.get("provides")
    return (
        isinstance(groups, list)
        and all(isinstance(name, str) for name in groups)
        and isinstance(provides, dict)
        and all(why is None or isinstance(why, dict) for why in provides.values())
    )


def _restored(path: Path, kind: type[T]) -> T:
    restored: Restored = from_dict(_read(path))
    if not isinstance(restored.record, kind):
        raise ReplyInvalid(f"{printable(path)} holds a {type(restored.record).__name__}, not a {kind.__name__}")
    return restored.record


def _results_of(snapshot: Snapshot) -> tuple[InstanceStats | Failure, ...]:
    return (*snapshot.instances, *snapshot.failures)


def _reason(value: object) -> Reason:
    try:
        return Reason(value)
    except ValueError:
        return Reason.UNKNOWN
