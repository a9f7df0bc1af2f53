"""Keeps libvirt's messages off stderr, and out of the host program's own error handler.

libvirt has one error handler for the whole process, prints to stderr while none is set, and does not tell whether one
is; and one for each connection, which comes first. So:

- Each connection of ours gets an empty handler of its own: what fails on it is neither printed nor told to anybody but
  us, whatever the host program has registered, and whenever.
- Opening one has no connection yet, so its failure goes to the handler of the process. If libvirt was not imported
  before this driver, nobody can have registered any: then one is that swallows what fails while *we* open, and leaves
  everything else to libvirt's own printing. A handler that the host program registers later replaces it.
- If libvirt was imported before, a handler may be there and is left alone: it hears of our failed opens too. A host
  program that imports libvirt first and registers none has chosen libvirt's printing, for its own failures and for
  our failed opens; ``libvirt.registerErrorHandler(lambda context, error: None, None)`` ends both.
- Besides its errors libvirt has a log, whose warnings (a certificate that does not verify) go to stderr unless its
  environment says otherwise when it is loaded. If we are the ones who load it, and nobody has said anything, its log
  has errors alone.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator
from typing import Any, final

__all__ = ["Quiet", "loading"]

#: What libvirt's library reads once, when it is loaded.
_LOG_SETTINGS = ("LIBVIRT_DEBUG", "LIBVIRT_LOG_FILTERS", "LIBVIRT_LOG_OUTPUTS")
_ERRORS_ALONE = "4"


@contextlib.contextmanager
def loading() -> Generator[None]:
    """While it lasts, libvirt may be imported for the first time."""
    if any(name in os.environ for name in _LOG_SETTINGS):
        yield
        return
    os.environ[_LOG_SETTINGS[0]] = _ERRORS_ALONE
    try:
        yield
    finally:
        os.environ.pop(_LOG_SETTINGS[0], None)


class _Thread(threading.local):
    opens = 0


@final
class Quiet:
    """What is done to the binding and to each connection of ours."""

    def __init__(self, libvirt: Any, *, imported_before: bool) -> None:
        """Do once what is done for the whole process: nothing if the host program had *libvirt* before."""
        self._thread = _Thread()
        self._library = _library(libvirt)
        if not imported_before:
            libvirt.registerErrorHandler(self._pass_on, None)

    @contextlib.contextmanager
    def opening(self) -> Generator[None]:
        """While it lasts, what fails on this thread is ours."""
        self._thread.opens += 1
        try:
            yield
        finally:
            self._thread.opens -= 1

    def hush(self, handle: Any) -> None:
        """Have what fails on the connection *handle* told to nobody; it is raised all the same."""
        if self._library is None:
            return
        import ctypes

        pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
        pointer_of.argtypes, pointer_of.restype = [ctypes.py_object, ctypes.c_char_p], ctypes.c_void_p
        with contextlib.suppress(AttributeError, ValueError):  # a binding that keeps its pointer elsewhere
            # Called with no error to reset, virResetError does nothing: an empty function that needs no interpreter,
            # and is there as long as libvirt is.
            empty = ctypes.cast(self._library.virResetError, ctypes.c_void_p)
            self._library.virConnSetErrorFunc(pointer_of(handle._o, b"virConnectPtr"), None, empty)

    def _pass_on(self, _context: object, _error: object) -> None:
        """Swallow an error of ours, which is raised as well; print another as libvirt does while no handler is set."""
        if not self._thread.opens and self._library is not None:
            self._library.virDefaultErrorFunc(self._library.virGetLastError())


def _library(libvirt: Any) -> Any:
    """The very library that the binding uses, or None if it cannot be had."""
    try:
        import ctypes  # some Pythons are built without it

        library = ctypes.CDLL(libvirt.libvirtmod.__file__)
        library.virConnSetErrorFunc.argtypes = [ctypes.c_void_p] * 3
        library.virConnSetErrorFunc.restype = None
        library.virGetLastError.restype = ctypes.c_void_p
        library.virDefaultErrorFunc.argtypes = [ctypes.c_void_p]
        library.virDefaultErrorFunc.restype = None
        _ = library.virResetError
    except (ImportError, AttributeError, OSError):
        return None
    return library
