"""Keeps libvirt's messages off the host program's stderr, without taking from it an error handler of its own.

libvirt has one error handler for the whole process and prints to stderr while none is set. A program that never
imported libvirt has set none: then an empty one is set, which any later one replaces.
"""

from __future__ import annotations

from typing import Any

__all__ = ["quiet"]


def quiet(libvirt: Any, *, imported_before: bool) -> None:
    """Silence *libvirt* unless the host program got to it before us and may have set a handler."""
    if not imported_before:
        libvirt.registerErrorHandler(_swallow, None)


def _swallow(context: object, error: object) -> None:
    """Every error arrives as an exception as well."""
