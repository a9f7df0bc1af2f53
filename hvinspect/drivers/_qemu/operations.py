"""Every command that this driver may ever send to a QEMU monitor. No I/O here.

Rule. What is not here is never sent, and nothing here changes anything: a run in the lab relays every monitor, and
fails on any other command. Whoever adds one says what it is for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple, final

from hvinspect.driver import Group

__all__ = ["BALLOON_PLACES", "COMMANDS", "WHO", "Command", "Operation", "commands_for", "commands_of_balloon"]


@final
class Operation(NamedTuple):
    """One command of QMP, and with which arguments it is sent."""

    command: str
    #: Argument -> the values that it may have; "*" is any.
    arguments: Mapping[str, tuple[Any, ...]]
    purpose: str


@final
class Command(NamedTuple):
    """One command to be sent, and the name by which its answer is found."""

    name: str
    execute: str
    #: As it goes over the wire.
    line: bytes
    #: The version of QEMU that it is first sent to.
    since: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, name: str, execute: str, arguments: Mapping[str, Any] | None = None) -> Command:
        """The command *execute* with its *arguments*."""
        said = {"execute": execute, "id": name, **({"arguments": arguments} if arguments else {})}
        return cls(name, execute, json.dumps(said).encode() + b"\n")


_NO: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType({})
#: Where QEMU keeps devices with a name, and those without.
BALLOON_PLACES: Final = ("/machine/peripheral", "/machine/peripheral-anon")
_BLOCKING: Final = {"target": "vcpu", "providers": [{"provider": "kvm", "names": ["blocking"]}]}

COMMANDS: Final[tuple[Operation, ...]] = (
    Operation("qmp_capabilities", _NO, "ends the greeting: no command is taken before it"),
    Operation("query-uuid", _NO, "who it is, where its command line cannot be seen"),
    Operation("query-name", _NO, "what it is called, where its command line cannot be seen"),
    Operation("query-status", _NO, "its state"),
    Operation("query-cpus-fast", _NO, "its vCPUs and the threads that run them"),
    Operation(
        "query-stats",
        {"target": ("vcpu",), "providers": (_BLOCKING["providers"],)},
        "whether KVM has a vCPU halted; only to QEMU 8.1 and newer, as older ones interrupt each vCPU to look",
    ),
    Operation("query-balloon", _NO, "what memory it has now"),
    Operation("query-memory-size-summary", _NO, "what memory it was given"),
    Operation("qom-list", {"path": BALLOON_PLACES}, "whether it has a balloon, and where"),
    Operation(
        "qom-get",
        {"path": ("*",), "property": ("guest-stats", "guest-stats-polling-interval")},
        "what the guest's balloon driver reported, and whether anyone asks for it",
    ),
    Operation("query-blockstats", _NO, "the counters of its disks"),
    Operation("query-block", _NO, "its disks and their images"),
    Operation("query-named-block-nodes", {"flat": (True,)}, "the length of the files below images (block_detail)"),
    Operation("query-iothreads", _NO, "its I/O threads (iothread)"),
    Operation("query-migrate", _NO, "its migration (job)"),
    Operation("query-dirty-rate", _NO, "the last measurement of how fast it writes memory (dirty_rate)"),
)

_OF_GROUP: Final[Mapping[Group, tuple[Command, ...]]] = {
    Group.STATE: (Command.of("status", "query-status"),),
    Group.CPU: (Command.of("cpus", "query-cpus-fast"),),
    Group.MEMORY: (Command.of("balloon", "query-balloon"),),
    Group.DISK: (Command.of("blockstats", "query-blockstats"), Command.of("block", "query-block")),
    Group.BLOCK_DETAIL: (
        Command.of("block", "query-block"),
        Command.of("nodes", "query-named-block-nodes", {"flat": True}),
    ),
    Group.IOTHREAD: (Command.of("iothreads", "query-iothreads"),),
    Group.JOB: (Command.of("migrate", "query-migrate"),),
    Group.DIRTY_RATE: (Command.of("dirty-rate", "query-dirty-rate"),),
}
#: Asked for when a QEMU is new, and again once a minute: what it was given, and where its balloon is.
_DESCRIBING: Final = (
    Command.of("memory", "query-memory-size-summary"),
    *(Command.of(place, "qom-list", {"path": place}) for place in BALLOON_PLACES),
)
# Older ones read a vCPU's statistics on its own thread, for which it leaves KVM: so it is never seen halted, and what
# the guest runs there is delayed (QEMU's 3b6f485275ae; seen with 7.2).
_HALTED: Final = Command.of("halted", "query-stats", _BLOCKING)._replace(since=(8, 1))
WHO: Final = (Command.of("uuid", "query-uuid"), Command.of("name", "query-name"))


@lru_cache(maxsize=256)
def commands_for(
    groups: frozenset[Group], *, balloon: str | None, describes: bool, is_polled: bool, has_kvm: bool
) -> tuple[Command, ...]:
    """What is to be asked for *groups*.

    *describes* asks for what seldom changes too, *balloon* is where there is one, and *is_polled* tells whether the
    guest's report of its memory is a new one each time.
    """
    commands = {command.name: command for group in Group if group in groups for command in _OF_GROUP.get(group, ())}
    wanted = [*commands.values()]
    if Group.CPU in groups and has_kvm:
        wanted.append(_HALTED)
    if Group.MEMORY in groups:
        if describes:
            wanted += _DESCRIBING
        if balloon is not None:
            report, interval = commands_of_balloon(balloon)
            wanted += [report] * (describes or is_polled) + [interval] * describes
    return tuple(wanted)


@lru_cache(maxsize=256)
def commands_of_balloon(balloon: str) -> tuple[Command, ...]:
    """What is to be asked of the *balloon* at that place."""
    return (
        Command.of("guest-stats", "qom-get", {"path": balloon, "property": "guest-stats"}),
        Command.of("interval", "qom-get", {"path": balloon, "property": "guest-stats-polling-interval"}),
    )
