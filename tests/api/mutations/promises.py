"""Operators on what is promised beside classes and functions: exported names, modules, constants, numbers, drivers,
stored kinds, the conformance suite, the distribution, the options of bridges.

Names, constants and numbers are edited in the source. The drivers and the suite are tables of live objects, which are
changed in the child after the import; pyproject.toml is read with a change.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from tools.api.findings import Audience
from tools.api.surface import Surface

from .labels import AUTHORS, CALLERS, READERS, major, minor, of_surface, patch
from .mutant import Edit, Mutant, Truth
from .places import home_of_value, tree


def _users(surface: Surface, module: str, symbol: str) -> frozenset[Audience]:
    if module == "hvinspect.driver":
        return AUTHORS
    return CALLERS & frozenset(map(Audience, surface["symbols"][symbol]["for"])) or CALLERS


def _all_of(module: ast.Module) -> ast.List:
    for one in ast.walk(module):
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "__all__":
            assert isinstance(one.value, ast.List)
            return one.value
    raise LookupError("there is no __all__")


def _listed(change: Callable[[ast.List, ast.Module], object]) -> Edit:
    return lambda module: change(_all_of(module), module)


def _without(name: str) -> Callable[[ast.List, ast.Module], None]:
    def drop(listed: ast.List, _: ast.Module) -> None:
        listed.elts = [one for one in listed.elts if not (isinstance(one, ast.Constant) and one.value == name)]

    return drop


def _statement(text: str) -> ast.stmt:
    return ast.parse(text).body[0]


@of_surface
def exports(surface: Surface) -> Iterator[Mutant]:
    """Each entry of each ``__all__``: removed, renamed; one added; the list in another order."""
    for module, names in surface["exports"].items():
        for name, symbol in names.items():
            users = _users(surface, module, symbol)
            where = f"{module}:{name}"
            yield Mutant("export-removed", where, major(users), ((module, _listed(_without(name))),))

            def rename(listed: ast.List, tree: ast.Module, name: str = name, module: str = module) -> None:
                _without(name)(listed, tree)
                listed.elts.append(ast.Constant(f"{name}_renamed"))
                value = f"__getattr__({name!r})" if module == "hvinspect" and name in _LAZY else name
                tree.body.append(_statement(f"{name}_renamed = {value}"))

            if not (module == "hvinspect" and name in _LAZY):
                yield Mutant("export-renamed", where, major(users), ((module, _listed(rename)),))

        def add(listed: ast.List, tree: ast.Module) -> None:
            listed.elts.append(ast.Constant("added"))
            tree.body.append(_statement("def added() -> int: return 1"))

        def private(_: ast.List, tree: ast.Module) -> None:
            tree.body.append(_statement("def _added() -> int: return 1"))

        def turn(listed: ast.List, _: ast.Module) -> None:
            listed.elts.reverse()

        if names:
            users = AUTHORS if module == "hvinspect.driver" else CALLERS
            yield Mutant("export-added", module, minor(users), ((module, _listed(add)),))
            yield Mutant("private-name-added", module, patch(), ((module, _listed(private)),))
            yield Mutant("exports-reordered", module, patch(), ((module, _listed(turn)),))


@of_surface
def split(surface: Surface) -> Iterator[Mutant]:
    """A class that two modules export is another in the second."""
    for module, names in surface["exports"].items():
        for name, symbol in names.items():
            if symbol == f"{module}.{name}" or surface["symbols"][symbol]["kind"] != "class":
                continue
            if "enum" in surface["symbols"][symbol]:
                continue  # it cannot be inherited from
            if _has_from(symbol.rpartition(".")[0], module, name):
                continue  # the other one would be the same
            another = _statement(f"{name} = type({name!r}, ({name},), {{'__slots__': (), '__module__': __name__}})")
            edit = partial(_append, another)
            yield Mutant("export-split", f"{module}:{name}", major(_users(surface, module, symbol)), ((module, edit),))


def _has_from(other: str, module: str, name: str) -> bool:
    """Does *other* have *name* from *module*?"""
    return any(
        isinstance(one, ast.ImportFrom)
        and f"{other}.{one.module}" == module
        and any(alias.name == name for alias in one.names)
        for one in ast.walk(tree(other))
    )


def _append(statement: ast.stmt, tree: ast.Module) -> None:
    tree.body.append(statement)


@of_surface
def whole_modules(surface: Surface) -> Iterator[Mutant]:
    """Each but the package itself: no longer public; one more that is."""
    from tools.api import public

    listed = public.modules

    def without(name: str) -> None:
        public.modules = lambda: {one: module for one, module in listed().items() if one != name}

    def more() -> None:
        made = ModuleType("hvinspect.added")
        made.__dict__.update(__all__=["ADDED"], ADDED=1)
        public.modules = lambda: {**listed(), "hvinspect.added": made}

    for module, names in surface["exports"].items():
        if names and module != "hvinspect":
            users = AUTHORS if module == "hvinspect.driver" else CALLERS
            yield Mutant("module-removed", module, major(users), live=partial(without, module))
    yield Mutant("module-added", "hvinspect.added", minor(), live=more)


_LAZY = frozenset(
    name
    for one in ast.walk(tree("hvinspect"))
    if isinstance(one, ast.ImportFrom) and one.level == 1 and one.module != "_version"
    for name in (alias.name for alias in one.names)
)


def _assigned(module: ast.Module, name: str) -> Any:
    for one in module.body:
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return one
    raise LookupError(f"{name} is not assigned")


def _value(module: str, name: str, make: Callable[[ast.expr], ast.expr]) -> tuple[tuple[str, Edit], ...]:
    def edit(tree: ast.Module) -> None:
        found = _assigned(tree, name)
        found.value = make(found.value)

    return ((module, edit),)


def _expression(text: str) -> Callable[[ast.expr], ast.expr]:
    return lambda _: ast.parse(text, mode="eval").body


_VALUES: tuple[tuple[str, str, str, str, Truth], ...] = (
    ("constant-changed", "hvinspect._xml", "LONGEST_XML", "7", major(AUTHORS)),
    ("constant-changed", "hvinspect.testing.replay", "FORMAT", "7", major()),
    ("constant-type-changed", "hvinspect._xml", "LONGEST_XML", "'7'", major(AUTHORS)),
    ("constant-respelled", "hvinspect._xml", "LONGEST_XML", "16777216", patch()),
    (
        "items-removed",
        "hvinspect._fields",
        "DEFAULT_GROUPS",
        "frozenset({Group.STATE, Group.CPU, Group.MEMORY, Group.DISK})",
        major(),
    ),
    (
        "items-added",
        "hvinspect._fields",
        "DEFAULT_GROUPS",
        "frozenset({Group.STATE, Group.CPU, Group.MEMORY, Group.DISK, Group.NIC, Group.PERF})",
        minor(),
    ),
    # The group in which drivers are looked for has the number in its name.
    ("driver-api-raised", "hvinspect.driver", "DRIVER_API", "2", major(AUTHORS)),
    ("driver-api-lowered", "hvinspect.driver", "DRIVER_API", "0", major(AUTHORS)),
    ("schema-raised", "hvinspect._serial", "SCHEMA", "2", minor(READERS)),
    ("schema-lowered", "hvinspect._serial", "SCHEMA", "0", major(READERS)),
    ("entry-point-group", "hvinspect._registry", "ENTRY_POINT_GROUP", "'hvinspect.drivers'", major(AUTHORS)),
)


@of_surface
def values(_: Surface) -> Iterator[Mutant]:
    """Constants and numbers."""
    for operator, module, name, text, truth in _VALUES:
        yield Mutant(operator, f"{module}.{name}", truth, _value(module, name, _expression(text)))


@of_surface
def aliases(surface: Surface) -> Iterator[Mutant]:
    """A type alias allows one type more, or one less."""
    for symbol, facts in surface["symbols"].items():
        if facts["kind"] == "alias":
            module, _, name = symbol.rpartition(".")
            home = home_of_value(module, name)
            wider = _value(home, name, lambda old: ast.BinOp(old, ast.BitOr(), ast.Name("memoryview", ast.Load())))
            # A caller may give more then, and has to take more where it is the type of what is read.
            read = any(
                member.get("type") == facts["type"]
                for one in surface["symbols"].values()
                for member in one.get("members", {}).values()
            )
            yield Mutant("alias-wider", symbol, major() if read else minor(), wider)
            yield Mutant("alias-other", symbol, major(), _value(home, name, _expression("int | memoryview")))


# -- drivers, stored kinds, checks


def _with_default(spec: Any) -> Any:
    return dataclasses.replace(spec, default="another")


@of_surface
def drivers(surface: Surface) -> Iterator[Mutant]:
    """Built-in drivers and their options."""

    def registry() -> Any:
        from hvinspect import _registry

        return _registry._BUILT_IN

    for name, options in surface["drivers"].items():

        def drop(name: str = name) -> None:
            del registry()[name]

        yield Mutant("driver-removed", name, major(), live=drop)

        def rename(name: str = name) -> None:
            registry()[f"{name}2"] = registry().pop(name)

        yield Mutant("driver-renamed", name, major(), live=rename)
        for option in options:

            def change(make: Callable[[list[Any]], list[Any]], name: str = name) -> None:
                from hvinspect import _options, _registry

                record, real = _registry.load(name).driver.Options, _options.option_specs
                module: Any = _options
                module.option_specs = lambda one: make(list(real(one))) if one is record else list(real(one))

            def remove(change: Any = change, option: str = option) -> None:
                change(lambda specs: [one for one in specs if one.name != option])

            def default(change: Any = change, option: str = option) -> None:
                change(lambda specs: [_with_default(one) if one.name == option else one for one in specs])

            yield Mutant("driver-option-removed", f"{name} {option}", major(), live=remove)
            yield Mutant("driver-option-default", f"{name} {option}", major(), live=default)

            def add(change: Any = change) -> None:
                change(lambda specs: [*specs, dataclasses.replace(specs[0], name="added")])

            yield Mutant("driver-option-added", f"{name} {option}", minor(), live=add)

    def one_more() -> None:
        registry()["added"] = registry()["fake"]

    yield Mutant("driver-added", "added", minor(), live=one_more)


@of_surface
def stored(surface: Surface) -> Iterator[Mutant]:
    """A kind of document is gone, or has another name."""
    kinds = [one["properties"]["kind"]["const"] for one in surface["stored"]["oneOf"]]

    def table() -> Any:
        from hvinspect import _serial

        return _serial._KINDS

    for kind in kinds:

        def drop(kind: str = kind) -> None:
            del table()[kind]

        yield Mutant("stored-kind-removed", kind, major(READERS), live=drop)

        def rename(kind: str = kind) -> None:
            table()[f"{kind}2"] = table().pop(kind)

        yield Mutant("stored-kind-renamed", kind, major(READERS), live=rename)


@of_surface
def checks(surface: Surface) -> Iterator[Mutant]:
    """A check of the conformance suite: removed, added, previewed, no preview any more."""
    known = surface["symbols"]["hvinspect.testing.conformance.CHECKS"]["checks"]

    def change(make: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Callable[[], None]:
        def run() -> None:
            from hvinspect.testing import conformance

            conformance.CHECKS = make(conformance.CHECKS)

        return run

    def like(one: Any, **facts: Any) -> Any:
        return dataclasses.replace(one, **facts)

    def without(checks: tuple[Any, ...], name: str) -> tuple[Any, ...]:
        return tuple(one for one in checks if one.name != name)

    def softened(checks: tuple[Any, ...], name: str) -> tuple[Any, ...]:
        return tuple(like(one, preview=True) if one.name == name else one for one in checks)

    for name, preview in known.items():
        yield Mutant("check-removed", name, major(AUTHORS), live=change(partial(without, name=name)))
        if not preview:
            soften = change(partial(softened, name=name))
            yield Mutant("check-softened", name, patch(), live=soften)
    counts = change(lambda checks: (*checks, like(checks[0], name="new", preview=False)))
    yield Mutant("check-added", "CHECKS", major(AUTHORS), live=counts)
    warns = change(lambda checks: (*checks, like(checks[0], name="new", preview=True)))
    yield Mutant("check-previewed", "CHECKS", minor(AUTHORS), live=warns)


# -- the distribution


_PROJECT: tuple[tuple[str, str, str, Truth], ...] = (
    ("extra-removed", 'cli = ["click>=8.1", "rich>=13.7"]\n', "", major()),
    ("extra-renamed", 'cli = ["click', 'command = ["click', major()),
    ("extra-added", "[project.scripts]", 'more = ["click"]\n\n[project.scripts]', minor()),
    ("dependency-added", '"packaging>=22"]', '"packaging>=22", "attrs>=23"]', minor()),
    ("dependency-capped", '"packaging>=22"]', '"packaging>=22,<25"]', major()),
    ("dependency-floor-raised", '"packaging>=22"]', '"packaging>=23"]', patch()),
    ("dependency-removed", ', "packaging>=22"]', "]", patch()),
    ("python-dropped", 'requires-python = ">=3.11"', 'requires-python = ">=3.12"', minor()),
    ("script-removed", 'hvinspect = "hvinspect.cli:main"\n', "", major()),
    ("script-renamed", 'hvinspect = "hvinspect.cli:main"', 'hvi = "hvinspect.cli:main"', major()),
    ("distribution-renamed", 'name = "hvinspect"', 'name = "hv-inspect"', major()),
    ("python-capped", 'requires-python = ">=3.11"', 'requires-python = ">=3.11,<4"', major()),
    ("python-respelled", 'requires-python = ">=3.11"', 'requires-python = ">= 3.11"', patch()),
    ("dependency-respelled", '"typing-extensions>=', '"typing_extensions>=', patch()),
    ("script-added", "[project.scripts]\n", '[project.scripts]\nhvi = "hvinspect.cli:main"\n', minor()),
    ("keywords-changed", '"telemetry"]', '"telemetry", "xen"]', patch()),
)


@of_surface
def distribution(surface: Surface) -> Iterator[Mutant]:
    """What pyproject.toml says to installers, and each entry point."""
    for operator, before, after, truth in _PROJECT:
        yield Mutant(operator, "pyproject.toml", truth, project=(before, after))
    for label, value in surface["distribution"]["entry_points"].items():
        name = label.partition(":")[2]
        if label.startswith("console_scripts:"):
            continue
        line = f'"{name}" = "{value}"\n' if "." in name else f'{name} = "{value}"\n'
        yield Mutant("entry-point-removed", label, major(), project=(line, ""))
        yield Mutant("entry-point-renamed", label, major(), project=(line, line.replace(name, f"{name}-renamed", 1)))
        yield Mutant("entry-point-elsewhere", label, patch(), project=(line, line.replace(value, f"{value}_", 1)))


# -- the options of bridges, whose libraries need not be here: they are read from the source


def options_with(change: Callable[[str], str]) -> Callable[[], None]:
    """What each file that declares options says is changed."""

    def run() -> None:
        from tools.api import operator_options

        as_it_is = operator_options.source
        operator_options.source = lambda file: change(as_it_is(file))

    return run


def _declarations(text: str, name: str, make: Callable[[ast.Call], ast.expr]) -> str:
    class Change(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            if ast.unparse(node.func).startswith("cfg.") and node.args and ast.unparse(node.args[0]) == repr(name):
                return make(node)
            return node

    return ast.unparse(Change().visit(ast.parse(text))) if "cfg." in text else text


def _with_keyword(call: ast.Call, name: str, value: Any) -> ast.Call:
    keywords = [one for one in call.keywords if one.arg != name]
    return ast.Call(call.func, call.args, [*keywords, ast.keyword(name, _expression(repr(value))(call))])


@of_surface
def operator_options(surface: Surface) -> Iterator[Mutant]:
    """What operators set for a bridge: removed, renamed, with another default, type or help, required."""
    ways: tuple[tuple[str, Truth, Callable[[ast.Call], ast.expr]], ...] = (
        ("bridge-option-removed", major(), lambda call: ast.Constant(None)),
        ("bridge-option-renamed", major(), lambda call: ast.Call(call.func, [ast.Constant("renamed")], call.keywords)),
        ("bridge-option-default", major(), lambda call: _with_keyword(call, "default", 93)),
        ("bridge-option-type", major(), lambda call: ast.Call(_expression("cfg.BoolOpt")(call), call.args, [])),
        ("bridge-option-required", major(), lambda call: _with_keyword(call, "required", True)),
        ("bridge-option-help", patch(), lambda call: _with_keyword(call, "help", "Other.")),
    )
    for label in surface["operator_options"]:
        name = label.rpartition(" ")[2]
        for operator, truth, make in ways:
            change = partial(_declarations, name=name, make=make)
            yield Mutant(operator, label, truth, live=options_with(change))
        facts = surface["operator_options"][label]
        for operator, truth, keyword, value in _ranges(facts):
            limit = partial(_declarations, name=name, make=partial(_with_keyword, name=keyword, value=value))
            yield Mutant(operator, label, truth, live=options_with(limit))
    for operator, truth, required in (
        ("bridge-option-added", minor(), ""),
        ("bridge-required-option-added", major(), ", required=True"),
    ):
        more = f"\ncfg.StrOpt('added'{required})\n"
        add = partial(_with_end, end=more)
        yield Mutant(operator, "added", truth, live=options_with(add))


def _with_end(text: str, end: str) -> str:
    return text + end if "cfg." in text else text


def _ranges(facts: dict[str, Any]) -> Iterator[tuple[str, Truth, str, Any]]:
    if facts["type"] in ("Int", "Float"):
        yield "bridge-option-limited", major(), "max", 20
        if facts["min"] is not None:
            yield "bridge-option-allows-more", minor(), "min", facts["min"] - 1
            yield "bridge-option-allows-less", major(), "min", facts["min"] + 1
    if facts["choices"]:
        yield "bridge-option-word-added", minor(), "choices", [*facts["choices"], "another"]
        yield "bridge-option-word-removed", major(), "choices", facts["choices"][1:]
