"""Where a target of this driver points: vmware://user@host:port/. No I/O here."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import final
from urllib.parse import unquote

from hvinspect.driver import InvalidTarget, printable

__all__ = ["Address", "parse_address"]

_PORT = 443
_LARGEST_PORT = 65535
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,253}[A-Za-z0-9.])?")
_EXAMPLE = "write for instance vmware://reader@vcenter.example.org/"
#: What people copy from other tools; the API has no other place.
_PATHS = frozenset({"", "/", "/sdk", "/sdk/"})


@final
@dataclass(frozen=True, slots=True)
class Address:
    """A server, and who asks it."""

    user: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORT else f"{host}:{self.port}"


def parse_address(rest: str) -> Address:
    """What comes after ``vmware:`` in a target.

    Raises:
        InvalidTarget: it is no URL of that form.
    """
    if not rest.startswith("//"):
        raise InvalidTarget(f"the target names no server: {_EXAMPLE}")
    place, slash, path = rest[2:].partition("/")
    # The last "@": names of users have one themselves, as in administrator@vsphere.local.
    user, at, where = place.rpartition("@")
    if ":" in user:
        raise InvalidTarget("a password has no place in the target: give it as the option password, or in a file")
    if not at or not user:
        raise InvalidTarget(f"the target names no user: {_EXAMPLE}")
    if f"{slash}{path}" not in _PATHS:
        raise InvalidTarget(f"a server's API has one place, so nothing follows its name: {_EXAMPLE}")
    host, port = _host_and_port(where)
    name = unquote(user)
    if not name.isprintable():
        raise InvalidTarget("the name of the user has control characters in it")
    return Address(name, host, port)


def _host_and_port(where: str) -> tuple[str, int]:
    if where.startswith("["):
        host, bracket, after = where[1:].partition("]")
        colon, port = after[:1], after[1:]
        if not bracket or colon not in ("", ":") or not _is_ipv6(host):
            raise InvalidTarget(f"{printable(where, limit=80)} is no IPv6 address in brackets")
    else:
        host, colon, port = where.partition(":")
        if not _HOST.fullmatch(host):
            raise InvalidTarget(f"{printable(where, limit=80)} is no host's name")
        if ":" in port:
            raise InvalidTarget(f"an IPv6 address goes in brackets: [{printable(where, limit=80)}]")
    if not colon:
        return host, _PORT
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) <= _LARGEST_PORT):
        raise InvalidTarget(f"{printable(port, limit=20)!r} is no port")
    return host, int(port)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text
