"""A QEMU's command line: who it is and what it was given. Pure: no I/O. What was plugged later is not in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, final
from uuid import UUID

__all__ = ["CommandLine", "DiskWords", "NicWords", "parse", "uuid_of"]

#: What the first word of an option is, if it has no name.
_IMPLIED: Final = {
    "name": "guest", "smp": "cpus", "netdev": "type", "nic": "type", "device": "driver", "chardev": "backend",
    "mon": "chardev", "machine": "type", "accel": "accel",
}  # fmt: skip
_OPTIONS: Final = frozenset({*_IMPLIED, "uuid", "drive", "qmp", "qmp-pretty", "M"})
#: The monitor that libvirt gives each QEMU that it starts.
_LIBVIRTS_MONITOR: Final = "charmonitor"
_TOPOLOGY: Final = ("drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads")
_MOST_VCPUS: Final = 1 << 16

Words = Mapping[str, str]


class NicWords(NamedTuple):
    """One NIC."""

    #: The device's id, and that of what is behind it.
    alias: str | None
    netdev: str | None
    #: tap, bridge, user, vhost-user, ...
    kind: str
    #: The tap's name, or the numbers of the files that it was handed as.
    tap: str | None
    descriptors: tuple[int, ...]
    mac: str | None
    model: str | None


class DiskWords(NamedTuple):
    """One disk's device."""

    driver: str
    serial: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """What is taken from it."""

    uuid: UUID | None = None
    name: str | None = None
    vcpus_maximum: int | None = None
    vcpus_at_start: int | None = None
    nics: tuple[NicWords, ...] = ()
    #: By the device's id.
    disks: Mapping[str, DiskWords]
    #: Sockets of its monitors, as they are written.
    monitors: tuple[str, ...] = ()
    by_libvirt: bool = False
    #: Started to be asked what it can do; or there is no command line, as of a process that begins or ends.
    has_no_guest: bool = False
    is_empty: bool = False


def uuid_of(text: object) -> UUID | None:
    """The uuid that *text* is; the nil one is none."""
    try:
        uuid = UUID(str(text))
    except ValueError:
        return None
    return uuid if uuid.int else None


def parse(arguments: Sequence[str]) -> CommandLine:
    """What *arguments* say; what is not understood is left out."""
    options = list(_options(arguments))
    of: dict[str, list[Words]] = {}
    for option, words in options:
        of.setdefault(option, []).append(words)
    names = [words["guest"] for words in of.get("name", ()) if words.get("guest")]
    uuids = [uuid for words in of.get("uuid", ()) if (uuid := uuid_of(words.get("", "")))]
    machines = [words.get("type") for words in (*of.get("machine", ()), *of.get("M", ()))]
    monitors = [words.get("chardev") for words in of.get("mon", ())]
    return CommandLine(
        uuid=uuids[-1] if uuids else None,
        name=names[-1] if names else None,
        vcpus_maximum=_vcpus(of.get("smp", ()), "maxcpus", "cpus"),
        vcpus_at_start=_vcpus(of.get("smp", ()), "cpus", "maxcpus"),
        nics=tuple(_nics(of)),
        disks={
            words["id"]: DiskWords(words.get("driver", ""), words.get("serial") or None)
            for words in of.get("device", ())
            if words.get("drive") and words.get("id")
        },
        monitors=tuple(_monitors(of, monitors)),
        by_libvirt=_LIBVIRTS_MONITOR in monitors,
        has_no_guest="none" in machines or not arguments,
        is_empty=not arguments,
    )


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, Words]]:
    given = iter(arguments[1:])
    for argument in given:
        option = argument.removeprefix("-").removeprefix("-")
        if argument.startswith("-") and option in _OPTIONS:
            value = next(given, None)
            if value is not None:
                yield option, _words(value, _IMPLIED.get(option, ""))


def _words(value: str, implied: str) -> Words:
    """``a,b=c`` or JSON, by name. A comma in a value is doubled."""
    if value.startswith("{"):
        try:
            made = json.loads(value)
        except (ValueError, RecursionError):
            return {}
        return {str(name): str(one) for name, one in made.items() if isinstance(one, str | int)}
    words: dict[str, str] = {}
    for number, part in enumerate(value.replace(",,", "\0").split(",")):
        name, equals, one = part.partition("=")
        if equals:
            words[name] = one.replace("\0", ",")
        elif number == 0:
            words[implied] = name.replace("\0", ",")
        else:
            words[name] = "on"
    return words


def _vcpus(smps: Sequence[Words], *names: str) -> int | None:
    """How many vCPUs the first of *names* says, each of which stands for the other; QEMU's default is one."""
    words: dict[str, str] = {}
    for one in smps:
        words.update(one)
    for name in names:
        if name in words:
            return _count(words[name])
    product = 1
    for name in _TOPOLOGY:
        product *= _count(words.get(name, "1")) or 1
    return product if product < _MOST_VCPUS else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 else None


def _nics(of: Mapping[str, Sequence[Words]]) -> Iterator[NicWords]:
    netdevs = {words["id"]: words for words in of.get("netdev", ()) if words.get("id")}
    for device in of.get("device", ()):
        behind = netdevs.get(device.get("netdev", ""))
        if behind is not None:
            yield _nic(device, behind, device.get("driver"))
    for words in of.get("nic", ()):
        if words.get("type") != "none":
            yield _nic(words, words, words.get("model"))


def _nic(device: Words, behind: Words, model: str | None) -> NicWords:
    descriptors = (behind.get("fds") or behind.get("fd") or "").split(":")
    return NicWords(
        alias=device.get("id") or None,
        netdev=behind.get("id") or None,
        kind=behind.get("type", ""),
        tap=behind.get("ifname") or None,
        descriptors=tuple(int(one) for one in descriptors if one.isascii() and one.isdecimal() and len(one) < 10),
        mac=device.get("mac", "").lower() or None,
        model="virtio" if model and model.startswith("virtio-net") else model or None,
    )


def _monitors(of: Mapping[str, Sequence[Words]], chardevs: Sequence[str | None]) -> Iterator[str]:
    for words in of.get("chardev", ()):
        if words.get("backend") == "socket" and words.get("path") and words.get("id") in chardevs:
            yield words["path"]
    for option in ("qmp", "qmp-pretty"):
        for words in of.get(option, ()):
            if words.get("", "").startswith("unix:"):
                yield words[""].removeprefix("unix:")
