"""What a target gives: for every field of the catalogue, given or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

from ._absence import NOT_GIVEN, Absence
from ._errors import ReplyInvalid
from ._fields import Field, record
from ._model import CATALOGUE
from ._text import printable

__all__ = ["Capabilities", "Capability"]

# What is computed from samples, or describes the reading itself, is no driver's to give.
_NOT_READ = frozenset({"rates", "disk_rates", "nic_rates", "span"})


@final
@record
class Capability:
    """One field, and why it is not given; None if it is."""

    field: Field
    absence: Absence | None

    @property
    def given(self) -> bool:
        """Does the target give it (for the instances that can have it)?"""
        return self.absence is None


@final
@record
class Capabilities:
    """All fields of the catalogue that can be read."""

    fields: tuple[Capability, ...]

    @classmethod
    def of(cls, provided: Mapping[str, Absence | None]) -> Capabilities:
        """From what a driver says; a field that it does not mention is UNSUPPORTED.

        A field that its record cannot be without need not be mentioned: it is given with any other of its record.

        Raises:
            ReplyInvalid: the driver names a field that the catalogue does not have.
        """
        unknown = sorted(provided.keys() - CATALOGUE.keys())
        if unknown:
            raise ReplyInvalid(f"provides() names what is not in the catalogue: {printable(', '.join(unknown))}")
        records = {CATALOGUE[path].record for path, absence in provided.items() if absence is None}
        return cls(
            fields=tuple(
                Capability(
                    field=field,
                    absence=provided.get(path, None if field.required and field.record in records else NOT_GIVEN),
                )
                for path, field in CATALOGUE.items()
                if field.record not in _NOT_READ
            )
        )

    def __iter__(self) -> Iterator[Capability]:
        return iter(self.fields)

    def __getitem__(self, path: str) -> Capability:
        for one in self.fields:
            if one.field.path == path:
                return one
        raise KeyError(path)
