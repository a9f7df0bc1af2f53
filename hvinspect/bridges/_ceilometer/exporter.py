"""Ceilometer's own Prometheus exporter: the last values of a meter are taken out of it before there are new ones.

The agent does that by the name of the pollster, and that is not the name of the meter here. A guest that is gone would
stay there with its last value.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["forget", "forget_all"]

#: Meters that may be there.
_SHOWN: set[str] = set()


def forget(conf: Any, meter: str) -> None:
    """Take out what was told of *meter*, if the exporter is in use."""
    if getattr(conf.polling, "enable_prometheus_exporter", False):
        _SHOWN.add(meter)
        import_module("ceilometer.polling.prom_exporter").purge_stale_metrics(meter)


def forget_all(conf: Any) -> None:
    """Take out all, because there is no guest: the agent then calls no pollster."""
    for meter in tuple(_SHOWN):
        forget(conf, meter)
