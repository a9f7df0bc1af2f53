"""libvirt's URIs: none that is taken starts a program, checks less, or says something else to libvirt's own parser."""

from __future__ import annotations

import re
from urllib.parse import unquote

from hvinspect import InvalidTarget
from hvinspect.drivers._libvirt.uri import LibvirtUri, parse_uri
from tests.fuzz import libxml2
from tests.fuzz.oracles import can_be_shown
from tests.fuzz.subject import Subject

_HYPERVISORS = ("qemu", "lxc", "xen", "ch", "bhyve", "vbox", "vz", "test", "esx", "gsx", "vpx", "hyperv")
_TRANSPORTS = ("", "unix", "tls", "tcp", "ssh", "libssh", "libssh2")
_NEVER = {"command", "netcat", "no_verify", "no_sanity", "tls_priority"}
#: libvirt reads these and none of them starts a program or weakens a check by its name alone.
_HARMLESS = {
    *("name", "socket", "mode", "proxy", "pkipath", "authfile", "vcenter", "transport", "keyfile"),
    *("sshauth", "known_hosts", "known_hosts_verify", "no_tty"),
}


def _run(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        uri = parse_uri(text)
    except InvalidTarget as refused:
        can_be_shown(refused)
        return
    assert uri.text == text or (uri.transport == "ssh" and uri.text[len(text) :] in ("?no_tty=1", "&no_tty=1"))
    assert uri.shown.isprintable()
    _is_safe(uri, _Reading(uri.text))
    theirs = libxml2.parse(uri.text) if libxml2.is_there else None
    if theirs is not None:
        _is_safe(uri, _Reading(uri.text, *theirs))


class _Reading:
    """A URI as libvirt reads it: in any case, decoded, and cut at ``&`` and at ``;``."""

    def __init__(
        self, text: str, scheme: str = "", user: str = "", server: str = "", path: str = "", query: str = ""
    ) -> None:
        if not scheme:
            scheme, _, rest = text.partition("://")
            rest, _, query = rest.partition("?")
            authority, slash, path = rest.partition("/")
            path = unquote(slash + path)
            user, _, server = authority.rpartition("@")
            user, server = unquote(user), re.sub(r":[0-9]*\Z", "", server)
        self.hypervisor, _, self.transport = scheme.lower().partition("+")
        self.user, self.server, self.path = user, server, path
        pairs = [one.partition("=") for part in query.split("&") for one in part.split(";") if one]
        self.parameters = [(unquote(name).lower(), unquote(value)) for name, _, value in pairs]


def _is_safe(uri: LibvirtUri, read: _Reading) -> None:
    assert (read.hypervisor, read.transport) == (uri.hypervisor, uri.transport)
    assert read.hypervisor in _HYPERVISORS
    assert read.transport in _TRANSPORTS
    assert read.path == uri.path
    assert uri.is_local == (not read.server and read.transport in ("", "unix"))
    # An argument of ssh's is never an option, nor what a shell would look at.
    for argument in (read.user, read.server):
        assert not argument.startswith("-")
        assert not set(argument) & set(" '\"`$;|&<>(){}*?!\n")
    names = [name for name, _ in read.parameters]
    assert not _NEVER & set(names)
    assert set(names) <= _HARMLESS
    socket = next((value for name, value in read.parameters if name == "socket" and value), None)
    for name, value in read.parameters:
        if name == "known_hosts_verify":
            assert value.lower() == "normal"
        if name == "transport":
            assert value.lower() != "http"
        if name == "no_tty":
            assert value == "1"
        if name == "name" and not (read.transport == "unix" and socket):
            inner = _Reading(value)
            assert inner.path.lower() not in ("/session", "/embed")
            assert not inner.transport
            assert not inner.server
            assert not inner.parameters
    assert read.transport != "ssh" or "no_tty" in names
    assert read.path.lower() not in ("/session", "/embed")
    assert not (read.hypervisor == "test" and read.transport in ("unix", "ssh", "libssh", "libssh2"))


SUBJECT = Subject(
    name="uri",
    run=_run,
    seeds=(
        b"qemu:///system",
        b"lxc:///",
        b"test:///etc/test%20hosts.xml",
        b"qemu+unix:///system?socket=/run/user/1000/libvirt/libvirt-sock&name=qemu:///session",
        b"qemu+tls://node-1.example.org:16514/system?pkipath=/etc/pki/mine",
        b"qemu+tcp://[fe80::1]/system",
        b"qemu+SSH://me@node/system?keyfile=/k&no_tty=1",
        b"qemu+libssh2://me@node/system?known_hosts_verify=normal",
        b"vpx://EXAMPLE%5Cme@vcenter.example.org/dc/cluster/host?transport=https",
        b"qemu+ext:///system?command=/bin/nc",
        b"qemu+ssh://node/system?netcat=evil",
        b"qemu+tls://node/system?no_verify=1",
    ),
    words=(
        *(word.encode() for word in (*_HYPERVISORS, *_TRANSPORTS[1:], *sorted(_NEVER | _HARMLESS))),
        *(b"ext", b"session", b"embed", b"system", b"://", b"?", b"&", b";", b"%", b"%2", b"%26", b"%3B", b"%3d"),
        *(b"%00", b"#", b"@", b"[", b"]", b"+", b"=1"),
    ),
    longest=256,
    share=29,
)
