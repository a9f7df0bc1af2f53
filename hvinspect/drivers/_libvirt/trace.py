"""Finds out where decode_carefully() puts what it reads, and writes a function that puts it there at once. No I/O here.

A reading is decoded with a tag in the place of each number and each name that decides nothing else. Where a tag comes
out, the function hands on what the tag stands for; all else is the same for every reading of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, TypeVar, final

from hvinspect.driver import Absences, Record

from .decode import Reading, decode_carefully
from .describe import DiskDescription, NicDescription
from .form import is_handed_on
from .layout import Row
from .lives import Counted, counted
from .reply import LIMIT, Reply

__all__ = ["Plan", "plan_of"]

#: Makes the record of a reading, given the values of its reply in their order; None if a number is too large.
Plan = Callable[[Reading, Row], Counted | None]
Device = TypeVar("Device", DiskDescription, NicDescription)

#: Tags are larger than any number that is none, such as a vCPU's, and in any unit they are numbers still. They are so
#: far apart that no two are an image's length and its capacity.
_FIRST: Final = 1 << 32
_STEP: Final = 1024


def plan_of(reading: Reading, *, kept: Collection[str], names: Sequence[str], full: Mapping[str, str]) -> Plan | None:
    """What decodes readings of the same kind as *reading*; None if they are not to be planned for.

    *kept* are the keys of what decides which fields there are, *names* those of the devices in the order of their
    descriptions, *full* those of images' lengths that may be their capacities, with the keys of these.
    """
    if any(type(value) is int and value >= _FIRST - 1 for key, value in reading.reply.values.items() if key in kept):
        return None  # it would be taken for a tag
    tags = _Tags()
    disks = tuple(_tagged(one, f"disk{place}", tags) for place, one in enumerate(reading.description.disks))
    nics = tuple(_tagged(one, f"nic{place}", tags) for place, one in enumerate(reading.description.nics))
    values = dict(reading.reply.values)
    for place, (key, value) in enumerate(reading.reply.values.items()):
        if key not in kept:
            values[key] = tags.of(value, f"values[{place}]")
    targets = [*(one.target for one in disks), *(one.target for one in nics)]
    values.update(zip(names, filter(None, targets), strict=True))
    for key, capacity in full.items():
        values[key] = tags.renamed(values[key], values[capacity] - 1)
    indexes = {one.target: tags.number(f"indexes[nic{place}.target]") for place, one in enumerate(nics) if one.target}
    tagged = replace(
        reading,
        life=tags.text("life"),
        reply=Reply(values),
        description=replace(reading.description, disks=disks, nics=nics),
        indexes=indexes if reading.indexes else {},
    )
    writing = _Writing(tags, {id(reading.instance): "reading.instance", id(reading.taken): "reading.taken"})
    try:
        parts = [writing.of(part) for part in counted(decode_carefully(tagged))]
    except _NotPlannedForError:
        return None
    lines = [
        "def plan(reading, values):",
        *(f"  if {name} >= {-(-LIMIT // unit)}: return None" for name, unit in sorted(writing.units.items())),
        "  life, description, indexes = reading.life, reading.description, reading.indexes",
        *(f"  disk{place} = description.disks[{place}]" for place in range(len(disks))),
        *(f"  nic{place} = description.nics[{place}]" for place in range(len(nics))),
        *writing.lines,
        f"  return counted({', '.join(parts)})",
    ]
    exec("\n".join(lines), writing.same)  # noqa: S102  # of names in our own source: nothing of a reply is in it
    plan: Plan = writing.same["plan"]
    return plan


def _tagged(device: Device, name: str, tags: _Tags) -> Device:
    values = {one.name: getattr(device, one.name) for one in fields(device)}
    tagged: dict[str, Any] = {
        field: tags.of(value, f"{name}.{field}") for field, value in values.items() if is_handed_on(field, value)
    }
    return replace(device, **tagged)


_open_twins: dict[type[Record], type[Any]] = {}


def _open_twin(record: type[Record]) -> type[Any]:
    """A class whose objects may become such a *record* once they are filled: theirs are the same slots, not yet frozen.

    That takes less than half of the time that it takes to fill each slot of a frozen one.
    """
    twin = _open_twins.get(record)
    if twin is None:
        own = {"__slots__": vars(record)["__slots__"]}
        open_again = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
        twin = _open_twins[record] = type(record.__name__, record.__bases__, own | open_again)
    return twin


class _NotPlannedForError(Exception):
    """Something came out that is neither a tag, nor the same for all readings of the kind."""


@final
class _Tags:
    """Values that are found again, and the expressions of what they stand for."""

    def __init__(self) -> None:
        self.numbers: dict[int, str] = {}
        self.texts: dict[str, str] = {}
        #: Pairs of texts, by identity.
        self.tuples: dict[int, tuple[object, str]] = {}

    def of(self, value: object, expression: str) -> Any:
        """A tag in the place of *value*, which is what *expression* gives."""
        if type(value) is int:
            return self.number(expression)
        if type(value) is float:
            return float(self.number(expression))
        if type(value) is str:
            return self.text(expression)
        # For a bool, too, which stands in no field as it is: one that shows in a record makes no plan.
        tag = (("", expression),)
        self.tuples[id(tag)] = tag, expression
        return tag

    def number(self, expression: str) -> int:
        tag = _FIRST + _STEP * len(self.numbers)
        self.numbers[tag] = expression
        return tag

    def text(self, expression: str) -> str:
        tag = f"\0{len(self.texts)}\0"
        self.texts[tag] = expression
        return tag

    def renamed(self, tag: int, other: int) -> int:
        """*other* stands from now on for what *tag* stood for."""
        self.numbers[other] = self.numbers.pop(tag)
        return other


@final
class _Writing:
    """Writes the expression of a record that has tags in it."""

    def __init__(self, tags: _Tags, known: Mapping[int, str]) -> None:
        self._tags = tags
        #: Objects by identity, and their expressions.
        self._known = {**known, **{found: expression for found, (_, expression) in tags.tuples.items()}}
        self._tag = re.compile("|".join([*tags.texts, *map(str, tags.numbers)]))
        #: What is the same for all readings, by the names that it has in the expression.
        self.same: dict[str, Any] = {"counted": Counted}
        #: What comes before the expression, and the names of texts in it.
        self.lines: list[str] = []
        self._written: dict[str, str] = {}
        #: Numbers that are multiplied, and by what.
        self.units: dict[str, int] = {}

    def of(self, value: object) -> str:
        return self._of(value) or self._same(value)

    def _of(self, value: object) -> str | None:
        """The expression of *value*; None if there is no tag in it."""
        if id(value) in self._known:
            return self._known[id(value)]
        if type(value) is int:
            return self._number(value) if value >= _FIRST - 1 else None
        if type(value) is str:
            return self._text(value)
        if isinstance(value, tuple):
            written = [self._of(one) for one in value]
            if not any(written):
                return None
            return f"({''.join(f'{text or self._same(one)}, ' for text, one in zip(written, value, strict=True))})"
        if isinstance(value, Absences):
            if any(self._tag.search(absence.detail) for absence in value.values()):
                raise _NotPlannedForError
            return None
        if not isinstance(value, Record):
            return None
        parts = {one.name: getattr(value, one.name) for one in fields(value)}
        found = {name: self._of(part) for name, part in parts.items()}
        if not any(found.values()):
            return None
        return self._filled(type(value), {name: text or self._same(parts[name]) for name, text in found.items()})

    def _filled(self, record: type[Record], parts: Mapping[str, str]) -> str:
        """The name of a *record* that has these *parts*."""
        name = f"record{len(self.lines)}"
        self.lines.append(f"  {name} = {self._same(_open_twin(record))}()")
        self.lines += [f"  {name}.{field} = {part}" for field, part in parts.items()]
        self.lines.append(f"  {name}.__class__ = {self._same(record)}")
        return name

    def _number(self, value: int) -> str:
        found = [(name, value // tag) for tag, name in self._tags.numbers.items() if value % tag == 0]
        if len(found) != 1:
            raise _NotPlannedForError
        [(name, unit)] = found
        if unit == 1:
            return name
        self.units[name] = unit
        return f"{name} * {unit}"

    def _text(self, value: str) -> str | None:
        """As it is, or put together as it was."""
        if value in self._tags.texts:
            return self._tags.texts[value]
        texts = self._tag.split(value)
        if len(texts) == 1:
            return None
        names = {**self._tags.texts, **{str(tag): name for tag, name in self._tags.numbers.items()}}
        values = ", ".join(names[tag] for tag in self._tag.findall(value))
        written = f"{'%s'.join(text.replace('%', '%%') for text in texts)!r} % ({values},)"
        # A device's incarnation is in its record, and among what is remembered of it.
        if written not in self._written:
            self._written[written] = f"text{len(self._written)}"
            self.lines.append(f"  {self._written[written]} = {written}")
        return self._written[written]

    def _same(self, value: object) -> str:
        if value is None:
            return "None"
        name = f"same{len(self.same)}"
        self.same[name] = value
        return name
