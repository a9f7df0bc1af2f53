"""What of a description decides which fields a reply fills, and what is merely handed on. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from .describe import DiskDescription, NicDescription

__all__ = ["Form", "form_of", "is_handed_on"]

#: By what these say; any other by whether it is there.
_DECIDING: Final = ("kind", "device", "image_format")


@final
class Form:
    """Two descriptions have the same Form only if they decide the same. It is compared by identity, which is fast."""

    __slots__ = ()


def form_of(disks: Sequence[DiskDescription], nics: Sequence[NicDescription], *, has_balloon: bool) -> Form | None:
    """The form of a description with these; None if two of a kind are called the same, or one is called nothing."""
    disk_keys = [one.alias or one.target for one in disks]
    nic_keys = [one.alias or one.target or one.mac for one in nics]
    disk_names, nic_names = [one.target for one in disks], [one.target for one in nics if one.target]
    if any(len({*names}) < len(names) or None in names for names in (disk_keys, nic_keys, disk_names, nic_names)):
        return None
    return _form((tuple(map(_deciding, disks)), tuple(map(_deciding, nics)), has_balloon))


def is_handed_on(name: str, value: object) -> bool:
    """Is *value* of a device's *name* what another guest has another of, without a difference for anything else?"""
    return name not in _DECIDING and bool(value) and value is not True


def _deciding(device: DiskDescription | NicDescription) -> tuple[Any, ...]:
    values = ((one.name, getattr(device, one.name)) for one in fields(device))
    return tuple(... if is_handed_on(name, value) else value for name, value in values)


@lru_cache(maxsize=1024)
def _form(_decided_by: tuple[object, ...]) -> Form:
    return Form()
