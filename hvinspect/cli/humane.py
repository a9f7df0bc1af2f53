"""Numbers for people: few digits, the unit always beside them. No I/O here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeGuard

from hvinspect import Field, Unit
from hvinspect.driver import printable

__all__ = ["LONGEST_TEXT", "cores", "count", "duration", "exact", "moment", "plural", "rate", "shown", "size", "words"]

#: Of a text that others wrote, no more than this is shown where there is room for it.
LONGEST_TEXT = 4096
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def size(number: float) -> str:
    """Bytes in at most seven characters: ``512 B``, ``9.9 MiB``, ``12 GiB``."""
    sign, rest = ("-", -number) if number < 0 else ("", number)
    if rest < 999.5:
        return f"{sign}{rest:.0f} B"
    for unit in _SIZES[1:]:
        rest /= 1024
        if rest < 9.95:
            return f"{sign}{rest:.1f} {unit}"
        if rest < 999.5:
            return f"{sign}{rest:.0f} {unit}"
    return f"{sign}{rest:.0f} {_SIZES[-1]}"


def rate(number: float) -> str:
    """Bytes per second: ``9.9 MiB/s``."""
    return f"{size(number)}/s"


def duration(nanoseconds: float) -> str:
    """A length of time in at most seven characters, up to 999 days: ``1.2 ms``, ``12.34 s``, ``3h 05m``."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    for limit, unit in ((1e3, "ns"), (1e6, "us"), (1e9, "ms")):
        if rest < limit:
            scaled = rest / (limit / 1e3)
            return f"{sign}{scaled:.0f} {unit}" if unit == "ns" else f"{sign}{scaled:.3g} {unit}"
    if rest < 60e9:
        return f"{sign}{rest / 1e9:.2f} s"
    minutes, seconds = divmod(int(rest // 1_000_000_000), 60)
    if minutes < 60:
        return f"{sign}{minutes}m {seconds:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{sign}{hours}h {minutes:02}m"
    days, hours = divmod(hours, 24)
    return f"{sign}{days}d {hours:02}h"


def cores(number: float) -> str:
    """CPU seconds per second: ``0.98``."""
    return f"{number:.2f}"


def count(number: float) -> str:
    """A number of things: ``1,234``."""
    return f"{number:,.0f}" if isinstance(number, int) or number >= 100 else f"{number:.3g}"


def plural(number: int, noun: str) -> str:
    """``1 instance``, ``2 instances``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(unix_ns: float) -> str:
    """A moment in UTC, to the second."""
    try:
        return datetime.fromtimestamp(unix_ns // 1_000_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{unix_ns} ns since 1970"


_BY_UNIT: dict[Unit, Callable[[float], str]] = {
    Unit.BYTES: size,
    Unit.BYTES_PER_SECOND: rate,
    Unit.NANOSECONDS: duration,
    Unit.UNIX_NANOSECONDS: moment,
    Unit.PER_SECOND: lambda number: f"{count(number)}/s",
    Unit.FRACTION: lambda number: f"{number * 100:.3g} %",
    Unit.CORES: lambda number: f"{cores(number)} cores",
    Unit.COUNT: count,
}


def shown(field: Field, value: Any) -> str:
    """Any value of the catalogue on one line, control characters escaped."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return words(value)
    if isinstance(value, (int, float)) and field.unit in _BY_UNIT:
        return _BY_UNIT[field.unit](value)
    if _is_tuple(value):
        return ", ".join(map(_part, value))
    return _text(value)


def exact(field: Field, value: Any) -> str:
    """As shown(), with the raw number beside it where rounding took something away."""
    text = shown(field, value)
    if isinstance(value, int) and field.unit in (Unit.BYTES, Unit.NANOSECONDS) and not text.endswith(" B"):
        return f"{value:,} ({text})"
    return text


def words(value: Enum) -> str:
    """An enum's value for people: ``shut_off`` is shut off."""
    return str(value.value).replace("_", " ")


def _part(value: Any) -> str:
    return "=".join(map(_text, value)) if _is_tuple(value) else _text(value)


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _text(value: object) -> str:
    return printable(value, limit=LONGEST_TEXT)
