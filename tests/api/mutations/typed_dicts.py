"""Operators on typed dicts: each key gone, renamed, of another type, no longer in each; one more, needed or not."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from .labels import major, minor, of_place
from .mutant import Mutant, Truth
from .places import Place, at


def _mutant(name: str, place: Place, truth: Truth, change: Callable[[list[Any]], object], key: str) -> Mutant:
    def edit(tree: ast.Module) -> None:
        found: Any = at(tree, place.path)
        change(found.body)

    return Mutant(name, f"{place.symbol}[{key}]", truth, ((place.module, edit),))


def _statement(text: str) -> ast.stmt:
    return ast.parse(text).body[0]


def _of(body: list[Any], key: str) -> ast.AnnAssign:
    found = next(one for one in body if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == key)
    assert isinstance(found, ast.AnnAssign)
    return found


@of_place
def keys(place: Place) -> Iterator[Mutant]:
    """Each of a typed dict."""
    for key, facts in place.facts.get("typed_dict", {}).items():

        def remove(body: list[Any], key: str = key) -> None:
            body.remove(_of(body, key))

        def rename(body: list[Any], key: str = key) -> None:
            _of(body, key).target = ast.Name(f"{key}_renamed", ast.Store())

        def other(body: list[Any], key: str = key) -> None:
            _of(body, key).annotation = ast.Name("memoryview", ast.Load())

        def loose(body: list[Any], key: str = key) -> None:
            found = _of(body, key)
            mark = ast.parse("__import__('typing').NotRequired", mode="eval").body
            found.annotation = ast.Subscript(mark, found.annotation, ast.Load())

        users = place.users
        yield _mutant("key-removed", place, major(users), remove, key)
        yield _mutant("key-renamed", place, major(users), rename, key)
        yield _mutant("key-type-other", place, major(users), other, key)
        if facts["required"]:
            yield _mutant("key-made-optional", place, major(users), loose, key)
    if "typed_dict" in place.facts:
        # Whoever makes such a dict, in a test for instance, makes an incomplete one from then on.
        needed, optional = _statement("added: int"), _statement("added: __import__('typing').NotRequired[int]")
        yield _mutant("required-key-added", place, major(place.users), lambda body: body.append(needed), "added")
        yield _mutant("optional-key-added", place, minor(place.users), lambda body: body.append(optional), "added")
