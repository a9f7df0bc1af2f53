"""What each client of a libvirtd called, read from the daemon's own log. No I/O here.

Rule. A client begins with the call by which libvirt's library learns how to authenticate, and ends where its address in
the daemon begins another one: the daemon uses the addresses of clients that are gone again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import final
from urllib.parse import urlsplit

from tests.lab import settings

_PREFIX = r"\S+ \S+ (?P<thread>\d+): \w+ : "
_CALL = re.compile(
    _PREFIX + r"(?P<program>\w+?)Dispatch(?P<procedure>\w+)Helper:\d+ : server=\S+ client=(?P<client>\S+)"
)
_OPENED = re.compile(_PREFIX + r"remoteOpenConn:\d+ : Getting secondary uri=(?P<uri>\S*) readonly=(?P<read_only>[01])")
_DAEMON_STARTED = re.compile(_PREFIX + r"libvirt version: ")
_FIRST, _OPENS = ("remote", "AuthList"), ("remote", "ConnectOpen")


@final
@dataclass(slots=True)
class Client:
    """One connection to the daemon."""

    uri: str = ""
    read_only: bool = True
    #: Such as "ConnectGetAllDomainStats"; one of another program than libvirt's ordinary one has its name before it.
    procedures: set[str] = field(default_factory=set)

    @property
    def is_the_labs(self) -> bool:
        """Has it said that it is no reader's? hvinspect cannot: it refuses a parameter that it does not know."""
        return settings.MARK in urlsplit(self.uri).query.split("&")


def clients(log: Iterable[str]) -> Iterator[Client]:
    """Every client in the lines of *log*, as soon as it is known to be whole."""
    here: dict[str, Client] = {}
    opening: dict[str, Client] = {}
    for line in log:
        if call := _CALL.match(line):
            made = call["program"], call["procedure"]
            if made == _FIRST and call["client"] in here:
                yield here.pop(call["client"])
            client = here.setdefault(call["client"], Client())
            client.procedures.add(made[1] if made[0] == "remote" else f"{made[0]}:{made[1]}")
            if made == _OPENS:
                opening[call["thread"]] = client
        elif (opened := _OPENED.match(line)) and opened["thread"] in opening:
            client = opening.pop(opened["thread"])
            client.uri, client.read_only = opened["uri"], opened["read_only"] == "1"
        elif _DAEMON_STARTED.match(line):
            yield from here.values()
            here.clear()
            opening.clear()
    yield from here.values()
