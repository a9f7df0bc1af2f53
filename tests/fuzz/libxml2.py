"""The URI parser that libvirt uses, libxml2's, by ctypes: a second opinion on what a URI says."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any, ClassVar

__all__ = ["is_there", "parse"]


class _Uri(ctypes.Structure):
    """xmlURI of libxml/uri.h."""

    _fields_: ClassVar = [
        *((name, ctypes.c_char_p) for name in ("scheme", "opaque", "authority", "server", "user")),
        ("port", ctypes.c_int),
        *((name, ctypes.c_char_p) for name in ("path", "query", "fragment")),
        ("cleanup", ctypes.c_int),
        ("query_raw", ctypes.c_char_p),
    ]


def _load() -> Any:
    name = ctypes.util.find_library("xml2")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    library.xmlParseURI.restype = ctypes.POINTER(_Uri)
    library.xmlParseURI.argtypes = [ctypes.c_char_p]
    library.xmlFreeURI.argtypes = [ctypes.POINTER(_Uri)]
    library.xmlFreeURI.restype = None
    return library


_library = _load()
#: Every machine with libvirt on it has it.
is_there = _library is not None


def parse(text: str) -> tuple[str, str, str, str, str] | None:
    """Scheme, user, server, path and the query as it is written; None if it is no URI, for libvirt then refuses it."""
    parsed = _library.xmlParseURI(text.encode())
    if not parsed:
        return None
    try:
        uri = parsed.contents
        parts = uri.scheme, uri.user, uri.server, uri.path, uri.query_raw
        assert not uri.fragment
        return tuple((part or b"").decode("utf-8", "replace") for part in parts)  # type: ignore[return-value]  # five of them
    finally:
        _library.xmlFreeURI(parsed)
