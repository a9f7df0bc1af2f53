"""What all reads of one driver have in common: how many requests may be under way, and who is known not to be well.

At most 3 requests are under way at a time, 2 from 3 stuck ones on, and from 4 on one.
"""

from __future__ import annotations

from typing import final

from hvinspect.driver import Cap, Task, Workers

from .lanes import Lanes
from .pace import Pace
from .places import Places
from .quarantine import Quarantine
from .turns import Turns

__all__ = ["MOST_AT_ONCE", "MOST_STUCK", "Shards"]

#: Requests under way at one daemon that may get stuck, over all connections of this process.
MOST_STUCK = 6
#: Requests that one connection has under way at a time, those given up not counted.
MOST_AT_ONCE = 3


@final
class Shards:
    """What the reads of one driver have in common. Thread-safe."""

    def __init__(self, lanes: Lanes, workers: Workers, cap: Cap, *, has_bulk: bool) -> None:
        """*cap* is the daemon's; *has_bulk* tells whether one request can be for many guests."""
        self.lanes = lanes
        self.workers = workers
        self.cap = cap
        self.has_bulk = has_bulk
        self.quarantine = Quarantine()
        self.pace = Pace()
        self.places = Places()
        self.turns = Turns()
        #: Guests that have not answered a request for them alone.
        self.waited_for: dict[str, Task[None]] = {}

    @property
    def room(self) -> int:
        """How many requests may be under way at a time: if all of them get stuck, one more can still be risked."""
        return max(1, min(MOST_AT_ONCE, MOST_STUCK - 1 - self.cap.stuck))
