"""The descriptions of domains, kept for as long as nothing shows that they have changed, and never for long.

A description is read again in the same call when a reply shows other devices than those it was read with. What a reply
does not show (metadata, a link's state, a NIC's port) is found by reading each again in turn: after half of the
oldest age that is allowed, as many in each snapshot as the time since the last one asks for; after the whole of it
in any case, before it is handed out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import final

from hvinspect.driver import Absence, Instance, Reason, ReplyInvalid, Stopwatch, printable

from .describe import Description, describe
from .devices import fits

__all__ = ["OLDEST_NS", "Descriptions", "Known"]

#: No description is older than this while snapshots are taken.
OLDEST_NS = 60 * 1_000_000_000
#: One that could not be read is asked for again after this part of it.
_RETRIES = 6
#: Why a guest is not asked while another request holds it.
_HELD = (Reason.BUSY, Reason.TIMED_OUT)


@final
@dataclass(frozen=True, slots=True)
class Known:
    """A domain's description, and the instance that it completes."""

    instance: Instance
    description: Description
    #: Why the description is empty, if it could not be read.
    problem: Absence | None
    #: What replies showed of the devices when it was read.
    shown: Mapping[str, object]
    #: When it was read, by the clock that ages are measured with.
    read_ns: int


@final
class Descriptions:
    """Descriptions by instance. Thread-safe; no lock is held while one is read."""

    def __init__(
        self,
        *,
        oldest_ns: int = OLDEST_NS,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """*oldest_ns* is the age that no description outlives, by *clock*."""
        self._oldest_ns = oldest_ns
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()
        self._due: set[str] = set()
        self._spread_ns = clock()

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        for key in self._known.keys() - keys:
            self._known.pop(key, None)
        with self._lock:
            self._due.intersection_update(keys)

    def spread(self, keys: Collection[str]) -> None:
        """Choose those of *keys* that are read again in this snapshot because it is their turn."""
        now, half = self._clock(), self._oldest_ns / 2
        ripe = sorted(
            (known.read_ns, key)
            for key in keys
            if (known := self._known.get(key)) is not None and now - known.read_ns >= half
        )
        with self._lock:
            # All have their turn within the other half: in each snapshot the share of the time since the last.
            share = -int(-len(keys) * (now - self._spread_ns) // half)
            self._spread_ns = now
            self._due.update(key for _, key in ripe[:share])

    def of(
        self,
        instance: Instance,
        read: Callable[[], str | Absence],
        shown: Mapping[str, object],
        *,
        younger_than_ns: int | None = None,
    ) -> Known:
        """The description of *instance*, of which a reply has *shown* this much; read again if it must be.

        *read* gives its XML, or why there is none.
        *younger_than_ns* is for one that is to be from this very snapshot.
        """
        known = self._known.get(instance.key)
        if known is not None and (
            known.instance.native_id != instance.native_id or known.instance.name != instance.name
        ):
            known = None
        before = known.shown if known is not None else {}
        if known is not None and fits(known.description, known.shown, shown):
            limit = self._oldest_ns if known.problem is None else self._oldest_ns // _RETRIES
            limit = limit if younger_than_ns is None else min(limit, younger_than_ns)
            if self._clock() - known.read_ns < limit and instance.key not in self._due:
                return known
        else:
            known = None
        new = self._read_again(instance, read, {**before, **shown})
        with self._lock:
            self._due.discard(instance.key)
        if known is not None and known.problem is None and new.problem is not None:
            # It may be well again the next time: as long as it is not too old, the old one is better than nothing. And
            # while a request holds the guest, nobody can change its devices.
            is_held, is_young = new.problem.reason in _HELD, self._clock() - known.read_ns < self._oldest_ns
            if is_held or is_young:
                return known
        self._known[instance.key] = new
        return new

    def _read_again(self, instance: Instance, read: Callable[[], str | Absence], shown: Mapping[str, object]) -> Known:
        now, at = self._clock(), Stopwatch().started_unix_ns
        try:
            xml = read()
            if isinstance(xml, Absence):
                return Known(instance, Description(at), xml, shown, now)
            description = describe(xml, described_at=at)
        except (ReplyInvalid, UnicodeError) as exc:  # the binding decodes strictly, and a title may be any bytes
            return Known(instance, Description(at), Absence(Reason.FAILED, printable(exc)), shown, now)
        complete = replace(
            instance,
            architecture=description.architecture,
            virtualization=description.virtualization,
            openstack=description.openstack,
            described_at=at,
        )
        return Known(complete, description, None, shown, now)
