"""Decodes the usual reply in a fraction of the time, to what decode_carefully() makes of it. No I/O here.

The guests of a host are of few kinds: the same keys, the same devices, the same state. All of one kind have each number
from the same key, and lack the same fields for the same reasons. So how one of them is decoded carefully is traced, and
is the plan for the others. What is in any way unusual is left to the careful way, which alone knows the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, final

from hvinspect.driver import DEFAULT_GROUPS

from .decode import DECIDING, DECIDING_IF_ZERO, Reading, decode_carefully
from .keys import pattern_of
from .lives import Counted, counted
from .reply import LIMIT, is_length_of
from .trace import Plan, plan_of

__all__ = ["decode"]

#: A reply of more keys is not one that many guests have.
_LARGEST: Final = 1024
#: Layouts that are kept, and kinds of each. Without a lock, which a fork could leave closed: to lose some is no matter.
_MOST: Final = 64
_NAMES: Final = ("block.N.name", "net.N.name")
#: Keys of our own have the names of devices in them.
_OWN_KEYS: Final = "image."
_LENGTH, _CAPACITY = ".physical", ".capacity"
_ALL_DECIDING: Final = {*DECIDING, *DECIDING_IF_ZERO}


def decode(reading: Reading) -> Counted:
    """The record of one domain, and what is remembered of it."""
    reply, description = reading.reply, reading.description
    if description.form is None or reply.reasons or reading.undescribed is not None or len(reply.values) > _LARGEST:
        return counted(decode_carefully(reading))
    values = tuple(reply.values.values())
    layout = _layout_of(tuple(reply.values), tuple(map(type, values)))
    if layout is None or not layout.is_usual(values, reading):
        return counted(decode_carefully(reading))
    kind = layout.kind(values, reading)
    plan = layout.plans.get(kind)
    if plan is None:
        return layout.learn(kind, values, reading)
    return plan(reading, values) or counted(decode_carefully(reading))


_layouts: dict[object, _Layout | None] = {}


def _layout_of(keys: tuple[str, ...], types: tuple[type[Any], ...]) -> _Layout | None:
    try:
        return _layouts[keys, types]
    except KeyError:
        if len(_layouts) >= _MOST:
            _layouts.clear()
        made = _layouts[keys, types] = _Layout(keys, types) if _are_usual(keys, types) else None
        return made


def _are_usual(keys: tuple[str, ...], types: tuple[type[Any], ...]) -> bool:
    if any(key.startswith(_OWN_KEYS) for key in keys):
        return False
    # What decides is no fraction: two of them may be equal and be shown differently.
    decided_by = {kind for key, kind in zip(keys, types, strict=True) if pattern_of(key) in _ALL_DECIDING}
    return {*types} <= {int, str, float, bool} and float not in decided_by


@final
class _Layout:
    """Where replies have what, if their keys and the types of their values are the same."""

    def __init__(self, keys: tuple[str, ...], types: tuple[type[Any], ...]) -> None:
        self._keys, patterns = keys, [pattern_of(key) for key in keys]
        names = [place for name in _NAMES for place, pattern in enumerate(patterns) if pattern == name]
        self._names = [keys[place] for place in names]
        self._take_names = _taking(names)
        self._take_numbers = _taking([place for place, kind in enumerate(types) if kind is int])
        self._deciding = [place for place, pattern in enumerate(patterns) if pattern in DECIDING]
        self._zeros = [place for place, pattern in enumerate(patterns) if pattern in DECIDING_IF_ZERO]
        self._take_deciding, self._take_zeros = _taking(self._deciding), _taking(self._zeros)
        places = {key: place for place, key in enumerate(keys) if types[place] is int}
        images = [key.removesuffix(_LENGTH) for key in places if key.endswith(_LENGTH)]
        self._lengths = [
            (places[image + _LENGTH], places[image + _CAPACITY]) for image in images if image + _CAPACITY in places
        ]
        self.plans: dict[tuple[object, ...], Plan] = {}
        #: Kinds of which there was one.
        self._seen: set[tuple[object, ...]] = set()

    def is_usual(self, values: Sequence[Any], reading: Reading) -> bool:
        """Are all numbers such as libvirt gives, and of the devices that are described?"""
        numbers, description = self._take_numbers(values), reading.description
        return (
            self._take_names(values) == description.disk_names + description.nic_names
            and min(numbers, default=0) >= 0
            and max(numbers, default=0) < LIMIT
            and reading.groups <= DEFAULT_GROUPS
            and (not reading.indexes or (*reading.indexes,) == description.nic_names)
        )

    def kind(self, values: Sequence[Any], reading: Reading) -> tuple[object, ...]:
        """What decides which fields there are, besides the keys."""
        return (
            reading.description.form,
            reading.instance.native_id is None,  # tells whether one that crashed is gone
            reading.daemon_version,
            reading.groups,
            bool(reading.indexes),
            *self._take_deciding(values),
            *map(bool, self._take_zeros(values)),
            *[is_length_of(values[one], values[other]) for one, other in self._lengths],
        )

    def learn(self, kind: tuple[object, ...], values: Sequence[Any], reading: Reading) -> Counted:
        """What decode() gives of *reading*. If it is the second of its *kind*, there is a plan for those to come."""
        found = counted(decode_carefully(reading))
        if kind not in self._seen:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen.add(kind)
            return found
        kept = [*self._deciding, *(place for place in self._zeros if not values[place])]
        plan = plan_of(
            reading,
            kept={self._keys[place] for place in kept},
            names=self._names,
            full={
                self._keys[one]: self._keys[other]
                for one, other in self._lengths
                if is_length_of(values[one], values[other])
            },
        )
        if len(self.plans) >= _MOST:
            self.plans.clear()
        self.plans[kind] = plan if plan is not None and plan(reading, values) == found else _carefully
        return found


def _carefully(_reading: Reading, _values: Sequence[Any]) -> None:
    """The plan for a kind that is not to be planned for."""


def _taking(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """itemgetter() that gives a tuple of what is at all of *places*, however few."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)
