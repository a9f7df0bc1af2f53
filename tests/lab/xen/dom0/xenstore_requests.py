"""Counts what clients ask of xenstored, by what the daemon itself writes down."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.xen.dom0.run import output

_LOG: Final = Path("/run/xenstored-trace.log")
#: A request that came in: the connection, the operation and the path.
_REQUEST: Final = re.compile(r"\bIN (0x[0-9a-f]+) .*?\b([A-Z_]+) \((\S*)")
#: What switches the log makes it.
_CONTROL: Final = "CONTROL"


@contextlib.contextmanager
def counted() -> Iterator[list[Counter[str]]]:
    """The operations of each connection that asked anything while the context lasted; filled in at its end."""
    _LOG.unlink(missing_ok=True)
    output("xenstore-control", "logfile", str(_LOG))
    found: list[Counter[str]] = []
    try:
        yield found
    finally:
        output("xenstore-control", "logfile", "/dev/null")
    asked: dict[str, Counter[str]] = {}
    for connection, operation, _ in _REQUEST.findall(_LOG.read_text(encoding="utf-8", errors="replace")):
        asked.setdefault(connection, Counter())[operation] += 1
    found += [operations for operations in asked.values() if _CONTROL not in operations]
