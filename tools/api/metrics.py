"""What the exporting bridges call each field, and what they say of themselves: dashboards, rules and alerts of
operators have these words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .functions import Facts

#: Export -> the module and its tables, which are by field.
_TABLES = {
    "prometheus": ("hvinspect.bridges._prometheus_names", ("FAMILIES", "INFO_FAMILIES")),
    "opentelemetry": ("hvinspect.bridges._opentelemetry_names", ("INSTRUMENTS",)),
}
#: Export -> the module and what it has of metrics that are of no field.
_OWN = {"prometheus": ("hvinspect.bridges._prometheus_series", "SELF_FAMILIES")}
#: Export -> the module and its tables of names that metrics share: for a device, or for what may be asked for.
_NAMES = {
    "prometheus": ("hvinspect.bridges._prometheus_names", ("INSTANCE", "METADATA")),
    "opentelemetry": ("hvinspect.bridges._opentelemetry_names", ("ATTRIBUTES",)),
}
#: For people.
_TEXT = "help"


def metric_facts() -> Facts:
    """``prometheus nic.rx_bytes`` -> its name, type, unit and labels. An older version may not have a bridge."""
    found: Facts = {}
    for export, (module, tables) in _TABLES.items():
        if find_spec(module) is not None:
            for table in tables:
                found.update(_facts(export, getattr(import_module(module), table)))
    for export, (module, own) in _OWN.items():
        if find_spec(module) is not None:
            found.update(_facts(export, {one.name: one for one in getattr(import_module(module), own)}))
    for export, (module, names) in _NAMES.items():
        if find_spec(module) is not None:
            for name in names:
                found.update(_shared(f"{export} label:{name.lower()}", getattr(import_module(module), name)))
    return dict(sorted(found.items()))


def _facts(export: str, table: Mapping[str, Any]) -> Facts:
    return {
        f"{export} {field}": {
            # Labels have no order.
            name: sorted(value) if name == "labels" else _plain(value)
            for name, value in dataclasses.asdict(metric).items()
            if name != _TEXT
        }
        for field, metric in table.items()
    }


def _shared(label: str, names: str | Mapping[str, Any]) -> Facts:
    if isinstance(names, str):
        return {label: {"name": names}}
    return {f"{label}.{of}": {"name": name if isinstance(name, str) else of} for of, name in names.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
