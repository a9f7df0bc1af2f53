"""Counts the system calls of this process, by dom0's kernel."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.xen.dom0.run import output

_TRACING: Final = Path("/sys/kernel/tracing")
#: What is sent goes to xenstored, what is opened is in sysfs; of the ioctls those that are hypercalls count.
CALLS: Final = ("ioctl", "sendto", "openat", "execve", "vfork")
_LINE: Final = re.compile(r": sys_(\w+)\((.*)")
# IOCTL_PRIVCMD_HYPERCALL of <xen/privcmd.h>; Python asks of each file that it opens whether it is a terminal.
_HYPERCALL: Final = "cmd: 305000"


@contextlib.contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often this process, with its threads, made each of CALLS while the context lasted; filled in at its end."""
    if not (_TRACING / "trace").exists():
        output("mount", "-t", "tracefs", "tracefs", str(_TRACING))
    # Threads that begin meanwhile are followed too.
    _write("options/event-fork", "1")
    _write("set_event_pid", " ".join(task.name for task in Path("/proc/self/task").iterdir()))
    for call in CALLS:
        _write(f"events/syscalls/sys_enter_{call}/enable", "1")
    _write("trace", "")
    _write("tracing_on", "1")
    found: Counter[str] = Counter()
    try:
        yield found
    finally:
        _write("tracing_on", "0")
        for call in CALLS:
            _write(f"events/syscalls/sys_enter_{call}/enable", "0")
    trace = (_TRACING / "trace").read_text(encoding="utf-8", errors="replace")
    for call, arguments in _LINE.findall(trace):
        if call != "ioctl" or _HYPERCALL in arguments:
            found[call] += 1
    # The one that ended it.
    found["openat"] -= 1


def _write(name: str, text: str) -> None:
    (_TRACING / name).write_text(text, encoding="ascii")
