"""What to connect to: "driver:rest", its options, and secrets that are never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from ._errors import InvalidTarget
from ._text import printable

__all__ = ["Secret", "Target"]

_DRIVER_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
# Up to the last "@" there is: who types a password does not always encode the "/" and "@" in it, or encodes too much.
_USERINFO_PASSWORD = re.compile(
    r"(?:(?<=//)|(?<=%2F%2F))([^/@:]*?)(?::|%3A)(?:.*@|[^/]*%40)", re.DOTALL | re.IGNORECASE
)
_LONGEST = 4096
# What operators type when they mean libvirt.
_LIBVIRT_SCHEMES = frozenset(
    {"qemu", "lxc", "xen", "test", "ch", "bhyve", "vbox", "esx", "vpx", "hyperv", "vz", "openvz"}
)


@final
class Secret:
    """A text that is used and never shown."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one who has to send it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))


@final
@dataclass(frozen=True, slots=True)
class Target:
    """A driver's name, and the rest that is the driver's own. str() is safe to show."""

    driver: str
    rest: str

    @classmethod
    def parse(cls, text: str) -> Target:
        """Take *text* apart; nothing is guessed.

        Raises:
            InvalidTarget: it has no driver's name before a colon, or it is a bare libvirt URI.
        """
        if not isinstance(text, str):
            raise TypeError(f"a target is a string like 'libvirt:qemu:///system', not {type(text).__name__}")
        shown = _redacted(text)
        if len(text) > _LONGEST or not text.isprintable():
            raise InvalidTarget(f"target {shown} is too long or has control characters in it", target=shown)
        driver, colon, rest = text.partition(":")
        if not colon or not driver:
            raise InvalidTarget(
                f"target {shown!r} names no driver: write DRIVER:REST, for instance libvirt:qemu:///system",
                target=shown,
            )
        if rest.startswith("//") and driver.partition("+")[0].lower() in _LIBVIRT_SCHEMES:
            raise InvalidTarget(f"{shown} is a libvirt URI: use libvirt:{shown}", target=shown)
        if not _DRIVER_NAME.fullmatch(driver):
            raise InvalidTarget(f"target {shown!r}: {printable(driver)!r} cannot be a driver's name", target=shown)
        return cls(driver, rest)

    def __str__(self) -> str:
        return _redacted(f"{self.driver}:{self.rest}")

    def __repr__(self) -> str:
        return f"Target({str(self)!r})"


def _redacted(text: str) -> str:
    return printable(_USERINFO_PASSWORD.sub(r"\1:***@", text))
