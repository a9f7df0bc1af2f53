"""Operators on functions and methods: parameters, types, defaults, and what a method is.

All of them edit the source. A method of a class that users implement has its truths turned round: the package calls
it, and what is more for a caller is more for its author to write.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .labels import AUTHORS, major, minor, of_place, patch
from .mutant import Mutant, Truth
from .places import Definition, Place, at

Function = ast.FunctionDef | ast.AsyncFunctionDef
#: A type that nothing of the package takes or gives.
_FOREIGN = "memoryview"
_UNTOUCHED = ("typing.Any", "object")


def _mutant(name: str, place: Place, truth: Truth, change: Callable[[Any], object], what: str = "") -> Mutant:
    def edit(tree: ast.Module) -> None:
        change(at(tree, place.path))

    symbol = f"{place.symbol}({what})" if what else place.symbol
    return Mutant(name, symbol, truth, ((place.module, edit),))


def _within(name: str, place: Place, truth: Truth, change: Callable[[list[ast.stmt], Any], object]) -> Mutant:
    """Likewise; *change* gets the list of statements that the definition stands in, too."""

    def edit(tree: ast.Module) -> None:
        home: Any = at(tree, place.path[:-1]) if len(place.path) > 1 else tree
        change(home.body, at(tree, place.path))

    return Mutant(name, place.symbol, truth, ((place.module, edit),))


def _is_function(place: Place) -> bool:
    return place.facts["kind"] == "function" and "overloads" not in place.facts


def _is_method(place: Place) -> bool:
    return len(place.path) > 1 and place.facts["kind"] == "function"


def _bound(place: Place) -> int:
    """How many parameters are given by what it is looked up on."""
    return int(len(place.path) > 1 and place.facts.get("how") != "static")


def _turned(place: Place, *, caller: Truth, author: Truth) -> Truth:
    return author if place.implemented else caller


def _broken(place: Place) -> Truth:
    return major(AUTHORS if place.implemented else place.users)


def _more(place: Place) -> Truth:
    """An addition for callers; one for authors, too, and those have to write it."""
    return _turned(place, caller=minor(place.users), author=major(AUTHORS))


def _names(place: Place) -> list[ast.arg]:
    arguments = _function(place.node).args
    return [*arguments.posonlyargs, *arguments.args][_bound(place) :]


def _function(node: Definition) -> Function:
    assert isinstance(node, Function)
    return node


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _drop(node: Any, name: str) -> None:
    arguments: ast.arguments = node.args
    names = [one.arg for one in arguments.args]
    if name in names:
        place = names.index(name)
        from_end = len(names) - place
        if from_end <= len(arguments.defaults):
            del arguments.defaults[len(arguments.defaults) - from_end]
        del arguments.args[place]
        return
    place = [one.arg for one in arguments.kwonlyargs].index(name)
    del arguments.kwonlyargs[place]
    del arguments.kw_defaults[place]


def _set_keyword_default(node: Any, number: int, value: ast.expr | None) -> None:
    node.args.kw_defaults[number] = value


@of_place
def parameter_removed(place: Place) -> Iterator[Mutant]:
    """Each one."""
    if _is_function(place):
        for one in (*_names(place), *_function(place.node).args.kwonlyargs):
            yield _mutant(
                "parameter-removed",
                place,
                _broken(place),
                partial(_drop, name=one.arg),
                one.arg,
            )


@of_place
def parameter_renamed(place: Place) -> Iterator[Mutant]:
    """Each one that may be given by name."""
    if _is_function(place):
        for one in (*_names(place), *_function(place.node).args.kwonlyargs):
            if one.arg.startswith("__"):
                continue

            def rename(node: Any, name: str = one.arg) -> None:
                for argument in (*node.args.args, *node.args.kwonlyargs):
                    if argument.arg == name:
                        argument.arg = f"{name}_renamed"

            yield _mutant("parameter-renamed", place, _broken(place), rename, one.arg)


@of_place
def parameter_required(place: Place) -> Iterator[Mutant]:
    """A default is dropped: of any keyword, and of the first positional one that has one."""
    if not _is_function(place):
        return
    arguments = _function(place.node).args
    if arguments.defaults:
        name = arguments.args[len(arguments.args) - len(arguments.defaults)].arg
        yield _mutant("parameter-made-required", place, _broken(place), lambda node: node.args.defaults.pop(0), name)
    for number, one in enumerate(arguments.kwonlyargs):
        if arguments.kw_defaults[number] is not None:
            yield _mutant(
                "parameter-made-required",
                place,
                _broken(place),
                partial(_set_keyword_default, number=number, value=None),
                one.arg,
            )


@of_place
def parameter_optional(place: Place) -> Iterator[Mutant]:
    """The last positional one without a default, and each such keyword, gets one."""
    if not _is_function(place):
        return
    arguments = _function(place.node).args
    required = _names(place)[: len(_names(place)) - len(arguments.defaults)]
    if required and not arguments.posonlyargs:
        yield _mutant(
            "parameter-made-optional",
            place,
            _more(place),
            lambda node: node.args.defaults.insert(0, ast.Constant(None)),
            required[-1].arg,
        )
    for number, one in enumerate(arguments.kwonlyargs):
        if arguments.kw_defaults[number] is None:
            yield _mutant(
                "parameter-made-optional",
                place,
                _more(place),
                partial(_set_keyword_default, number=number, value=ast.Constant(None)),
                one.arg,
            )


@of_place
def parameters_swapped(place: Place) -> Iterator[Mutant]:
    """Two neighbours that may be given by position; and two keywords, which nobody can tell."""
    if not _is_function(place):
        return
    arguments, first = _function(place.node).args, _bound(place)
    for number in range(first, len(arguments.args) - 1):

        def swap(node: Any, number: int = number) -> None:
            args = node.args.args
            args[number], args[number + 1] = args[number + 1], args[number]

        yield _mutant("parameters-swapped", place, _broken(place), swap, arguments.args[number].arg)
    if len(arguments.kwonlyargs) > 1:

        def turn(node: Any) -> None:
            node.args.kwonlyargs.reverse()
            node.args.kw_defaults.reverse()

        yield _mutant("keywords-reordered", place, patch(), turn)


@of_place
def parameter_kind(place: Place) -> Iterator[Mutant]:
    """Positional to keyword-only, keyword-only to either, either to positional-only."""
    if not _is_function(place):
        return
    arguments = _function(place.node).args
    names = _names(place)
    if names and arguments.vararg is None and not names[-1].arg.startswith("__"):

        def to_keyword(node: Any) -> None:
            default = node.args.defaults.pop() if node.args.defaults else None
            node.args.kwonlyargs.insert(0, node.args.args.pop())
            node.args.kw_defaults.insert(0, default)

        yield _mutant("positional-to-keyword", place, _broken(place), to_keyword, names[-1].arg)

        def to_positional(node: Any) -> None:
            count = _bound(place) + 1
            node.args.posonlyargs, node.args.args = node.args.args[:count], node.args.args[count:]

        yield _mutant("either-to-positional-only", place, _broken(place), to_positional, names[0].arg)
    if arguments.kwonlyargs and arguments.vararg is None:
        default = arguments.kw_defaults[0]
        if default is None and arguments.defaults:
            return

        def to_either(node: Any) -> None:
            given = node.args.kw_defaults.pop(0)
            node.args.args.append(node.args.kwonlyargs.pop(0))
            if given is not None:
                node.args.defaults.append(given)

        truth = _turned(place, caller=minor(place.users), author=major(AUTHORS))
        yield _mutant("keyword-to-either", place, truth, to_either, arguments.kwonlyargs[0].arg)


@of_place
def parameter_added(place: Place) -> Iterator[Mutant]:
    """Optional, required, in front of others, and the collecting ones."""
    if not _is_function(place):
        return
    added = ast.arg("added", _expression("int"))

    def optional(node: Any) -> None:
        node.args.kwonlyargs.append(added)
        node.args.kw_defaults.append(ast.Constant(0))

    def required(node: Any) -> None:
        node.args.kwonlyargs.append(added)
        node.args.kw_defaults.append(None)

    def in_front(node: Any) -> None:
        node.args.args.insert(_bound(place), added)

    def at_end(node: Any) -> None:
        node.args.args.append(added)
        node.args.defaults.append(ast.Constant(0))

    def collecting(node: Any) -> None:
        node.args.kwarg = ast.arg("more", _expression("int"))

    arguments = _function(place.node).args
    yield _mutant("optional-keyword-added", place, _more(place), optional)
    yield _mutant("required-keyword-added", place, _broken(place), required)
    if not arguments.posonlyargs:
        yield _mutant("parameter-put-in-front", place, _broken(place), in_front)
    if arguments.vararg is None:
        yield _mutant("optional-positional-added", place, _more(place), at_end)
    if arguments.kwarg is None:
        yield _mutant("collecting-keywords-added", place, _more(place), collecting)


def _other_value(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant):
        known = value.value
        if isinstance(known, bool):
            return ast.Constant(not known)
        if isinstance(known, (int, float)):
            return ast.Constant(known + 1)
        if isinstance(known, str):
            return ast.Constant(f"{known}x")
        return ast.Constant(1 if known is None else None)
    return ast.Constant(None)


@of_place
def default_changed(place: Place) -> Iterator[Mutant]:
    """Each one; and each number written in another way."""
    if not _is_function(place):
        return
    arguments = _function(place.node).args
    for number, default in enumerate(arguments.defaults):

        def change(node: Any, number: int = number) -> None:
            node.args.defaults[number] = _other_value(node.args.defaults[number])

        name = arguments.args[len(arguments.args) - len(arguments.defaults) + number].arg
        yield _mutant("default-changed", place, _broken(place), change, name)
        if isinstance(default, ast.Constant) and type(default.value) is float:

            def respell(node: Any, number: int = number) -> None:
                half = ast.Constant(node.args.defaults[number].value / 2)
                node.args.defaults[number] = ast.BinOp(half, ast.Mult(), ast.Constant(2))

            yield _mutant("default-respelled", place, patch(), respell, name)
    for number, keyword in enumerate(arguments.kw_defaults):
        if keyword is not None:

            def change_keyword(node: Any, number: int = number) -> None:
                node.args.kw_defaults[number] = _other_value(node.args.kw_defaults[number])

            name = arguments.kwonlyargs[number].arg
            yield _mutant("default-changed", place, _broken(place), change_keyword, name)


def members(annotation: ast.expr) -> list[ast.expr]:
    """Of a union, else the type itself."""
    if isinstance(annotation, ast.BinOp):
        return [*members(annotation.left), *members(annotation.right)]
    return [annotation]


def union(parts: list[ast.expr]) -> ast.expr:
    """The type that any of them is."""
    whole = parts[0]
    for one in parts[1:]:
        whole = ast.BinOp(whole, ast.BitOr(), one)
    return whole


@of_place
def annotation_changed(place: Place) -> Iterator[Mutant]:
    """Of each parameter: wider, narrower, another, and the same spelled in another order."""
    if not _is_function(place):
        return
    facts = {one["name"]: one for one in place.facts["signature"]["parameters"]}
    narrower = _turned(place, caller=_broken(place), author=minor(AUTHORS))
    other = _turned(place, caller=_broken(place), author=major(AUTHORS))
    for one in (*_names(place), *_function(place.node).args.kwonlyargs):
        if one.annotation is None or facts[one.arg]["type"] in _UNTOUCHED or "T" in _names_in(one.annotation):
            continue

        def set_(node: Any, make: Callable[[ast.expr], ast.expr], name: str = one.arg) -> None:
            for argument in (*node.args.args, *node.args.kwonlyargs):
                if argument.arg == name:
                    argument.annotation = make(argument.annotation)

        parts = members(one.annotation)
        wider = lambda node, set_=set_: set_(node, lambda old: union([old, _expression(_FOREIGN)]))  # noqa: E731
        yield _mutant("parameter-type-wider", place, _more(place), wider, one.arg)
        foreign = lambda node, set_=set_: set_(node, lambda _: _expression(_FOREIGN))  # noqa: E731
        yield _mutant("parameter-type-other", place, other, foreign, one.arg)
        if len(parts) > 1:
            less = lambda node, set_=set_: set_(node, lambda old: union(members(old)[:-1]))  # noqa: E731
            yield _mutant("parameter-type-narrower", place, narrower, less, one.arg)
            turned = lambda node, set_=set_: set_(node, lambda old: union(members(old)[::-1]))  # noqa: E731
            yield _mutant("type-respelled", place, patch(), turned, one.arg)


def _names_in(annotation: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)}


@of_place
def return_changed(place: Place) -> Iterator[Mutant]:
    """Wider, narrower, another."""
    returns = getattr(place.node, "returns", None)
    if place.facts["kind"] not in ("function", "property") or "overloads" in place.facts or returns is None:
        return
    known = place.facts["type"] if place.facts["kind"] == "property" else place.facts["signature"]["returns"]
    if known in (*_UNTOUCHED, "None", "typing.NoReturn") or place.facts.get("context_manager"):
        return
    wider = _turned(place, caller=major(place.users), author=minor(AUTHORS))
    narrower = _turned(place, caller=minor(place.users), author=major(AUTHORS))

    def set_(node: Any, make: Callable[[ast.expr], ast.expr]) -> None:
        node.returns = make(node.returns)

    if not isinstance(returns, ast.Constant) or returns.value is not None:
        yield _mutant("return-wider", place, wider, lambda n: set_(n, lambda o: union([o, _expression(_FOREIGN)])))
        yield _mutant("return-other", place, _broken(place), lambda n: set_(n, lambda _: _expression(_FOREIGN)))
    if len(members(returns)) > 1:
        yield _mutant("return-narrower", place, narrower, lambda n: set_(n, lambda o: union(members(o)[:-1])))
        yield _mutant("type-respelled", place, patch(), lambda n: set_(n, lambda o: union(members(o)[::-1])), "->")


@of_place
def type_variables(place: Place) -> Iterator[Mutant]:
    """What stands for any type, or for some, stands for one alone."""
    if len(place.path) > 1 or place.facts["kind"] not in ("function", "class"):
        return
    known = [*place.facts.get("type_variables", ()), *place.facts.get("type_parameters", ())]
    for name in (one.partition(":")[0] for one in known):
        made = _expression(f"__import__('typing').TypeVar({name!r}, bound={_FOREIGN})")

        def edit(tree: ast.Module, name: str = name, made: ast.expr = made) -> None:
            found: Any = next(one for one in tree.body if ast.unparse(one).startswith(f"{name} = "))
            found.value = made

        yield Mutant("type-variable-narrowed", f"{place.symbol}[{name}]", _broken(place), ((place.module, edit),))


@of_place
def asynchronous(place: Place) -> Iterator[Mutant]:
    """``def`` to ``async def``."""
    if not _is_function(place) or place.facts["context_manager"]:
        return

    def change(body: list[ast.stmt], node: Any) -> None:
        fields = {name: getattr(node, name) for name in node._fields}
        body[body.index(node)] = ast.copy_location(ast.AsyncFunctionDef(**fields), node)

    if not any(isinstance(one, ast.YieldFrom) for one in ast.walk(place.node)):
        yield _within("made-asynchronous", place, _broken(place), change)


@of_place
def binding(place: Place) -> Iterator[Mutant]:
    """Method, class method, static method and property, each to another of them."""
    if len(place.path) == 1 or place.path[-1].startswith("__"):
        return

    def decorate(name: str) -> Callable[[Any], object]:
        return lambda node: node.decorator_list.insert(0, ast.Name(name, ast.Load()))

    def strip(node: Any) -> None:
        node.decorator_list = [one for one in node.decorator_list if ast.unparse(one) not in _BINDINGS]

    if place.facts["kind"] == "property":
        yield _mutant("property-to-method", place, _broken(place), strip)
    elif place.facts["how"] == "method":
        if not place.facts["signature"]["parameters"]:
            yield _mutant("method-to-property", place, _broken(place), decorate("property"))
        yield _mutant("method-to-class-method", place, _broken(place), decorate("classmethod"))
        yield _mutant("method-to-static-method", place, _broken(place), decorate("staticmethod"))
    else:
        yield _mutant("class-method-to-method", place, _broken(place), strip)


_BINDINGS = ("property", "classmethod", "staticmethod")


@of_place
def context_manager(place: Place) -> Iterator[Mutant]:
    """One that is made of a generator stays a generator."""
    if place.facts["kind"] == "function" and place.facts.get("context_manager"):
        yield _mutant("context-manager-undone", place, _broken(place), lambda node: node.decorator_list.clear())


@of_place
def overloads(place: Place) -> Iterator[Mutant]:
    """One is dropped, one added."""
    if "overloads" not in place.facts:
        return

    def drop(body: list[ast.stmt], node: Any) -> None:
        body.remove(next(one for one in body if isinstance(one, ast.FunctionDef) and one.name == node.name))

    yield _within("overload-removed", place, major(place.users), drop)

    def add(body: list[ast.stmt], node: Any) -> None:
        first: Any = next(one for one in body if isinstance(one, ast.FunctionDef) and one.name == node.name)
        other: Any = ast.parse(ast.unparse(first)).body[0]
        for argument in other.args.args:
            argument.annotation = _expression(_FOREIGN)
        other.returns = _expression(_FOREIGN)
        body.insert(body.index(first), other)

    yield _within("overload-added", place, minor(place.users), add)


@of_place
def abstractness(place: Place) -> Iterator[Mutant]:
    """A hook becomes abstract, or stops being so."""
    if not place.implemented or len(place.path) == 1:
        return
    if place.facts.get("abstract"):

        def concrete(node: Any) -> None:
            node.decorator_list = [one for one in node.decorator_list if ast.unparse(one) != "abstractmethod"]

        yield _mutant("abstract-dropped", place, minor(AUTHORS), concrete)
    else:
        made = ast.Name("abstractmethod", ast.Load())
        yield _mutant("made-abstract", place, major(AUTHORS), lambda node: node.decorator_list.append(made))


@of_place
def final_method(place: Place) -> Iterator[Mutant]:
    """Nobody may override it any more."""
    if _is_method(place) and place.implemented:
        mark = _expression("__import__('typing').final")
        yield _mutant("method-made-final", place, major(AUTHORS), lambda node: node.decorator_list.append(mark))


@of_place
def deprecated(place: Place) -> Iterator[Mutant]:
    """It warns from now on."""
    if _is_function(place) and place.facts.get("how", "method") == "method" and not place.path[-1].startswith("__"):
        mark = _expression("__import__('typing_extensions').deprecated('use another')")
        users = AUTHORS if place.implemented else place.users
        yield _mutant("deprecated", place, minor(users), lambda node: node.decorator_list.insert(0, mark))


@of_place
def inside(place: Place) -> Iterator[Mutant]:
    """The docstring, the body, a decorator that shows nothing: nobody can tell from outside."""
    if place.facts["kind"] == "function":

        def docstring(node: Any) -> None:
            node.body.insert(0, ast.Expr(ast.Constant("Other words.")))

        def body(node: Any) -> None:
            node.body.insert(1 if ast.get_docstring(node) else 0, ast.Pass())

        # That a constructor is not to be called is told by its docstring.
        if place.path[-1] != "__init__":
            yield _mutant("docstring-changed", place, patch(), docstring)
        yield _mutant("body-changed", place, patch(), body)
        if _is_function(place) and not place.facts["async"] and not place.facts["context_manager"]:
            wrapped = _expression("(lambda f: __import__('functools').wraps(f)(lambda *a, **k: f(*a, **k)))")

            def wrap(node: Any) -> None:
                at_end = len(node.decorator_list)
                node.decorator_list.insert(at_end, wrapped)

            yield _mutant("wrapped-by-a-decorator", place, patch(), wrap)
