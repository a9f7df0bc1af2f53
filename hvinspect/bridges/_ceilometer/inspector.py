"""The inspector for ceilometer 23.0.0 and older: ``hypervisor_inspector = hvinspect``.

Rule: the agent asks nothing twice in one cycle that was answered, it discovers its guests anew for each, and the thread
that runs a cycle runs no other meanwhile. So a question that comes again begins the next cycle, and so does one that
comes late, or for a guest that was asked for as another object.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, final

from ceilometer.compute.virt import inspector as virt_inspector

from .cycle import Cycle, Wishes
from .earlier import Earlier
from .host import host_of
from .inquiry import Inquiry
from .options import Settings

__all__ = ["Inspector"]


@dataclass(slots=True)
class _Turn:
    """A cycle, as far as it can be told."""

    cycle: Cycle
    #: When its first question had been answered, for which the host was read.
    read: float | None = None
    answered: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    #: The guests that were asked for, as the agent's discovery made them, by id.
    guests: dict[str, Any] = field(default_factory=dict[str, Any])


@final
class Inspector(virt_inspector.Inspector):  # type: ignore[misc]  # ceilometer has no types
    """Answers for every guest from one reading of the host per cycle."""

    def __init__(self, conf: Any) -> None:
        """As ceilometer makes it; nothing is opened yet."""
        super().__init__(conf)
        self._settings = Settings.of(conf)
        self._host = host_of(self._settings.target, self._settings.timeout, self._settings.driver_options)
        self._earlier = {method: Earlier() for method in ("inspect_vnics", "inspect_vnic_rates")}
        self._own = threading.local()

    def inspect_instance(self, instance: Any, duration: float | None = None) -> Any:
        """CPU, memory and perf events."""
        return self._ask("inspect_instance", instance)[0]

    def inspect_vnics(self, instance: Any, duration: float | None = None) -> list[Any]:
        """The NICs' counters, and what they grew since the last cycle."""
        return self._ask("inspect_vnics", instance)

    def inspect_vnic_rates(self, instance: Any, duration: float | None = None) -> list[Any]:
        """The NICs' rates since the last cycle."""
        return self._ask("inspect_vnic_rates", instance)

    def inspect_disks(self, instance: Any, duration: float | None = None) -> list[Any]:
        """The disks' counters."""
        return self._ask("inspect_disks", instance)

    def inspect_disk_info(self, instance: Any, duration: float | None = None) -> list[Any]:
        """The disks' sizes."""
        return self._ask("inspect_disk_info", instance)

    def _ask(self, method: str, instance: Any) -> list[Any]:
        question = (method, instance.id)
        turn = self._turn(question, instance)
        inquiry = Inquiry(turn.cycle, self._settings, self._earlier.get(method) or Earlier())
        found: list[Any] = getattr(inquiry, method)(instance).found
        turn.read = turn.read or time.monotonic()
        turn.answered.add(question)
        # The pollsters of these releases stop at the first device that lacks their field: it comes last.
        return sorted(found, key=_lacking) if len(found) > 1 else found

    def _turn(self, question: tuple[str, str], instance: Any) -> _Turn:
        turn: _Turn | None = getattr(self._own, "turn", None)
        if turn is None or self._is_over(turn, question, instance):
            last = turn.cycle.wishes if turn is not None else Wishes()
            turn = self._own.turn = _Turn(Cycle(self._host, last))
        turn.guests[instance.id] = instance
        return turn

    def _is_over(self, turn: _Turn, question: tuple[str, str], instance: Any) -> bool:
        late = turn.read is not None and time.monotonic() - turn.read > self._settings.maximum_age
        return late or question in turn.answered or turn.guests.get(instance.id, instance) is not instance


def _lacking(device: tuple[Any, ...]) -> int:
    return device.count(None)
