"""Whether this process has native threads: a deadline that another thread keeps needs one."""

from __future__ import annotations

import sys

from ._errors import NotSupported

__all__ = ["check_threads"]

#: Module -> its function, and the argument, that tell whether threads have been replaced by green ones.
_PATCHES = {"eventlet.patcher": ("is_monkey_patched", "thread"), "gevent.monkey": ("is_module_patched", "threading")}


def check_threads() -> None:
    """Refuse to work where threads are green: a native call would stop all of them, its deadline included.

    Raises:
        NotSupported: eventlet or gevent has replaced them.
    """
    for name, (function, part) in _PATCHES.items():
        module = sys.modules.get(name)  # not imported here: a process that has not done so is not patched
        if module is not None and getattr(module, function)(part):
            library = name.partition(".")[0]
            raise NotSupported(
                f"{library} has replaced the threads of this process by green ones, and no deadline would hold: patch "
                f"without threads ({library}'s monkey_patch or patch_all with {part.removesuffix('ing')}=False), or "
                "read from a process that is not patched"
            )
