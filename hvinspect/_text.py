"""Untrusted text made safe to show: names come from whoever made the guest."""

from __future__ import annotations

__all__ = ["printable"]

_LIMIT = 200
# Bidirectional controls reorder what a terminal shows; str.isprintable() already rejects the rest.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: object, *, limit: int = _LIMIT) -> str:
    """*text* on one line, control characters escaped, no longer than *limit* characters."""
    raw = str(text)
    shown = raw[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(
            character
            if character.isprintable() and character not in _BIDI
            else character.encode("unicode_escape", "backslashreplace").decode("ascii")
            for character in shown
        )
    return shown + "…" if len(raw) > limit else shown
