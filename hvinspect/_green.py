"""Whether this process has native threads: a deadline that another thread keeps needs one."""

from __future__ import annotations

import sys

# As it was before any library replaced it, for what has to be native even then.
from _thread import start_new_thread as start_native_thread

from ._errors import NotSupported

__all__ = ["check_threads", "replaced_by", "start_native_thread"]

#: Module -> its function, and the argument, that tell whether threads have been replaced by green ones.
_PATCHES = {"eventlet.patcher": ("is_monkey_patched", "thread"), "gevent.monkey": ("is_module_patched", "threading")}


def replaced_by() -> str | None:
    """The library that has replaced the threads of this process by green ones; None if they are native."""
    for name, (function, part) in _PATCHES.items():
        module = sys.modules.get(name)  # not imported here: a process that has not done so is not patched
        if module is not None and getattr(module, function)(part):
            return name.partition(".")[0]
    return None


def check_threads() -> None:
    """Refuse to work where threads are green: a native call would stop all of them, its deadline included.

    Raises:
        NotSupported: eventlet or gevent has replaced them.
    """
    library = replaced_by()
    if library is not None:
        raise NotSupported(
            f"{library} has replaced the threads of this process by green ones, and no deadline would hold: patch "
            f"without threads ({library}'s monkey_patch or patch_all with thread=False), or read from a process that "
            "is not patched"
        )
