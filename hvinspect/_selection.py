"""Which instances and which groups a snapshot is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import final
from uuid import UUID

from ._absence import Reason
from ._fields import Group
from ._model import Failure, Instance

__all__ = ["Selection", "requested_groups"]


def requested_groups(groups: Collection[Group]) -> frozenset[Group]:
    """The groups that were asked for, checked.

    Raises:
        ValueError: one of them is not a group.
    """
    if isinstance(groups, str):
        raise TypeError(f"groups is a collection of Group, not the string {groups!r}: write {{Group(...)}}")
    chosen = frozenset(Group(group) for group in groups)
    if Group.UNKNOWN in chosen:
        raise ValueError("Group.UNKNOWN cannot be asked for")
    return chosen


@final
class Selection:
    """All instances, or some of them by key, uuid or Instance."""

    def __init__(self, wanted: tuple[Instance, ...] | None) -> None:
        self._wanted = wanted

    @classmethod
    def of(cls, instances: Collection[str | UUID | Instance] | None) -> Selection:
        """The selection that *instances* names; None is all.

        Raises:
            TypeError: it is a single string, or holds something else than keys, uuids and Instances.
        """
        if isinstance(instances, (str, bytes, UUID, Instance)):
            raise TypeError(f"instances is a collection, not one {type(instances).__name__}: write [{instances!r}]")
        return cls(None if instances is None else tuple(_named(one) for one in instances))

    @property
    def is_empty(self) -> bool:
        """Is nothing asked for?"""
        return self._wanted == ()

    def apply(self, known: Sequence[Instance]) -> tuple[tuple[Instance, ...], list[Failure]]:
        """Those of *known* that are asked for, in their order, and a failure for each that is not known."""
        if self._wanted is None:
            return tuple(known), []
        keys: set[str] = set()
        unknown: dict[str, Failure] = {}
        by_key = {one.key for one in known}
        by_uuid: dict[UUID, list[str]] = {}
        for one in known:
            if one.uuid is not None:
                by_uuid.setdefault(one.uuid, []).append(one.key)
        for want in self._wanted:
            found = [want.key] if want.key in by_key else by_uuid.get(want.uuid, []) if want.uuid else []
            keys.update(found)
            if not found:
                detail = "the target has no such instance"
                unknown[want.key] = Failure(instance=want, reason=Reason.NOT_FOUND, detail=detail)
        return tuple(one for one in known if one.key in keys), list(unknown.values())


def _named(one: object) -> Instance:
    if isinstance(one, Instance):
        return one
    if isinstance(one, UUID):
        return Instance(key=str(one), uuid=one)
    if isinstance(one, str):
        try:
            return Instance(key=one, uuid=UUID(one))
        except ValueError:
            return Instance(key=one)
    raise TypeError(f"an instance is named by its key, its uuid or an Instance, not by {type(one).__name__}")
