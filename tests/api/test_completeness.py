"""The surface has everything that a public class offers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.api import surface

from .mutations.places import Place, places


def set_on_self(place: Place) -> Iterator[str]:
    """The public attributes that methods of a class give to their object."""
    attributes = (node for node in ast.walk(place.node) if isinstance(node, ast.Attribute))
    for one in attributes:
        if isinstance(one.ctx, ast.Store) and ast.unparse(one.value) == "self" and not one.attr.startswith("_"):
            yield one.attr


def test_what_a_public_class_sets_on_itself_is_declared_in_its_body() -> None:
    # Without the declaration the dump does not have it, and its removal would be no finding.
    classes = [one for one in places(surface.take()) if one.facts["kind"] == "class"]
    assert classes
    undeclared = {f"{one.symbol}.{name}" for one in classes for name in set_on_self(one)} - {
        f"{one.symbol}.{name}" for one in classes for name in one.facts["members"]
    }
    assert undeclared == set()
