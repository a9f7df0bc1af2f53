"""The real polling agent, run cycle by cycle instead of by the clock; what it publishes is kept."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, final

import yaml
from ceilometer.polling import manager
from oslo_messaging.notify import _impl_test as notifications

#: Those of the agent's entry points that are the bridge's.
METERS = tuple(
    sorted(one.name for one in entry_points(group="ceilometer.poll.compute") if one.name.startswith("hvinspect."))
)
#: Those of the installed release, without the ones that it alone has.
STOCK_METERS = tuple(
    sorted(
        one.name
        for one in entry_points(group="ceilometer.poll.compute")
        if one.module.startswith("ceilometer.") and f"hvinspect.{one.name}" in METERS
    )
)


def class_of(name: str) -> type[Any]:
    """The class of the pollster of that name."""
    (point,) = entry_points(group="ceilometer.poll.compute", name=name)
    found: type[Any] = point.load()
    return found


def loaded(name: str, conf: Any) -> Any:
    """The pollster of that name, as the agent makes it."""
    return class_of(name)(conf)


@final
class Agent:
    """An AgentManager as ``ceilometer-polling --polling-namespaces compute`` makes it."""

    def __init__(self, conf: Any, folder: Path, *sources: dict[str, Any]) -> None:
        """With *sources* in its polling.yaml."""
        path = folder / "polling.yaml"
        path.write_text(yaml.safe_dump({"sources": list(sources)}))
        conf.set_override("cfg_file", str(path), group="polling")
        self._manager = manager.AgentManager(0, conf, ["compute"])
        self._manager._keystone = object()  # none is asked for anything
        self._manager.polling_manager = manager.PollingManager(conf)
        self._tasks = self._manager.setup_polling_tasks()

    def cycle(self, interval: int) -> list[dict[str, Any]]:
        """The samples published by one cycle of that interval."""
        notifications.reset()
        self._tasks[interval].poll_and_notify()
        return [sample for _, message, _, _ in notifications.NOTIFICATIONS for sample in message["payload"]["samples"]]


def source(*meters: str, interval: int = 30, discovery: str = "hvinspect://all", name: str = "all") -> dict[str, Any]:
    """A source of polling.yaml."""
    return {"name": name, "interval": interval, "meters": list(meters), "discovery": [discovery]}


def volumes(samples: list[dict[str, Any]], meter: str) -> dict[str, Any]:
    """The values of a meter by guest; by the last device, if it has several.

    Not by resource: that of a NIC is its filter, as ceilometer has it, and NICs may share one.
    """
    return {guest_of(one): one["counter_volume"] for one in samples if one["counter_name"] == meter}


def guest_of(sample: dict[str, Any]) -> str:
    """The guest that a sample is of."""
    guest: str = sample["resource_metadata"]["instance_id"]
    return guest
