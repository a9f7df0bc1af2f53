"""Containers that run: busybox roots under libvirt's LXC driver, on the bridge, with a known load."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid as uuids
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, final

import libvirt

from tests.lab import image, settings
from tests.lab.channel import by_pipes
from tests.lab.inhabitant import Inhabitant
from tests.lab.specification import NicSpec, nic_element

_NAMESPACE: Final = uuids.UUID("0c0a2c0e-8a6b-4f57-9f0e-6c7863677374")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """A container; it sees the host's CPUs and its own memory limit."""

    name: str
    memory_mib: int = 64
    vcpus: int = 1
    nics: tuple[NicSpec, ...] = ()

    @property
    def uuid(self) -> str:
        """Made from the name, so that a container made again is the same one."""
        return str(uuids.uuid5(_NAMESPACE, self.name))

    @property
    def root(self) -> Path:
        """Its file tree, on the lab's memory."""
        return settings.CONTAINERS / self.uuid


def container_xml(spec: ContainerSpec) -> str:
    """The libvirt domain of *spec*."""
    domain = ElementTree.Element("domain", type="lxc")
    for tag, text in (("name", spec.name), ("uuid", spec.uuid), ("vcpu", str(spec.vcpus))):
        ElementTree.SubElement(domain, tag).text = text
    ElementTree.SubElement(domain, "memory", unit="MiB").text = str(spec.memory_mib)
    system = ElementTree.SubElement(domain, "os")
    ElementTree.SubElement(system, "type").text = "exe"
    ElementTree.SubElement(system, "init").text = "/init"
    devices = ElementTree.SubElement(domain, "devices")
    root = ElementTree.SubElement(devices, "filesystem", type="mount")
    ElementTree.SubElement(root, "source", dir=str(spec.root))
    ElementTree.SubElement(root, "target", dir="/")
    for nic in spec.nics:
        devices.append(nic_element(nic))
    ElementTree.SubElement(devices, "console", type="pty")
    return ElementTree.tostring(domain, encoding="unicode")


@final
class Container(Inhabitant):
    """One container of the lab."""

    def __init__(self, spec: ContainerSpec) -> None:
        """Describe a container; start() makes it real."""
        self.spec = spec
        channel = by_pipes(reading=spec.root / "commands.out", writing=spec.root / "commands.in")
        super().__init__(spec.uuid, uri=settings.OWN_LXC_URI, channel=channel)

    def start(self, *, timeout: float = 60.0) -> Self:
        """Make it a transient domain and wait until it takes commands."""
        image.make_root(self.spec.root)
        for name in ("commands.in", "commands.out"):
            os.mkfifo(self.spec.root / name)
        with contextlib.closing(libvirt.open(settings.OWN_LXC_URI)) as connection:
            connection.createXML(container_xml(self.spec))
        self.channel.wait_ready(timeout=timeout)
        return self

    def destroy(self) -> None:
        """End it and delete its root; no matter if it has ended already."""
        self.channel.close()
        try:
            with self.domain() as domain:
                domain.destroy()
        except libvirt.libvirtError as failure:
            if failure.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
        shutil.rmtree(self.spec.root, ignore_errors=True)
