"""What a row of the matrix is: a fault that can be made real and proved, and what a reader may then be told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, final

from hvinspect import Failure, InstanceStats, Snapshot
from tests.integration.libvirt.faults.readers import Connected, Read, Reader
from tests.integration.libvirt.faults.scene import Scene
from tests.lab import settings

TARGET = f"libvirt:{settings.QEMU_URI}"


class Look(Protocol):
    """What one read may say of a guest that the fault has hit; raises AssertionError if it says anything else."""

    def __call__(self, now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None: ...


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault that is ready to be made in a scene that is ready for it."""

    #: Says by what it is seen, from outside the library, that the fault is there; raises if it is not. Asked before
    #: and after the reads of a fault that lasts, and once after one that passes.
    proof: Callable[[], str]
    #: A fault that lasts: it is there while this is entered.
    lasting: AbstractContextManager[object] = field(default_factory=contextlib.nullcontext)
    #: A fault that passes: this is run while reads follow each other without a pause.
    passing: Callable[[], object] | None = None
    #: The guests that it hits, by uuid; all others have to be complete in every snapshot.
    hit: Mapping[str, Look] = field(default_factory=dict)
    #: What a read may raise instead of giving a snapshot ...
    errors: tuple[type[BaseException], ...] = ()
    #: ... or has to raise.
    always_raises: bool = False
    #: From the second read on it is as quick as without the fault.
    quick: bool = False
    reader: Callable[[], Reader] = lambda: Connected(TARGET)
    #: Looks at all reads in their order, and raises if one of them tells what is not so.
    truth: Callable[[Sequence[Read]], None] | None = None
    #: Guests that are not there any more, for whatever reason, when the fault is over; by eye and uuid.
    ended: frozenset[tuple[int, str]] = frozenset()
    #: What the first snapshot after the fault must have beyond what was there before it.
    afterwards: Callable[[Sequence[Snapshot]], bool] = lambda snapshots: True


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of the matrix."""

    name: str
    breaks: str
    make: Callable[[Scene], AbstractContextManager[Case]]
    #: Of each read, in seconds.
    timeout: float
    #: How many reads there are at least while it lasts.
    reads: int
    #: In how many seconds after it has ended a snapshot has to be complete.
    recovers_in: float
    #: Over 20 s, so that CI leaves it to ./dev full.
    slow: bool


def fault(
    name: str,
    breaks: str,
    *,
    timeout: float = 5.0,
    reads: int = 3,
    recovers_in: float = 10.0,
    slow: bool = False,
) -> Callable[[Callable[[Scene], Iterator[Case]]], Fault]:
    """Makes a row of a generator that prepares a scene, yields the case, and tidies up."""

    def row(make: Callable[[Scene], Iterator[Case]]) -> Fault:
        return Fault(
            name=name,
            breaks=breaks,
            make=contextlib.contextmanager(make),
            timeout=timeout,
            reads=reads,
            recovers_in=recovers_in,
            slow=slow,
        )

    return row
