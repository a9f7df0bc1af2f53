"""What the reader's process holds at moments when no fault is under way: it must not become more."""

from __future__ import annotations

import gc
import os
import threading
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tests.integration.libvirt.soak.faults import Faults
from tests.integration.libvirt.soak.reader import Reader
from tests.lab.daemons import wait_until

#: How long until all are complete again.
RECOVERED_S = 10.0
#: How much more may be there later. The interpreter's caches fill for a while; resident pages are malloc's affair as
#: well, hence the wider margin. One snapshot of these guests takes 16 KB.
PYTHON_BYTES, RESIDENT_BYTES = 128 * 1024, 3 * 1024 * 1024


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What there was while no fault was under way."""

    recovered: float
    allocated: int
    resident: int
    threads: int
    descriptors: int


def rest(faults: Faults, reader: Reader, everyone: frozenset[str]) -> Rest:
    """Let the faults rest, read until all is well again, and look."""
    faults.rest()
    while not faults.rests:
        reader.read()
    fault = faults.windows[-1]
    while missing := everyone - reader.read():
        assert time.monotonic() < fault.ended + RECOVERED_S, f"{missing} are not complete after {fault}"
    recovered = time.monotonic() - fault.ended
    for _ in range(10):  # connections that it closed are opened again as they are needed
        reader.read()
    wait_until(lambda: _closers() == 0, what="what was given up is closed", timeout=30.0)
    gc.collect()
    now = Rest(
        recovered=round(recovered, 2),
        allocated=tracemalloc.get_traced_memory()[0],
        resident=_resident_bytes(),
        threads=len(list(Path("/proc/self/task").iterdir())),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
    )
    print(now)
    return now


def _closers() -> int:
    return sum(thread.name.startswith("hvinspect") for thread in threading.enumerate())


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
