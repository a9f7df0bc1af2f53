"""The public surface as plain data: every name that somebody may rely on, with its facts, ready to be compared."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import public
from .classes import class_facts
from .findings import Audience
from .functions import Facts, function_facts, marks
from .spelling import Speller

#: A dump of the surface, as it stands in ``api/current.json``.
Surface = dict[str, Any]

ROOT = Path(__file__).parent.parent.parent
CURRENT = ROOT / "api" / "current.json"
#: Their values differ from release to release, or are compared field by field.
_NO_VALUE = ("__version__", "CATALOGUE")


def symbols_of(modules: Mapping[str, types.ModuleType], package: str = public.PACKAGE) -> Surface:
    """``exports``: module -> name -> symbol; ``symbols``: each with its facts, under the first name that it has."""
    exports: dict[str, dict[str, str]] = {}
    names: dict[int, str] = {}
    things: dict[str, Any] = {}
    for module_name, module in modules.items():
        exports[module_name] = {}
        for name in public.exported(module):
            thing = getattr(module, name)
            # Small numbers and texts may be one object by chance.
            symbol = f"{module_name}.{name}" if isinstance(thing, (int, str)) else names.get(id(thing))
            if symbol is None:
                symbol = names[id(thing)] = f"{module_name}.{name}"
            exports[module_name][name] = symbol
            things[symbol] = thing
    speller = Speller(
        package, {key: name for key, name in names.items() if not isinstance(things[name], types.ModuleType)}
    )
    audiences: dict[str, set[Audience]] = {}
    for module_name, listed in exports.items():
        for symbol in listed.values():
            audiences.setdefault(symbol, set()).update(public.audiences(module_name))
    return {
        "exports": exports,
        "symbols": {
            symbol: {**_facts(thing, symbol, speller), "for": sorted(one.value for one in audiences[symbol])}
            for symbol, thing in sorted(things.items())
        },
    }


def _facts(thing: Any, symbol: str, speller: Speller) -> Facts:
    if isinstance(thing, types.ModuleType):
        return {"kind": "module"}
    if typing.get_origin(thing) is not None or isinstance(thing, types.UnionType):
        return {"kind": "alias", "type": speller.of_type(thing)}
    if isinstance(thing, type):
        return class_facts(thing, speller)
    if inspect.isfunction(thing) or (callable(thing) and hasattr(thing, "__wrapped__")):
        return function_facts(thing, speller)
    name = symbol.rpartition(".")[2]
    facts: Facts = {"kind": "constant", "type": speller.of_constant(name, thing), **marks(thing)}
    if name not in _NO_VALUE:
        facts["value"] = speller.of_value(thing)
        if isinstance(thing, (tuple, frozenset)):
            if thing and all(hasattr(one, "preview") for one in thing):
                # The checks of the conformance suite: what each does is seen where drivers are held to it.
                return {**facts, "value": "", "checks": {one.name: one.preview for one in thing}}
            facts["items"] = sorted(map(speller.of_value, thing))
    return facts


def catalogue_of(catalogue: Mapping[str, Any]) -> Facts:
    """What is promised of each field."""
    return {
        path: {
            "unit": one.unit.name,
            "kind": one.kind.value,
            "meaning": one.meaning,
            "group": one.group.value if one.group else None,
            "since": one.since,
            "numeric": one.numeric,
            "required": one.required,
        }
        for path, one in sorted(catalogue.items())
    }


def take() -> Surface:
    """The surface of the package that is imported here."""
    import click

    import hvinspect
    from hvinspect import _deprecation, _registry, driver
    from hvinspect.cli.commands import hvinspect as command
    from hvinspect.cli.exits import Exit, of_error

    from .command import command_facts
    from .distribution import distribution_facts
    from .metrics import metric_facts
    from .operator_options import option_facts
    from .schema import stored_facts

    assert isinstance(command, click.Command)
    return {
        "driver_api": driver.DRIVER_API,
        "schema": hvinspect.SCHEMA,
        **symbols_of(public.modules()),
        "deprecations": {symbol: one._asdict() for symbol, one in _deprecation.REGISTRY.items()},
        "catalogue": catalogue_of(hvinspect.CATALOGUE),
        "command": command_facts(command, {code.name: int(code) for code in Exit}, _exits(of_error)),
        "drivers": _drivers(_registry._BUILT_IN),
        "driver_entry_points": _registry.ENTRY_POINT_GROUP,
        "stored": stored_facts(),
        "distribution": distribution_facts((ROOT / "pyproject.toml").read_text()),
        "metrics": metric_facts(),
        "typed": Path(str(hvinspect.__file__)).with_name("py.typed").is_file(),
        "operator_options": option_facts(Path(str(hvinspect.__file__)).parent),
    }


def _exits(of_error: Callable[[BaseException], int]) -> dict[str, int]:
    """How the command ends with each public error."""
    import hvinspect

    public = [getattr(hvinspect, name) for name in hvinspect.__all__]
    errors = [one for one in public if isinstance(one, type) and issubclass(one, hvinspect.Error)]
    # What its constructor takes is another matter.
    return {one.__name__: int(of_error(one.__new__(one))) for one in errors}


def _drivers(built_in: Mapping[str, Any]) -> Facts:
    """The options of each built-in driver: what stands in a target and its options is API too."""
    from hvinspect import _registry
    from hvinspect._options import option_specs

    return {
        name: {
            one.name: {"type": one.type, "default": one.default}
            for one in option_specs(_registry.load(name).driver.Options)
        }
        for name in sorted(built_in)
    }


def dumped(surface: Surface) -> str:
    """Sorted, one fact to a line, so that a diff shows what changed."""
    return json.dumps(surface, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(path: Path) -> Surface:
    """A dump."""
    surface: Surface = json.loads(path.read_text())
    return surface
