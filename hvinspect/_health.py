"""How a connection has fared: counted as it happens, read without waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ._fields import record

__all__ = ["Health", "Tally"]


@final
@record
class Health:
    """How a connection has fared since connect()."""

    connected: bool
    #: Calls made of the connection.
    calls: int
    #: Calls, or reads within one, that ended by their deadline.
    timeouts: int
    #: How often the connection was opened again.
    reconnects: int
    #: Native calls that were abandoned and have not come back.
    stuck_calls: int
    #: Keys of the instances that are read with caution now.
    quarantined: tuple[str, ...]
    #: Names of statistics that the hypervisor gives and the driver ignores, because it does not know them.
    unknown_statistics: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """The counting behind Health. Increments may race; a lost one does not matter."""

    calls: int = 0
    timeouts: int = 0
    opens: int = 0

    def opened(self) -> None:
        """The connection was opened."""
        self.opens += 1

    def health(
        self, *, connected: bool, stuck_calls: int, quarantined: tuple[str, ...], unknown_statistics: tuple[str, ...]
    ) -> Health:
        """The figures as of now."""
        return Health(
            connected=connected,
            calls=self.calls,
            timeouts=self.timeouts,
            reconnects=max(0, self.opens - 1),
            stuck_calls=stuck_calls,
            quarantined=quarantined,
            unknown_statistics=unknown_statistics,
        )
