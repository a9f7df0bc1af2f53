"""A driver whose targets go wrong in chosen ways, and the command with it: ``python -m tests.cli.scripted ...``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import hvinspect
from hvinspect import _registry
from hvinspect.cli import main
from hvinspect.driver import (
    Absence,
    Absences,
    DiskStats,
    Driver,
    Failure,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InventoryRequest,
    NicStats,
    OpenRequest,
    ReadRequest,
    Reason,
    Secret,
    Stopwatch,
    option,
)

UUID_OF_FIRST = UUID("11111111-2222-4333-8444-555555555500")
#: A name that clears the screen, colours, reorders, breaks the line and speaks the markup of rich.
HOSTILE = "\x1b[2J\x9b31m[red]bad[/red]\r\n\u202e:smile:\x07"

ERRORS: dict[str, Exception] = {
    "refused": hvinspect.ConnectFailed("no such socket"),
    "denied": hvinspect.AccessDenied("the policy forbids it"),
    "lost": hvinspect.ConnectionLost("the daemon went away"),
    "late": hvinspect.DeadlineExceeded("it did not answer"),
    "invalid": hvinspect.InvalidTarget("that is no address"),
    "unsupported": hvinspect.NotSupported("there is no such thing"),
    "hostile": hvinspect.ConnectFailed(HOSTILE),
    "broken": RuntimeError("a defect\nof the driver"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the driver takes."""

    password: Secret | None = option("A secret.", default=None)


class Scripted(Driver):
    """``scripted:ERROR`` fails to open so; ``scripted:reasons`` has a guest for each reason in its name."""

    Options = Options

    def __init__(self, script: str, password: Secret | None) -> None:
        self.script = script
        self.password = password
        self.reads = 0

    @classmethod
    def open(cls, request: OpenRequest) -> Scripted:
        script = request.target.rest
        if script in ERRORS:
            raise ERRORS[script]
        return cls(script, request.options.password)

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        self.reads += 1
        if self.script == "slow":
            time.sleep(30)
        if self.script == "dozing" and self.reads == 2:
            time.sleep(20)
        if self.script == "flaky" and self.reads == 2:
            raise hvinspect.DeadlineExceeded("it was away for a moment")
        if self.script == "name-is-password":
            return [Instance(key="k", name=self.password.reveal() if self.password else None)]
        if self.script == "foreign-name":
            return [Instance(key="k", name="größe")]
        if self.script == "hostile-name":
            return [Instance(key=HOSTILE, name=HOSTILE)]
        # A word of the target per instance: "denied+fine" is one that is denied and one that is fine.
        return [
            Instance(key=f"{number}-{word}", uuid=UUID(int=UUID_OF_FIRST.int + number), name=f"guest-{number}")
            for number, word in enumerate(self.script.split("+"))
        ]

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        for instance in request.instances:
            word = instance.key.rpartition("-")[2]
            if word in Reason._value2member_map_:
                yield Failure(instance=instance, reason=Reason(word), detail=f"{word}, said the {HOSTILE}")
            elif word == "partial":
                disks = (
                    DiskStats(key="vda", incarnation="1", read_bytes=2048, write_bytes=0),
                    DiskStats(
                        key="sda",
                        incarnation="1",
                        write_bytes=0,
                        absences=Absences({"read_bytes": Absence(Reason.FAILED, "no medium")}),
                    ),
                )
                yield InstanceStats(
                    instance=instance,
                    incarnation="1",
                    taken=Stopwatch().span(),
                    disks=disks,
                    nics=(NicStats(key="net0", incarnation="1"),),
                    absences=Absences({"nics": Absence(Reason.DENIED, "the other NICs are secret")}),
                )
            else:
                yield InstanceStats(instance=instance, incarnation="1", taken=Stopwatch().span())

    def host(self, request: HostRequest) -> HostStats:
        if self.script == "nohost":
            raise hvinspect.NotSupported("this driver has no statistics of the host")
        return HostStats(incarnation="1", hostname=HOSTILE, taken=Stopwatch().span())

    def close(self) -> None:
        pass


def register() -> None:
    """Make ``scripted:`` known to this process."""
    _registry.register("scripted", Scripted)


if __name__ == "__main__":
    register()
    sys.exit(main())
