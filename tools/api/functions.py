"""The facts of a function: its signature with evaluated types and defaults, and what it is to be called as."""

from __future__ import annotations

import contextlib
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any

import typing_extensions

from .spelling import Speller

Facts = dict[str, Any]
_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "either",
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def function_facts(function: Callable[..., Any], speller: Speller, *, bound: bool = False) -> Facts:
    """*bound*: the first parameter is given by what it is looked up on."""
    plain = inspect.unwrap(function)
    manager = _context_manager(function)
    facts: Facts = {
        "kind": "function",
        "async": inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain),
        "context_manager": manager,
        "signature": signature_facts(plain, speller, bound=bound, manager=manager),
    }
    overloads = typing.get_overloads(plain) or typing_extensions.get_overloads(plain)
    if overloads:
        facts["overloads"] = [signature_facts(one, speller, bound=bound, manager=manager) for one in overloads]
    type_variables = _type_variables(plain, speller)
    if type_variables:
        facts["type_variables"] = type_variables
    facts.update(marks(function))
    return facts


def marks(thing: Any) -> Facts:
    """What decorators have left on a class or function."""
    found: Facts = {}
    message = getattr(thing, "__deprecated__", None)
    if isinstance(message, str):
        found["deprecated"] = message
    if getattr(thing, "__isabstractmethod__", False):
        found["abstract"] = True
    if getattr(thing, "__final__", False):
        found["final"] = True
    return found


def signature_facts(
    function: Callable[..., Any], speller: Speller, *, bound: bool = False, manager: bool = False
) -> Facts:
    """The parameters in order, and what is returned."""
    hints = speller.hints(function)
    parameters = list(inspect.signature(function).parameters.values())[int(bound) :]
    returns = speller.of_type(hints["return"]) if "return" in hints else "typing.Any"
    if manager:
        returns = speller.of_type(_managed(hints.get("return")))
    return {"parameters": [parameter_facts(one, hints, speller) for one in parameters], "returns": returns}


def parameter_facts(parameter: inspect.Parameter, hints: dict[str, Any], speller: Speller) -> Facts:
    """One parameter."""
    facts: Facts = {
        "name": parameter.name,
        "kind": _KINDS[parameter.kind],
        "type": speller.of_type(hints[parameter.name]) if parameter.name in hints else "typing.Any",
    }
    if parameter.default is not inspect.Parameter.empty:
        facts["default"] = speller.of_value(parameter.default)
    return facts


def _context_manager(function: Callable[..., Any]) -> bool:
    """Was it made by contextlib's decorator, whatever others are around it?"""
    made: Any = function
    while hasattr(made, "__wrapped__"):
        if getattr(made, "__globals__", {}).get("__name__") == "contextlib":
            return True
        made = made.__wrapped__
    return False


def _managed(written: Any) -> Any:
    arguments = typing.get_args(written)
    manager: Any = contextlib.AbstractContextManager
    return manager[arguments[0]] if arguments else manager


def _type_variables(function: Callable[..., Any], speller: Speller) -> dict[str, str]:
    found = {one.__name__: one for hint in speller.hints(function).values() for one in _variables_in(hint)}
    return {name: type_variable_text(one, speller) for name, one in sorted(found.items())}


def type_variable_text(variable: Any, speller: Speller) -> str:
    """What may stand for it."""
    parts = [speller.of_type(one) for one in getattr(variable, "__constraints__", ())]
    bound = getattr(variable, "__bound__", None)
    if bound is not None:
        parts.append(f"bound={speller.of_type(bound)}")
    parts += [word for word in ("covariant", "contravariant") if getattr(variable, f"__{word}__", False)]
    return ", ".join(parts)


def _variables_in(hint: Any) -> Iterator[Any]:
    if isinstance(hint, (typing.TypeVar, typing_extensions.TypeVar)):
        yield hint
    for argument in typing.get_args(hint):
        for one in argument if isinstance(argument, list) else [argument]:
            yield from _variables_in(one)
