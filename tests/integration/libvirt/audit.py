"""Did hvinspect call anything that its list does not have? The word of the daemons, over a whole run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hvinspect.drivers._libvirt.operations import READING, WRITING, Operation
from tests.lab import settings
from tests.lab.calls import Client, clients

REMEDY = (
    "hvinspect may call only what hvinspect/drivers/_libvirt/operations.py lists; "
    f"a client that is not hvinspect says so by ?{settings.MARK} in its URI"
)


def logs() -> list[Path]:
    """The logs of every libvirtd of this lab."""
    return sorted(settings.LOGS.glob("libvirtd*.calls"))


def seen(paths: Iterable[Path]) -> Iterator[Client]:
    """Every client in the logs at *paths*."""
    for path in paths:
        with path.open(errors="replace") as log:
            yield from clients(log)


def violations(of: Iterable[Client]) -> list[str]:
    """What was called and is not listed, by any client that is not the lab's own."""
    reading, writing = _names(READING), _names(READING) | _names(WRITING)
    found: set[str] = set()
    for client in of:
        if not client.is_the_labs:
            allowed = reading if client.read_only else writing
            how = "read-only" if client.read_only else "writable"
            found |= {f"{name}, on a {how} connection" for name in client.procedures if name.lower() not in allowed}
    return sorted(found)


def _names(operations: Iterable[Operation]) -> set[str]:
    """REMOTE_PROC_DOMAIN_GET_XML_DESC is DomainGetXMLDesc in the log."""
    return {one.procedure.removeprefix("REMOTE_PROC_").replace("_", "").lower() for one in operations}
