"""The guests of the host, for ceilometer's pollsters: without nova's API, and whatever the hypervisor."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

from ceilometer.compute.discovery import NovaLikeServer
from ceilometer.polling import plugin_base

from hvinspect import Instance, OpenStackMetadata, State

from .exporter import forget_all
from .host import STATE, Reading, host_of, identity_of
from .options import Settings

__all__ = ["NAME", "Discovery"]

#: As polling.yaml has it: ``hvinspect`` for the guests that nova made, ``hvinspect://all`` for all.
NAME = "hvinspect"
_MIB, _GIB = 1024**2, 1024**3
#: State -> what nova would call the state of the guest, and its status.
_NOVA_STATES = {
    State.RUNNING: ("running", "active"),
    State.PAUSED: ("paused", "paused"),
    State.SHUTTING_DOWN: ("shutdown", "stopped"),
    State.SHUT_OFF: ("shutdown", "stopped"),
    State.CRASHED: ("crashed", "error"),
    State.SUSPENDED: ("suspended", "suspended"),
}
_IN_BETWEEN = ("pending", "building")


class Discovery(plugin_base.DiscoveryBase):  # type: ignore[misc]  # ceilometer has no types
    """Finds every guest by its state, which no hypervisor has to ask the guest for."""

    def __init__(self, conf: Any) -> None:
        """As ceilometer makes it; nothing is opened yet."""
        super().__init__(conf)
        settings = Settings.of(conf)
        self._host = host_of(settings.target, settings.timeout, settings.driver_options)
        self._lock = threading.Lock()
        self._last: tuple[float, Reading] | None = None

    def discover(self, manager: Any, param: str | None = None) -> list[NovaLikeServer]:
        """The guests that nova made; with *param* "all", the others too. None while the host cannot be read."""
        servers = self._servers(is_wanted=_is_novas if param != "all" else lambda _: True)
        if not servers:
            forget_all(self.conf)
        return servers

    def _servers(self, is_wanted: Callable[[Instance], bool]) -> list[NovaLikeServer]:
        snapshot = self._read().snapshot
        if snapshot is None:
            return []
        states = {stats.instance.key: stats.state for stats in snapshot}
        found = [stats.instance for stats in snapshot] + [failure.instance for failure in snapshot.failures]
        return [_server(one, states.get(one.key), self.conf.host) for one in found if is_wanted(one)]

    def _read(self) -> Reading:
        """A reading that began after this call did: pollsters in several threads ask at once, until one has it."""
        called = time.monotonic()
        with self._lock:
            if self._last is None or self._last[0] < called:
                began = time.monotonic()
                self._last = (began, self._host.read(STATE))
            return self._last[1]

    @property
    def group_id(self) -> str:
        """These guests are this host's."""
        host: str = self.conf.host
        return host


def _is_novas(instance: Instance) -> bool:
    """Does nova say of it what ceilometer needs?"""
    nova = instance.openstack
    return nova is not None and None not in (nova.name, nova.user_id, nova.project_id, nova.flavor_name)


def _server(instance: Instance, state: State | None, host: str) -> NovaLikeServer:
    nova = instance.openstack or OpenStackMetadata()
    described: dict[str, Any] = {"os_type": instance.virtualization, "architecture": instance.architecture}
    if nova.image_properties is not None:
        described["image_meta"] = dict(nova.image_properties)
    vm_state, status = _NOVA_STATES.get(state or State.UNKNOWN, _IN_BETWEEN)
    project = nova.project_id
    return NovaLikeServer(
        id=identity_of(instance),
        name=nova.name if instance.openstack is not None else instance.name,
        flavor=_flavor(nova),
        image={"id": nova.image_id} if nova.image_id is not None else None,
        metadata={},
        tenant_id=project,
        user_id=nova.user_id,
        # As nova makes it of project and host, and ceilometer after it.
        hostId=hashlib.sha224(((project or "") + host).encode()).hexdigest(),
        status=status,
        **{name: value for name, value in described.items() if value is not None},
        **{
            "OS-EXT-SRV-ATTR:instance_name": instance.name,
            "OS-EXT-SRV-ATTR:host": host,
            "OS-EXT-STS:vm_state": vm_state,
        },
    )


def _flavor(nova: OpenStackMetadata) -> dict[str, Any]:
    """As nova tells it; ceilometer counts with these numbers and takes one that is missing for 0, as nova writes it."""
    extra_specs = nova.flavor_extra_specs
    return {
        "id": nova.flavor_id or nova.flavor_name,
        "name": nova.flavor_name,
        "vcpus": nova.flavor_vcpus or 0,
        "ram": (nova.flavor_memory_bytes or 0) // _MIB,
        "disk": (nova.flavor_disk_bytes or 0) // _GIB,
        "ephemeral": (nova.flavor_ephemeral_bytes or 0) // _GIB,
        "swap": (nova.flavor_swap_bytes or 0) // _MIB,
        **({"extra_specs": dict(extra_specs)} if extra_specs is not None else {}),
    }
