"""Where a reply has what: found once for all replies with the same keys and types of values. No I/O here.

The guests of a host are of few kinds, so nearly every reply has a layout that is known already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, final

from .keys import DECIDING, DECIDING_IF_ZERO, pattern_of

if TYPE_CHECKING:
    from .trace import Plan

__all__ = ["MOST_KINDS", "Layout", "Row", "layout_of", "telling_keys"]

#: The values of a reply, in the order of its keys.
Row = tuple[Any, ...]
#: A reply of more keys is not one that many guests have.
_LARGEST: Final = 1024
#: Layouts that are kept, and kinds of each. Without a lock, which a fork could leave closed: to lose some is no matter.
_MOST: Final = 64
MOST_KINDS: Final = 64
#: Keys of our own have the names of devices in them.
_OWN_KEYS: Final = "image."
_LENGTH, _CAPACITY = ".physical", ".capacity"
_ALL_DECIDING: Final = {*DECIDING, *DECIDING_IF_ZERO}
#: Ends of the keys that tell devices from each other.
_TELLING: Final = (".count", ".name", ".path", ".backingIndex")

_layouts: dict[object, Layout | None] = {}


def layout_of(values: Mapping[str, Any]) -> tuple[Layout | None, Row]:
    """The layout of a reply of these *values*, and them in its order; None if the reply is not a usual one."""
    row = tuple(values.values())
    if len(row) > _LARGEST:
        return None, row
    look = tuple(values), tuple(map(type, row))
    try:
        return _layouts[look], row
    except KeyError:
        if len(_layouts) >= _MOST:
            _layouts.clear()
        made = _layouts[look] = Layout(*look) if _are_usual(*look) else None
        return made, row


def _are_usual(keys: Collection[object], types: Collection[type[Any]]) -> bool:
    if not {*types} <= {int, str, float, bool}:
        return False
    for key, kind in zip(keys, types, strict=True):
        if type(key) is not str or key.startswith(_OWN_KEYS):
            return False
        # What decides is no fraction: two of them may be equal and be shown differently.
        if kind is float and pattern_of(key) in _ALL_DECIDING:
            return False
    return True


def telling_keys(keys: Collection[str], array: str) -> tuple[str, ...]:
    """The keys of *array* that tell devices from each other."""
    return tuple(key for key in keys if key.endswith(_TELLING) and key.startswith(f"{array}."))


@final
class Layout:
    """What replies with these *keys*, and values of these *types*, have at which place."""

    def __init__(self, keys: Sequence[str], types: Sequence[type[Any]]) -> None:
        self.keys, patterns = keys, [pattern_of(key) for key in keys]
        places = {key: place for place, key in enumerate(keys)}

        def of(*wanted: str) -> list[int]:
            return [place for place, pattern in enumerate(patterns) if pattern in wanted]

        names_of_disks, names_of_nics = of("block.N.name"), of("net.N.name")
        #: The keys of the names of devices: of the disks, and then of the NICs.
        self.names = [keys[place] for place in (*names_of_disks, *names_of_nics)]
        self.names_in = _taking([*names_of_disks, *names_of_nics])
        self.nic_names_in = _taking(names_of_nics)
        self.numbers_in = _taking([place for place, kind in enumerate(types) if kind is int])
        #: Places of numbers that decide about more than a field of their own; and of those that do so by being 0.
        self.deciding, self.zeros = of(*DECIDING), of(*DECIDING_IF_ZERO)
        self.deciding_in, self.zeros_in = _taking(self.deciding), _taking(self.zeros)
        #: For each array of devices that there is: what tells them from each other, and where.
        self.telling = [
            (array, telling, _taking([places[key] for key in telling]))
            for array in ("block", "net")
            if (telling := telling_keys(keys, array))
        ]
        #: Where it says when the guest reported its memory last.
        self.report = places.get("balloon.last-update")
        whole = {key: place for key, place in places.items() if types[place] is int}
        images = [key.removesuffix(_LENGTH) for key in whole if key.endswith(_LENGTH)]
        #: Places of the length of an image, and of its capacity.
        self.lengths = [
            (whole[image + _LENGTH], whole[image + _CAPACITY]) for image in images if image + _CAPACITY in whole
        ]
        #: What decodes replies of each kind.
        self.plans: dict[tuple[object, ...], Plan] = {}
        #: Kinds of which there was one.
        self.seen: set[tuple[object, ...]] = set()


def _taking(places: Sequence[int]) -> Callable[[Row], tuple[Any, ...]]:
    """itemgetter() that gives a tuple of what is at all of *places*, however few."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)
