"""The facts of a class: how it is made, what it is, its members with those of its private bases."""

from __future__ import annotations

import abc
import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from typing import Any

from .functions import Facts, function_facts, marks, parameter_facts, type_variable_text
from .spelling import PRIVATE, Speller

#: The operators that a class may offer; each is a member like any other.
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("abs", "add", "aenter", "aexit", "aiter", "and", "anext", "await", "bool", "bytes", "call", "complex"),
        *("contains", "delitem", "enter", "exit", "float", "floordiv", "fspath", "ge", "getattr", "getitem", "gt"),
        *("iadd", "index", "int", "invert", "iter", "le", "len", "lt", "matmul", "mod", "mul", "neg", "next", "or"),
        *("pos", "pow", "radd", "reversed", "rmul", "ror", "rsub", "rtruediv", "setitem", "sub", "truediv", "xor"),
    )
)
#: How a docstring says that a constructor is not for callers.
_NOT_CALLED = "Not to be called"


def class_facts(cls: type[Any], speller: Speller) -> Facts:
    """Everything about *cls* that somebody may rely on."""
    facts: Facts = {
        "kind": "class",
        "role": role(cls),
        "bases": [name for name in map(speller.name, cls.__mro__[1:]) if name not in (PRIVATE, "object")],
        "metaclass": speller.name(type(cls)),
        "final": bool(vars(cls).get("__final__", False)),
        "abstract": sorted(getattr(cls, "__abstractmethods__", ())),
        "equality": _source_of(cls, "__eq__"),
        "hash": "none" if getattr(cls, "__hash__", None) is None else _source_of(cls, "__hash__"),
        "has_dict": bool(getattr(cls, "__dictoffset__", 0)),
        "weakly_referable": bool(getattr(cls, "__weakrefoffset__", 0)),
        "members": {},
    }
    parameters = getattr(cls, "__parameters__", ())
    if parameters:
        facts["type_parameters"] = [f"{one.__name__}: {type_variable_text(one, speller)}" for one in parameters]
    if "__match_args__" in dir(cls):
        facts["match_args"] = list(cls.__match_args__)
    message = vars(cls).get("__deprecated__")
    if isinstance(message, str):
        facts["deprecated"] = message
    hints = _class_hints(cls, speller)
    _add_form(facts, cls, hints, speller)
    _add_attributes(facts, cls, hints, speller)
    _add_members(facts, cls, speller)
    if issubclass(cls, Enum):
        # What str() and format() give of a member stands in logs, keys and files.
        facts["text"] = [_text_of(cls, name) for name in ("__str__", "__format__")]
    subclassing = getattr(cls.__init_subclass__, "__func__", None)
    if inspect.isfunction(subclassing) and _of_package_function(subclassing, cls):
        facts["subclassing"] = function_facts(subclassing, speller, bound=True)["signature"]
    initialise: Any = cls.__init__
    if facts["role"] == "implemented" and inspect.isfunction(initialise) and _of_package_function(initialise, cls):
        facts["initialised"] = function_facts(initialise, speller, bound=True)["signature"]
    if facts["role"] == "called" and not issubclass(cls, Enum) and not typing.is_typeddict(cls):
        construct = _construct(cls, hints, speller)
        if construct is not None:
            facts["construct"] = construct
    return facts


def role(cls: type[Any]) -> str:
    """``implemented``: users write subclasses of it, and the package calls them. Else ``called``."""
    abstract = getattr(cls, "__abstractmethods__", None) and not dataclasses.is_dataclass(cls)
    return "implemented" if abstract or getattr(cls, "_is_protocol", False) else "called"


def _class_hints(cls: type[Any], speller: Speller) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if speller.name(base) == PRIVATE or base is cls or _of_package(base, cls):
            hints.update(speller.hints(base))
    return hints


def _of_package(base: type[Any], cls: type[Any]) -> bool:
    return base.__module__.partition(".")[0] == cls.__module__.partition(".")[0]


def _source_of(cls: type[Any], name: str) -> str:
    """Which way an operation that every object has is done: by identity, by values, or in a way of the class's own."""
    owner = next(base for base in cls.__mro__ if name in vars(base))
    if owner is object:
        return "identity"
    function = vars(owner)[name]
    code = getattr(function, "__code__", None)
    if code is None:
        return f"as {owner.__qualname__}"
    # Compiled from text by dataclass(), or one function for all records: by the values of the fields.
    if dataclasses.is_dataclass(owner) and (code.co_filename == "<string>" or "." not in _written_name(code, function)):
        return "values"
    return "own" if _of_package(owner, cls) else f"as {owner.__qualname__}"


def _text_of(cls: type[Any], name: str) -> str:
    # Enum puts functions of its own into each class.
    function = getattr(cls, name)
    own = inspect.isfunction(function) and _of_package_function(function, cls)
    return f"{name} of its own" if own else str(getattr(function, "__qualname__", name))


def _written_name(code: Any, function: Any) -> str:
    return str(getattr(code, "co_qualname", function.__qualname__))


def _add_form(facts: Facts, cls: type[Any], hints: Mapping[str, Any], speller: Speller) -> None:
    if dataclasses.is_dataclass(cls):
        settings = cls.__dataclass_params__  # type: ignore[attr-defined]  # every dataclass has them
        facts["dataclass"] = {name: bool(getattr(settings, name)) for name in ("frozen", "order")}
        facts["dataclass"]["slots"] = "__slots__" in vars(cls)
    if issubclass(cls, Enum):
        facts["enum"] = {name: speller.of_value(one.value) for name, one in cls.__members__.items()}
    if typing.is_typeddict(cls):
        facts["typed_dict"] = {name: _key(name, cls, hints[name], speller) for name in cls.__annotations__}
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        facts["named_tuple"] = list(cls._fields)
    if getattr(cls, "_is_protocol", False):
        facts["protocol"] = True


def _key(name: str, cls: Any, hint: Any, speller: Speller) -> Facts:
    # Where annotations are text, the class itself does not know which keys are marked.
    origin = typing.get_origin(hint)
    marked = origin in (typing.Required, typing.NotRequired)
    required = origin is typing.Required if marked else name in cls.__required_keys__
    return {"type": speller.of_type(typing.get_args(hint)[0] if marked else hint), "required": required}


def _add_attributes(facts: Facts, cls: type[Any], hints: Mapping[str, Any], speller: Speller) -> None:
    if "typed_dict" in facts:
        return
    fields = {one.name: one for one in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else {}
    frozen = facts.get("dataclass", {}).get("frozen", False) or "named_tuple" in facts
    for name, hint in hints.items():
        if name.startswith("_") or name in facts.get("enum", ()):
            continue
        member: Facts = {"kind": "attribute", "type": speller.of_type(hint), "read_only": frozen}
        if name in fields:
            field = fields[name]
            member["kind"] = "field"
            member.update({flag: getattr(field, flag) for flag in ("init", "repr", "compare", "kw_only")})
            if field.default is not dataclasses.MISSING:
                member["default"] = speller.of_value(field.default)
            elif field.default_factory is not dataclasses.MISSING:
                member["default"] = f"{speller.name(field.default_factory)}()"
        elif name in _values_of(cls):
            member["value"] = speller.of_value(_values_of(cls)[name])
        facts["members"][name] = member


def _values_of(cls: type[Any]) -> dict[str, Any]:
    """Class attributes that are plain values, those of private and public bases included."""
    values: dict[str, Any] = {}
    for base in reversed(cls.__mro__[:-1]):
        if _of_package(base, cls) or base is cls:
            values.update(vars(base))
    return values


def _add_members(facts: Facts, cls: type[Any], speller: Speller) -> None:
    for name, value in _values_of(cls).items():
        if name in facts["members"] or name in facts.get("enum", ()) or name in facts.get("named_tuple", ()):
            continue
        if name.startswith("_") and name not in _OPERATORS:
            continue
        member = _member(value, speller)
        if member is not None:
            facts["members"][name] = member
    facts["members"] = dict(sorted(facts["members"].items()))


def _member(value: Any, speller: Speller) -> Facts | None:
    if isinstance(value, staticmethod):
        return {**function_facts(value.__func__, speller), "how": "static", **marks(value)}
    if isinstance(value, classmethod):
        return {**function_facts(value.__func__, speller, bound=True), "how": "class", **marks(value)}
    if isinstance(value, (property, cached_property)):
        getter: Callable[..., Any] = value.func if isinstance(value, cached_property) else _getter(value)
        signature = function_facts(getter, speller, bound=True)["signature"]
        settable = isinstance(value, cached_property) or value.fset is not None
        return {"kind": "property", "type": signature["returns"], "read_only": not settable, **marks(getter)}
    if inspect.isfunction(value) or hasattr(value, "__wrapped__"):
        return {**function_facts(value, speller, bound=True), "how": "method"}
    if inspect.ismemberdescriptor(value) or inspect.isgetsetdescriptor(value) or isinstance(value, abc.ABCMeta):
        return None
    if inspect.isroutine(value):
        return None
    return {
        "kind": "attribute",
        "type": speller.of_type(type(value)),
        "read_only": False,
        "value": speller.of_value(value),
    }


def _getter(value: property) -> Callable[..., Any]:
    assert value.fget is not None, "a property that cannot be read"
    return value.fget


def _construct(cls: type[Any], hints: Mapping[str, Any], speller: Speller) -> Facts | None:
    initialise: Any = cls.__init__
    make = cls.__new__
    if initialise is object.__init__ and inspect.isfunction(make) and _of_package_function(make, cls):
        initialise = make
    if dataclasses.is_dataclass(cls) or (issubclass(cls, tuple) and hasattr(cls, "_fields")):
        parameters = list(inspect.signature(cls).parameters.values())
        known = {name: _inside(hint) for name, hint in hints.items()}
        return {"parameters": [parameter_facts(one, known, speller) for one in parameters], "returns": "None"}
    if not inspect.isfunction(initialise) or not _of_package_function(initialise, cls):
        return {"parameters": [], "returns": "None"} if initialise is object.__init__ else None
    if (initialise.__doc__ or "").startswith(_NOT_CALLED):
        return None
    facts: Facts = function_facts(initialise, speller, bound=True)["signature"]
    return facts


def _inside(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) in (typing.ClassVar, dataclasses.InitVar) else hint


def _of_package_function(function: Any, cls: type[Any]) -> bool:
    return bool(function.__globals__["__name__"].partition(".")[0] == cls.__module__.partition(".")[0])
