"""What is held in memory for each guest: by an open connection, and by a snapshot that somebody keeps."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import hvinspect

from .binding import installed
from .figures import Figure, Goal
from .guests import Shape
from .replay import Played, made
from .statistics import Estimate
from .subjects import TARGET

__all__ = ["measure"]

_NAME = "memory"


def measure(few: int, many: int, shape: Shape, *, limit_kb: float) -> Iterator[Figure]:
    """The difference between *many* guests and *few*, so that what does not depend on their number falls out."""
    (connection_few, snapshot_few), (connection_many, snapshot_many) = _held(few, shape), _held(many, shape)
    connection = (connection_many - connection_few) / (many - few) / 1000
    snapshot = (snapshot_many - snapshot_few) / (many - few) / 1000
    for what, kb, goals in (
        ("held per guest by a connection and its last snapshot", connection + snapshot, (Goal(limit_kb),)),
        ("held per guest by a connection", connection, ()),
        ("held per guest by a snapshot", snapshot, ()),
    ):
        yield Figure(
            measurement=_NAME,
            what=what,
            unit="kB",
            guests=many,
            shape=shape,
            estimate=Estimate.exact(kb),
            goals=goals,
        )


def _held(count: int, shape: Shape) -> tuple[int, int]:
    """Bytes of a connection, and of a snapshot made by it."""
    played = Played(made(count, shape), anew=True)
    with installed(played):
        # What is loaded and made once is not of any guest.
        with hvinspect.connect(TARGET) as connection:
            connection.snapshot(timeout=600.0)
        gc.collect()
        tracemalloc.start()
        try:
            with hvinspect.connect(TARGET) as connection:
                snapshot: hvinspect.Snapshot | None = None
                for _ in range(3):
                    snapshot = connection.snapshot(timeout=600.0)
                if snapshot is None or len(snapshot.instances) != count:
                    raise RuntimeError("not all guests were read")
                gc.collect()
                both = tracemalloc.get_traced_memory()[0]
                snapshot = None
                gc.collect()
                alone = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    return alone, both - alone
