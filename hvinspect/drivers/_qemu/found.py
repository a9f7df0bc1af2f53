"""What the sources gave of one QEMU, as plain records, whichever of them it was. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from hvinspect.driver import Absence, Group, Instance, NicCounters, ProcessLook, Span, StorageCounters, ThreadTimes

from .command_line import CommandLine

__all__ = ["Description", "Found", "Reading", "Tap", "Thread"]


@final
@dataclass(frozen=True, slots=True)
class Found:
    """One QEMU: its process, its monitor, or both."""

    #: None where the process is not seen from here; then the start is the number of the socket's file.
    pid: int | None
    started: int
    command: CommandLine | None
    #: The monitor's socket; None if it is not to be asked, for the reason.
    path: str | None
    unasked: Absence | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What seldom changes of a running QEMU."""

    read_ns: int
    read_unix_ns: int
    #: The numbers of its open files when it was read; None if they may not be seen.
    descriptors: frozenset[str] | None
    #: How many they are, where the kernel tells that alone; else None.
    files: int | None
    #: Descriptor -> network device; None if they may not be seen.
    taps: Mapping[int, str] | None
    #: Network device -> its bridge, of those that are in one here.
    bridges: Mapping[str, str]
    #: The network namespace; None if it may not be seen, or is this one.
    namespace: str | None
    #: Threads by the ids that QEMU knows them by, where its pid namespace is another one.
    inner: Mapping[int, int] | None


@final
@dataclass(frozen=True, slots=True)
class Tap:
    """A tap as the host has it."""

    counters: NicCounters
    #: The kernel's number of it, the bridge that it is in; None in another namespace, or without a bridge.
    index: int | None
    bridge: str | None
    is_here: bool


@final
@dataclass(frozen=True, slots=True)
class Thread:
    """The thread of one vCPU."""

    id: int
    times: ThreadTimes | Absence
    waited_ns: int | Absence


@final
@dataclass(slots=True, kw_only=True)
class Reading:
    """All that was got of one QEMU by one snapshot."""

    instance: Instance
    life: str
    taken: Span
    groups: frozenset[Group]
    command: CommandLine
    #: By the id of the command; what is not there has its reason in *refused*, or is missing for *unanswered*.
    answers: Mapping[str, Any]
    refused: Mapping[str, Absence]
    unanswered: Absence
    #: Does somebody have the guest's memory asked for again and again?
    is_polled: bool
    look: ProcessLook | Absence
    #: By the number of the vCPU; or why there are none.
    threads: Mapping[int, Thread] | Absence
    #: By name; or why they are not known.
    taps: Mapping[str, Tap | None] | Absence
    storage: StorageCounters | Absence
    #: Descriptor -> tap.
    descriptors: Mapping[int, str] = field(default_factory=dict[int, str])
