"""Truths, and the register of operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.api.findings import Audience, Level
from tools.api.surface import Surface

from .mutant import Mutant, Truth
from .places import Place

Everybody = frozenset(Audience)
CALLERS = frozenset({Audience.CALLER})
AUTHORS = frozenset({Audience.DRIVER_AUTHOR})
READERS = frozenset({Audience.READER})

#: Gives the mutants of one place, or of the whole surface.
OfPlace = Callable[[Place], Iterator[Mutant]]
OfSurface = Callable[[Surface], Iterator[Mutant]]


def major(users: frozenset[Audience] = CALLERS) -> Truth:
    """Something that worked no longer does."""
    return Truth(Level.MAJOR, users)


def minor(users: frozenset[Audience] = CALLERS) -> Truth:
    """There is more than before."""
    return Truth(Level.MINOR, users)


def patch() -> Truth:
    """Nobody can tell."""
    return Truth(Level.PATCH, Everybody)


@dataclass(slots=True)
class Register:
    """The operators by what they look at."""

    of_place: list[OfPlace]
    of_surface: list[OfSurface]


REGISTER = Register([], [])


def of_place(function: OfPlace) -> OfPlace:
    """An operator that is applied to each place."""
    REGISTER.of_place.append(function)
    return function


def of_surface(function: OfSurface) -> OfSurface:
    """An operator that is applied to the surface as a whole."""
    REGISTER.of_surface.append(function)
    return function
