"""Evaluated types and values as text that says the same wherever and however the source wrote them.

A type is a Python expression over full names. A class of the package that is not public is ``private``: which one it
is, nobody outside can say.
"""

from __future__ import annotations

import ast
import collections.abc
import contextlib
import dataclasses
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import typing_extensions

PRIVATE = "private"
_NEVER = (typing.Never, typing.NoReturn, typing_extensions.Never)
_SPECIAL = ("Any", "Self", "LiteralString", "ParamSpec", "Concatenate", "TypeAlias", "Unpack")
_WRAPPERS = {
    getattr(module, name): name
    for module in (typing, typing_extensions)
    for name in ("ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "TypeGuard", "TypeIs")
    if hasattr(module, name)
}


class Speller:
    """Knows the public names of the classes of one package."""

    def __init__(self, package: str, public: Mapping[int, str]) -> None:
        self._package = package
        self._public = public
        self._namespaces: dict[str, dict[str, Any]] = {}

    # -- types

    def of_type(self, hint: Any) -> str:  # noqa: C901  # one case for each form of a type
        """*hint*, evaluated, as an expression."""
        if hint is None or hint is type(None):
            return "None"
        if hint is Ellipsis:
            return "..."
        if isinstance(hint, list):
            return f"[{', '.join(map(self.of_type, hint))}]"
        if isinstance(hint, (typing.TypeVar, typing.ParamSpec, typing_extensions.TypeVar)):
            return str(hint.__name__)
        if isinstance(hint, str):
            return hint
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self._union(arguments)
        if origin is typing.Literal:
            return f"typing.Literal[{', '.join(sorted(map(self.of_value, arguments)))}]"
        if origin is typing.Annotated:
            return self.of_type(arguments[0])
        if origin in _WRAPPERS:
            return f"typing.{_WRAPPERS[origin]}[{self.of_type(arguments[0])}]"
        if origin is collections.abc.Callable:
            return f"collections.abc.Callable[{self.of_type(arguments[0])}, {self.of_type(arguments[1])}]"
        if origin is not None and not arguments and not isinstance(hint, types.GenericAlias):
            return self.of_type(origin)  # typing's own name of a class, without arguments
        if origin is not None:
            inner = ", ".join(map(self.of_type, arguments)) or "()"
            return f"{self.of_type(origin)}[{inner}]"
        if hint in _NEVER:
            return "typing.NoReturn"
        for name in _SPECIAL:
            if hint in (getattr(typing, name, None), getattr(typing_extensions, name, None)):
                return f"typing.{name}"
        if hint in _WRAPPERS:
            return f"typing.{_WRAPPERS[hint]}"
        return self.name(hint)

    def _union(self, members: Iterable[Any]) -> str:
        spelled = {self.of_type(one) for one in members}
        return " | ".join([*sorted(spelled - {"None"}), *(["None"] if "None" in spelled else [])])

    def name(self, thing: Any) -> str:
        """The name that a user of the package knows a class or function by."""
        known = self._public.get(id(thing))
        if known is not None:
            return known
        module = getattr(thing, "__module__", "") or ""
        if module.partition(".")[0] == self._package:
            return PRIVATE
        name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None) or repr(thing)
        if module in ("builtins", ""):
            # The classes of the interpreter that have no name of their own, tracebacks for instance.
            named = next((one for one, value in vars(types).items() if value is thing), None)
            return f"types.{named}" if named else str(name)
        # Python itself moves what it has into private modules: pathlib.Path is pathlib._local.Path in 3.13.
        return f"{module.partition('._')[0]}.{name}"

    # -- values

    def of_value(self, value: Any) -> str:
        """*value* as text without addresses; what has no order is sorted."""
        if isinstance(value, Enum):
            return f"{self.name(type(value))}.{value.name}"
        if isinstance(value, type) or inspect.isroutine(value):
            return self.name(value)
        if isinstance(value, (frozenset, set)):
            return f"{type(value).__name__}({{{', '.join(sorted(map(self.of_value, value)))}}})"
        if isinstance(value, tuple) and type(value) is tuple:
            return f"({', '.join(map(self.of_value, value))})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.of_value, value))}]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.of_value(k)}: {self.of_value(v)}" for k, v in value.items()) + "}"
        if isinstance(value, Mapping):
            inside = ", ".join(f"{self.of_value(key)}: {self.of_value(value[key])}" for key in sorted(value))
            return f"{type(value).__name__}({{{inside}}})"
        if dataclasses.is_dataclass(value):
            fields = ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value) if one.repr)
            return f"{self.name(type(value))}({', '.join(f'{name}={self.of_value(one)}' for name, one in fields)})"
        if isinstance(value, types.ModuleType):
            return value.__name__
        text = repr(value)
        return self.name(type(value)) if " at 0x" in text else text

    # -- annotations

    def hints(self, owner: Any) -> dict[str, Any]:
        """The annotations of a function, or of a class without its bases, evaluated where they were written."""
        annotations = dict(vars(owner).get("__annotations__") or getattr(owner, "__annotations__", {}))
        if not isinstance(owner, type):
            spaces = [self._namespace(owner.__globals__["__name__"], owner.__globals__)]
        else:
            # ``__module__`` of a public class may be where it is imported from: look for where it is defined.
            spaces = [self._namespace(name, vars(module)) for name, module in self._homes(owner)]
        return {name: self._evaluated(written, spaces, owner) for name, written in annotations.items()}

    def of_constant(self, name: str, value: Any) -> str:
        """The type that a constant is declared with, else that of its value."""
        for module_name, module in list(sys.modules.items()):
            if module_name.partition(".")[0] == self._package and vars(module).get(name) is value:
                written = vars(module).get("__annotations__", {}).get(name)
                if written is not None:
                    hint = self._evaluated(written, [self._namespace(module_name, vars(module))], module)
                    return self.of_type(hint)
        return self.of_type(type(value))

    def _homes(self, owner: type[Any]) -> list[tuple[str, types.ModuleType]]:
        loaded = [(name, one) for name, one in sys.modules.copy().items() if name.partition(".")[0] == self._package]
        homes = [(name, one) for name, one in loaded if vars(one).get(owner.__name__) is owner]
        stated = sys.modules.get(owner.__module__)
        return [*sorted(homes, key=lambda home: "._" not in home[0]), *([(owner.__module__, stated)] if stated else [])]

    def _namespace(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        if name not in self._namespaces:
            self._namespaces[name] = {**_for_checkers(sys.modules.get(name)), **variables}
        return self._namespaces[name]

    def _evaluated(self, written: Any, spaces: list[dict[str, Any]], owner: Any) -> Any:
        if isinstance(written, typing.ForwardRef):  # how a typed dict keeps what is written as text
            written = written.__forward_arg__
        if not isinstance(written, str):
            return written
        for space in spaces:
            with contextlib.suppress(NameError, AttributeError):
                return eval(written, dict(space), dict(vars(owner)) if isinstance(owner, type) else None)  # noqa: S307
        raise LookupError(f"the annotation {written!r} of {owner} cannot be evaluated")


def _for_checkers(module: types.ModuleType | None) -> dict[str, Any]:
    """What *module* imports for type checkers alone, as placeholders of the right name."""
    source = getattr(module, "__file__", None)
    if source is None:
        return {}
    with open(source, encoding="utf-8") as file:
        text = file.read()
    if "if TYPE_CHECKING:" not in text:
        return {}
    names: dict[str, Any] = {}
    for block in (node for node in ast.parse(text).body if isinstance(node, ast.If)):
        if isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING":
            for statement in block.body:
                if isinstance(statement, ast.ImportFrom):
                    for one in statement.names:
                        names[one.asname or one.name] = _imported(statement, one.name, module)
    return names


def _imported(statement: ast.ImportFrom, name: str, module: types.ModuleType | None) -> Any:
    if statement.level:
        package = getattr(module, "__package__", None)
        home = importlib.import_module("." * statement.level + (statement.module or ""), package)
        return getattr(home, name)
    return type(name, (), {"__module__": statement.module or "", "__qualname__": name})
