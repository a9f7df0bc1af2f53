"""What happens to open connections in a forked child: they are the parent's, so the child leaves them alone."""

from __future__ import annotations

import contextlib
import os
import weakref
from typing import Protocol

__all__ = ["keep", "watch"]


class _Forkable(Protocol):
    def _after_fork(self) -> None: ...


_watched: weakref.WeakSet[_Forkable] = weakref.WeakSet()
_kept: list[object] = []


def watch(connection: _Forkable) -> None:
    """Call ``_after_fork`` of *connection* in every child forked while it lives."""
    _watched.add(connection)


def keep(inherited: object | None) -> None:
    """Never collect *inherited*: its native handle would say goodbye on the parent's socket."""
    if inherited is None:
        return
    _kept.append(inherited)
    with contextlib.suppress(ImportError):  # some Pythons are built without it; then the list lasts until exit
        import ctypes  # only a forked child gets here

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))


def _in_child() -> None:
    for connection in tuple(_watched):
        connection._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
