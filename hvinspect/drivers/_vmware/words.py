"""Texts of vSphere's, read as they are meant. No I/O here."""

from __future__ import annotations

import re
from uuid import UUID

__all__ = ["unescaped", "uuid_of"]

_ESCAPED = re.compile(r"%(2f|5c|25)", re.IGNORECASE)


def uuid_of(text: str | None) -> UUID | None:
    """The UUID that *text* is; None if it is none, or the nil one."""
    try:
        uuid = UUID(text or "")
    except ValueError:
        return None
    return uuid if uuid.int else None


def unescaped(name: str) -> str:
    """An object's name: vSphere writes three characters of it as in a URL, and no others."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)
