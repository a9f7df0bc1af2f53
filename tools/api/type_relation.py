"""How two spelled types relate: which of them takes or gives more. Pure; the hierarchy comes with the surfaces."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache

from .spelling import PRIVATE

#: A parsed type: ("name", n), ("of", origin, args...), ("union", members...), ("list", items...), ("literal", text).
Node = tuple[object, ...]
#: The bases of each class, by name.
Bases = Mapping[str, Sequence[str]]

_READ_ONLY = (
    *("Sequence", "Iterable", "Iterator", "Collection", "Container", "Reversible", "Set", "Awaitable"),
    *("Coroutine", "Generator", "ValuesView", "AsyncIterator", "AsyncIterable"),
)
_COVARIANT = frozenset(
    {
        *(f"collections.abc.{name}" for name in _READ_ONLY),
        *(f"typing.{name}" for name in ("ClassVar", "Final", "Required", "NotRequired")),
        "tuple",
        "frozenset",
        "type",
        "contextlib.AbstractContextManager",
    }
)
_MAPPING = "collections.abc.Mapping"
_ANY = ("name", "typing.Any")
_OBJECT = ("name", "object")
_NOTHING = ("name", "typing.NoReturn")
_GUARDS = ("typing.TypeGuard", "typing.TypeIs")
_PRIVATE = ("name", PRIVATE)
_TOWER = {"int": ("float", "complex"), "float": ("complex",), "bool": ("int", "float", "complex")}


class Relation(Enum):
    """Of a type of now to that of before."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    UNRELATED = "unrelated"


def relation(before: str, now: str, bases: Bases) -> Relation:
    """Where neither can be shown to contain the other they are unrelated."""
    if before == now:
        return Relation.SAME
    old, new = parsed(before), parsed(now)
    wider, narrower = _fits(old, new, bases), _fits(new, old, bases)
    if wider and narrower:
        return Relation.SAME
    return Relation.WIDER if wider else Relation.NARROWER if narrower else Relation.UNRELATED


@cache
def parsed(text: str) -> Node:
    """*text* as a tree."""
    return _node(ast.parse(text, mode="eval").body)


def _node(tree: ast.expr) -> Node:
    if isinstance(tree, ast.BinOp):
        return ("union", *_members(tree))
    if isinstance(tree, ast.List):
        return ("list", *map(_node, tree.elts))
    if isinstance(tree, ast.Subscript):
        origin = ast.unparse(tree.value)
        inside = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        if origin == "typing.Literal":
            return ("union", *(("literal", ast.unparse(one)) for one in inside))
        return ("of", origin, *map(_node, inside))
    return ("name", ast.unparse(tree))


def _members(tree: ast.expr) -> list[Node]:
    if isinstance(tree, ast.BinOp):
        return [*_members(tree.left), *_members(tree.right)]
    node = _node(tree)
    return [*node[1:]] if node[0] == "union" else [node]  # type: ignore[list-item]  # members are nodes


def _fits(one: Node, other: Node, bases: Bases) -> bool:
    """Is every *one* an *other*?"""
    # A checker lets everything be done with Any, and nothing with an object.
    if one == _OBJECT and other == _ANY:
        return False
    if other in (one, _ANY, _OBJECT) or one == _NOTHING:
        return True
    if one == _ANY:
        return False
    # What is private has no name outside: that it has one now, or none any more, is another finding.
    if _PRIVATE in (one, other) and (_is_of_package(one, bases) and _is_of_package(other, bases)):
        return True
    if one[0] == "of" and one[1] in _GUARDS and other == ("name", "bool"):
        return True
    if one[0] == "union":
        return all(_fits(member, other, bases) for member in one[1:])  # type: ignore[arg-type]
    if other[0] == "union":
        return any(_fits(one, member, bases) for member in other[1:])  # type: ignore[arg-type]
    if one[0] == "literal":
        return other[0] == "name" and _class_fits(_class_of_literal(str(one[1])), str(other[1]), bases)
    if one[0] == "list" or other[0] == "list" or other[0] == "literal":
        return False
    return _named_fits(one, other, bases)


def _is_of_package(one: Node, bases: Bases) -> bool:
    return one == _PRIVATE or (one[0] in ("name", "of") and one[1] in bases)


def _class_of_literal(text: str) -> str:
    try:
        return type(ast.literal_eval(text)).__name__
    except ValueError:
        return text.rpartition(".")[0]


def _named_fits(one: Node, other: Node, bases: Bases) -> bool:
    origin, wanted = str(one[1]), str(other[1])
    if not _class_fits(origin, wanted, bases):
        return False
    given, asked = one[2:], other[2:]
    if not asked:
        return True
    if not given:
        # What its items are is not known here: written without them, they may be anything.
        return all(argument == _ANY for argument in asked)
    if wanted == "collections.abc.Callable":
        return _callable_fits(given, asked, bases)
    if wanted == "tuple" or (origin == "tuple" and asked):
        return _tuple_fits(given, asked, wanted, bases)
    if wanted == _MAPPING or origin == _MAPPING:
        if len(given) == len(asked) == 2:
            return given[0] == asked[0] and _fits(given[1], asked[1], bases)  # type: ignore[arg-type]
        return len(asked) == 1 and _fits(given[0], asked[0], bases)  # type: ignore[arg-type]
    if len(given) != len(asked):
        # Of a mapping it is the keys, of a generator what it yields, of a coroutine what it gives in the end.
        part = given[-1] if wanted == "collections.abc.Awaitable" else given[0]
        return len(asked) == 1 and _fits(part, asked[0], bases)  # type: ignore[arg-type]
    if wanted in _COVARIANT:
        return all(_fits(a, b, bases) for a, b in zip(given, asked, strict=True))  # type: ignore[arg-type]
    return given == asked


def _callable_fits(given: Sequence[object], asked: Sequence[object], bases: Bases) -> bool:
    takes, asks = given[0], asked[0]
    assert isinstance(takes, tuple)
    assert isinstance(asks, tuple)
    if asks != ("name", "...") and takes != ("name", "..."):
        if len(takes) != len(asks):
            return False
        if not all(_fits(b, a, bases) for a, b in zip(takes[1:], asks[1:], strict=True)):
            return False
    return _fits(given[1], asked[1], bases)  # type: ignore[arg-type]


def _tuple_fits(given: Sequence[object], asked: Sequence[object], wanted: str, bases: Bases) -> bool:
    endless = ("name", "...")
    items = [one for one in given if one != endless]
    if wanted != "tuple" or asked[-1] == endless:
        return all(_fits(one, asked[0], bases) for one in items)  # type: ignore[arg-type]
    if given[-1] == endless or len(items) != len(asked):
        return False
    return all(_fits(a, b, bases) for a, b in zip(items, asked, strict=True))  # type: ignore[arg-type]


def _class_fits(one: str, other: str, bases: Bases) -> bool:
    if one == other or other in bases.get(one, ()) or other in _TOWER.get(one, ()):
        return True
    return any(_derived(base, other) for base in (one, *bases.get(one, ())))


@cache
def _derived(one: str, other: str) -> bool:
    """For classes that are not the package's: as Python says."""
    first, second = _class(one), _class(other)
    if first is None or second is None:
        return False
    try:
        return issubclass(first, second)
    except TypeError:
        return False


def _class(name: str) -> type | None:
    module, _, attribute = name.rpartition(".")
    if module.partition(".")[0] not in (
        "",
        "builtins",
        "collections",
        "contextlib",
        "enum",
        "abc",
        "typing",
        "uuid",
        "types",
    ):
        return None
    try:
        found = getattr(importlib.import_module(module or "builtins"), attribute, None)
    except ImportError:
        return None
    return found if isinstance(found, type) else None
