"""Which libvirt URIs are connected to as they are, and which only if an option allows it. No I/O here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final
from urllib.parse import parse_qs, urlsplit

from hvinspect.driver import InvalidTarget, printable

__all__ = ["LibvirtUri", "parse_uri"]

_SCHEME = re.compile(r"[a-z][a-z0-9]*(\+[a-z0-9]+)?")
_TRANSPORTS = frozenset({"", "unix", "tls", "tcp", "ssh", "libssh", "libssh2", "ext"})


@final
@dataclass(frozen=True, slots=True)
class LibvirtUri:
    """A URI and what of it matters here."""

    text: str
    hypervisor: str
    transport: str
    host: str

    @property
    def is_local(self) -> bool:
        """Does it reach a daemon of this very host, without a network?"""
        return not self.host and self.transport in ("", "unix")

    @property
    def has_daemon(self) -> bool:
        """Is there a daemon at all? The test driver runs inside the client's library."""
        return self.hypervisor != "test" or bool(self.transport or self.host)


def parse_uri(text: str) -> LibvirtUri:
    """Take *text* apart.

    Raises:
        InvalidTarget: it is no URI of libvirt's.
    """
    if not text:
        raise InvalidTarget("the target names no libvirt URI: write for instance libvirt:qemu:///system")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        query = parse_qs(parts.query, keep_blank_values=True)
    except ValueError as exc:
        raise InvalidTarget(f"{printable(text)!r} is no libvirt URI: {printable(exc)}") from exc
    if not _SCHEME.fullmatch(parts.scheme) or not text.lower().startswith(parts.scheme + "://"):
        raise InvalidTarget(
            f"{printable(text)!r} is no libvirt URI: it begins with the hypervisor, as in qemu:///system"
        )
    hypervisor, _, transport = parts.scheme.partition("+")
    if transport not in _TRANSPORTS:
        raise InvalidTarget(f"{printable(text)!r} has an unknown transport, {transport!r}")
    if transport == "ext" or {"command", "netcat"} & query.keys():
        raise InvalidTarget(f"{printable(text)!r} would start a program of the URI's choice: that is not done")
    if {"no_verify"} & query.keys():
        raise InvalidTarget(f"{printable(text)!r} turns verification off (no_verify): that is not done")
    return LibvirtUri(text, hypervisor, transport, host)
