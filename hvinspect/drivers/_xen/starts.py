"""Which domains are whole: between their being built and being taken down. No I/O here."""

from __future__ import annotations

from collections.abc import Collection
from typing import final

__all__ = ["Starts"]


@final
class Starts:
    """Remembers by instance the domain whose start was in xenstore, for as long as the connection lives."""

    def __init__(self) -> None:
        self._started: dict[str, int] = {}

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        for key in self._started.keys() - keys:
            self._started.pop(key, None)

    def begins_or_ends(self, key: str, domid: int, *, started: bool, ran: bool) -> bool:
        """Is the domain being built, or taken down? Its start is not in xenstore yet, or no more.

        libxl writes it when all is built, and removes it before the domain itself. Of a toolstack that keeps none
        there is nothing to wait for: a domain that *ran*, and whose start was never there, is as it should be.
        """
        if started:
            self._started[key] = domid
            return False
        return not ran or self._started.get(key) == domid
