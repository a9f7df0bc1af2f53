"""Which libvirt URIs are connected to, and in which form. No I/O here.

Rules. What is not known here is refused: a parameter that this page does not list may start a program in a libvirt that
is newer than it. Names of parameters are compared as libvirt compares them: decoded, and in any case. Nothing is opened
that starts a daemon, runs a program of the URI's choice, or checks less than it could.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, NoReturn, final
from urllib.parse import SplitResult, unquote, urlsplit

from hvinspect.driver import InvalidTarget, Target, printable

__all__ = ["LibvirtUri", "parse_uri"]

# RFC 3986, and no more: two parsers that meet another character may see two different URIs.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*")
_SCHEME = re.compile(r"[a-z][a-z0-9]*(\+[a-z0-9]*)?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+(%25[A-Za-z0-9._-]+)?\]")
_PORT = re.compile(r":(\d*)\Z")  # an IPv6 address ends with a bracket
# It becomes an argument of ssh.
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@\\-]*")

# Each with the paths it knows; none are listed where they are the driver's own (files, data centres).
_PATHS: dict[str, tuple[str, ...]] = {
    "qemu": ("/system",),
    "lxc": ("/system", "/", ""),
    "xen": ("/system", "/", ""),
    "ch": ("/system",),
    "bhyve": ("/system",),
    "vbox": ("/system",),
    "vz": ("/system", "/", ""),
    "test": (),
    "esx": (),
    "gsx": (),
    "vpx": (),
    "hyperv": (),
}
#: The client's library talks to these itself, so they take parameters of their own and no transport.
_WITHOUT_DAEMON = frozenset({"esx", "gsx", "vpx", "hyperv"})
_TRANSPORTS = frozenset({"", "unix", "tls", "tcp", "ssh", "libssh", "libssh2"})
_SSH = frozenset({"ssh", "libssh", "libssh2"})
_PARAMETERS = frozenset(
    {
        *("name", "socket", "mode", "proxy", "pkipath", "authfile", "vcenter", "transport"),
        *("keyfile", "sshauth", "known_hosts", "known_hosts_verify", "no_tty"),
    }
)
_RUNS_A_PROGRAM = frozenset({"command", "netcat"})
# A priority can bring back ciphers, versions and signatures that the host's own policy has done away with.
_CHECKS_LESS = frozenset({"no_verify", "no_sanity", "tls_priority"})
_NORMALLY = "normal"
_SOCKET = "/run/libvirt/libvirt-sock"
_USUAL_SOCKET = re.compile(r"(libvirt|virt[a-z]+d)-sock(-ro)?")
_IN_CLEAR = "http"


@final
@dataclass(frozen=True, slots=True)
class LibvirtUri:
    """A URI and what of it matters here."""

    #: As it is given to libvirt.
    text: str
    hypervisor: str
    transport: str
    host: str
    path: str = ""
    #: As it may be shown.
    shown: str = ""
    #: Whose workers its requests take: the same for all URIs that lead to one daemon.
    daemon: str = ""

    @property
    def is_local(self) -> bool:
        """Does it reach a daemon of this very host, without a network?"""
        return not self.host and self.transport in ("", "unix")

    @property
    def is_tls(self) -> bool:
        """Is the peer known by its certificate? It is the transport of a daemon on a host if none is named."""
        unnamed = bool(self.host) and not self.transport and self.hypervisor not in _WITHOUT_DAEMON
        return unnamed or self.transport == "tls"

    @property
    def has_daemon(self) -> bool:
        """Is there a daemon at all? The test driver runs inside the client's library."""
        return self.hypervisor != "test" or bool(self.transport or self.host)


def parse_uri(text: str) -> LibvirtUri:
    """Take *text* apart.

    Raises:
        InvalidTarget: it is no URI of libvirt's, or one that is refused.
    """
    shown = _shown(text)
    if not text:
        raise InvalidTarget("the target names no libvirt URI: write for instance libvirt:qemu:///system")
    parts = _split(text, shown)
    hypervisor, plus, transport = parts.scheme.partition("+")
    if transport == "ext":
        _refuse(shown, "would start a program of the URI's choice (+ext)", "use +ssh, +tls or +unix")
    if transport not in _TRANSPORTS or (plus and not transport):
        _refuse(shown, f"has an unknown transport, {transport!r}", f"there are {_listed(_TRANSPORTS - {''})}")
    if hypervisor not in _PATHS:
        near = difflib.get_close_matches(hypervisor, _PATHS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {_listed(_PATHS)}"
        _refuse(shown, f"names a hypervisor that is unknown here, {hypervisor!r}", hint)
    _check_who(parts, shown)
    _check_parameters(parts, transport, shown)
    path = _check_path(parts, hypervisor, transport, shown)
    # ssh asks for passwords and for the keys of hosts on whatever terminal there is, unless it is told not to.
    text = f"{text}{'&' if '?' in text else '?'}no_tty=1" if transport == "ssh" else text
    uri = LibvirtUri(text, hypervisor, transport, parts.host, path, shown)
    return replace(uri, daemon=_daemon(uri, parts))


def _daemon(uri: LibvirtUri, parts: _Parts) -> str:
    if not uri.has_daemon or uri.hypervisor in _WITHOUT_DAEMON:
        return uri.text
    if not uri.is_local:
        return f"{parts.host}:{parts.port}".lower()
    socket = next((value for name, value in parts.parameters if name == "socket" and value), _SOCKET)
    folder, _, name = re.sub(r"\A/var/run/", "/run/", socket).rpartition("/")
    # A daemon has a socket for readers too. The modular ones share what one is allowed: a URI does not tell them apart.
    return folder if _USUAL_SOCKET.fullmatch(name) else socket


class _Parts(NamedTuple):
    """A URI in pieces, names and values decoded."""

    scheme: str
    user: str
    has_password: bool
    #: Undecoded: a host that needs encoding is refused.
    host: str
    #: Empty if none is named.
    port: str
    path: str
    #: Names in lower case.
    parameters: tuple[tuple[str, str], ...]


def _split(text: str, shown: str) -> _Parts:
    if not _CHARACTERS.fullmatch(text):
        _refuse(shown, "has characters in it that a URI cannot have", "write each as % and two digits, a space as %20")
    if _BAD_ESCAPE.search(text):
        _refuse(shown, "has a % in it that no two hexadecimal digits follow, or %00", "write % itself as %25")
    parts = _in_general(text)
    if parts is None:
        _refuse(
            shown,
            "is no libvirt URI",
            "write a port as a number up to 65535, and brackets around an IPv6 address alone",
        )
    if not _SCHEME.fullmatch(parts.scheme) or not text.lower().startswith(parts.scheme + "://"):
        _refuse(shown, "does not begin with a hypervisor and ://", "write for instance qemu:///system")
    user, at, host = parts.netloc.rpartition("@")
    named = _PORT.search(host)
    host, port = (host[: named.start()], named[1]) if named else (host, "")
    if (at and not user) or "@" in user:
        _refuse(shown, "has no user name before the @, or more than one @", "write an @ of the name as %40")
    if ";" in parts.query:
        # Between parameters libvirt takes it for an &, but only where no & follows.
        _refuse(shown, "has a ; among its parameters", "write & between them, and %3B within them")
    parameters = tuple(
        (unquote(name).lower(), unquote(value))
        for name, _, value in (one.partition("=") for one in parts.query.split("&") if one)
    )
    return _Parts(parts.scheme, unquote(user), ":" in unquote(user), host, port, unquote(parts.path), parameters)


def _in_general(text: str) -> SplitResult | None:
    """Any URI's five parts. Why they cannot be told is no error's cause: its words may have a part of a password."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # checked when it is asked for
    except ValueError:
        return None
    return parts


def _check_who(parts: _Parts, shown: str) -> None:
    if parts.has_password:
        _refuse(
            shown,
            "has a password in it, which libvirt would take for a part of the user's name",
            "name a file of credentials instead: ?authfile=PATH",
        )
    if parts.user and not _USER.fullmatch(parts.user):
        _refuse(
            shown, f"has a user name that is not taken, {printable(parts.user)!r}", "use letters, digits, . _ + @ -"
        )
    if parts.host and not _HOST.fullmatch(parts.host):
        _refuse(shown, f"has a host that cannot be one, {printable(parts.host)!r}", "use a name or an address")


def _check_parameters(parts: _Parts, transport: str, shown: str) -> None:
    for name, value in parts.parameters:
        if name in _RUNS_A_PROGRAM:
            _refuse(shown, f"would start a program of the URI's choice ({name}=)", "leave it out")
        if name in _CHECKS_LESS or (name == "known_hosts_verify" and value.lower() != _NORMALLY):
            _refuse(shown, f"may turn verification off ({name}={printable(value)})", "leave it out")
        if name == "transport" and value.lower() == _IN_CLEAR:
            _refuse(shown, "would send the password unencrypted (transport=http)", "use https")
        if name == "no_tty" and value != "1":
            _refuse(shown, "would let ssh prompt (no_tty)", "leave it out: ssh never prompts here")
        if name == "name":
            _check_name(parts, transport, value, shown)
        if name not in _PARAMETERS:
            near = difflib.get_close_matches(name, _PARAMETERS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {_listed(_PARAMETERS)}"
            _refuse(shown, f"has a parameter that is unknown here, {printable(name)!r}", hint)


def _check_name(parts: _Parts, transport: str, value: str, shown: str) -> None:
    """The URI that the daemon at the other end opens: plain, and its session only behind a socket that is there."""
    at_socket = transport == "unix" and any(name == "socket" and socket for name, socket in parts.parameters)
    if at_socket and value in ("qemu:///session", "vbox:///session"):
        return
    try:
        inner = parse_uri(value)
    except InvalidTarget as exc:
        raise InvalidTarget(f"{shown} has a name= that is not taken: {exc}") from exc
    if inner.transport or inner.host or "?" in value:
        _refuse(shown, "has a name= with a transport, a host or parameters in it", "name the daemon's own URI")


def _check_path(parts: _Parts, hypervisor: str, transport: str, shown: str) -> str:
    path = parts.path
    if path.lower() == "/embed":
        _refuse(shown, "would run a hypervisor's driver inside this process", "connect to its daemon")
    # libvirt starts the user's own daemon for these if it does not run, here or at ssh's other end.
    if path.lower() == "/session" or (hypervisor == "test" and transport in ("unix", *_SSH)):
        _refuse(
            shown,
            "would start a daemon of the user's own",
            "start it, and name its socket: "
            "libvirt:qemu+unix:///system?socket=/run/user/UID/libvirt/libvirt-sock&name=qemu:///session",
        )
    known = _PATHS[hypervisor]
    if known and path not in known and not any(name == "name" for name, _ in parts.parameters):
        _refuse(shown, f"has a path that {hypervisor} does not know, {printable(path)!r}", f"use {known[0]}")
    if hypervisor in _WITHOUT_DAEMON and transport:
        _refuse(shown, f"has a transport, and {hypervisor} has no daemon", f"write {hypervisor}://HOST")
    if hypervisor in _WITHOUT_DAEMON and not parts.host:
        _refuse(shown, f"names no host, and {hypervisor} is reached over the network", f"write {hypervisor}://HOST")
    if transport == "unix" and parts.host:
        _refuse(shown, "has a host, and a unix socket is on this one", "use +ssh or +tls")
    return path


def _refuse(shown: str, why: str, remedy: str) -> NoReturn:
    raise InvalidTarget(f"{shown} {why}: {remedy}")


def _shown(text: str) -> str:
    """*text* without a password, as Target shows it."""
    return str(Target("libvirt", text)).removeprefix("libvirt:") or "the empty URI"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
