"""What the exporting bridges call each field: dashboards, rules and alerts of operators have these words."""

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
#: For people.
_TEXT = "help"


def metric_facts() -> Facts:
    """``prometheus nic.rx_bytes`` -> its name, type, unit and labels. An older version may not have a bridge."""
    found: Facts = {}
    for export, (module, tables) in _TABLES.items():
        if find_spec(module) is not None:
            for table in tables:
                found.update(_facts(export, getattr(import_module(module), table)))
    return dict(sorted(found.items()))


def _facts(export: str, table: Mapping[str, Any]) -> Facts:
    return {
        f"{export} {field}": {
            name: _plain(value) for name, value in dataclasses.asdict(metric).items() if name != _TEXT
        }
        for field, metric in table.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
