"""Untrusted text made safe to show: names come from whoever made the guest."""

from __future__ import annotations

__all__ = ["printable"]

_LIMIT = 200


def printable(text: object, *, limit: int = _LIMIT) -> str:
    """*text* on one line, control characters escaped, no longer than *limit* characters."""
    raw = str(text)
    shown = raw[: limit + 1]
    # Not printable are the bidirectional controls too, which reorder what a terminal shows.
    if not shown.isprintable():
        shown = "".join(
            character
            if character.isprintable()
            else character.encode("unicode_escape", "backslashreplace").decode("ascii")
            for character in shown
        )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
