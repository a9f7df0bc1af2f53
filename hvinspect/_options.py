"""The options of a driver: declared once as a frozen record, parsed, checked and documented from that."""

from __future__ import annotations

import contextlib
import dataclasses
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ._errors import InvalidTarget
from ._target import Secret
from ._text import printable

__all__ = ["NoOptions", "OptionSpec", "option", "option_specs", "parse_options"]

T = TypeVar("T")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def option(meaning: str, *, default: Any) -> Any:
    """A field of a driver's Options: what it does, and its value when it is not given."""
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """The Options of a driver that has none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option, for the documentation."""

    name: str
    type: str
    default: str
    meaning: str


def option_specs(record: type[Any]) -> Iterator[OptionSpec]:
    """What the Options record of a driver declares, in its order."""
    hints = get_type_hints(record)
    for field in dataclasses.fields(record):
        kind, _ = _plain_type(hints[field.name])
        default = field.default.value if isinstance(field.default, Enum) else field.default
        yield OptionSpec(
            name=field.name,
            type="|".join(member.value for member in kind) if issubclass(kind, Enum) else kind.__name__,
            default="" if default is None else str(default),
            meaning=str(field.metadata.get("meaning", "")),
        )


def parse_options(record: type[T], given: Mapping[str, str | Secret], *, driver: str) -> T:
    """The Options *record* filled from what the caller gave.

    Raises:
        InvalidTarget: a name is unknown, or a value does not fit its option's type.
    """
    hints = get_type_hints(record)
    known = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]  # a dataclass by contract
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise InvalidTarget(_unknown(name, known, driver), driver=driver)
        if not isinstance(value, (str, Secret)):
            raise TypeError(f"option {name!r} is a string or a Secret, not {type(value).__name__}")
        values[name] = _convert(name, value, hints[name], driver)
    return record(**values)


def _unknown(name: str, known: list[str], driver: str) -> str:
    if not known:
        return f"driver {driver!r} has no options, so {printable(name)!r} is unknown"
    import difflib  # only for a mistake

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(known))}"
    return f"driver {driver!r} has no option {printable(name)!r}: {hint}"


def _convert(name: str, value: str | Secret, hint: Any, driver: str) -> Any:
    kind, _ = _plain_type(hint)
    if kind is Secret:
        return value if isinstance(value, Secret) else Secret(value)
    text = value.reveal() if isinstance(value, Secret) else value
    shown = "a secret" if isinstance(value, Secret) else repr(printable(text))
    with contextlib.suppress(ValueError):
        if issubclass(kind, Enum):
            return kind(text)
        if kind is bool:
            return _truth(text)
        return kind(text)
    # Raised outside, because a ValueError's own text has the value, and the error's context would keep it.
    allowed = ", ".join(repr(member.value) for member in kind) if issubclass(kind, Enum) else f"a {kind.__name__}"
    raise InvalidTarget(f"option {name!r} of driver {driver!r} is {allowed}, not {shown}", driver=driver)


def _truth(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ValueError(text)


def _plain_type(hint: Any) -> tuple[type[Any], bool]:
    """The type behind ``X | None``, and whether None is allowed."""
    if get_origin(hint) in (Union, types.UnionType):
        plain = [one for one in get_args(hint) if one is not type(None)]
        return plain[0], len(plain) < len(get_args(hint))
    return hint, False
