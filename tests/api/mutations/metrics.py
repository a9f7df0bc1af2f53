"""Operators on what exporting bridges call a field. The tables are changed in the child after the import."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from tools.api.surface import Surface

from .labels import major, minor, of_surface, patch
from .mutant import Mutant, Truth

_METRIC_TABLES = (
    ("prometheus", "hvinspect.bridges._prometheus_names", ("FAMILIES", "INFO_FAMILIES")),
    ("opentelemetry", "hvinspect.bridges._opentelemetry_names", ("INSTRUMENTS",)),
)


def _with_metric(export: str, path: str, make: Callable[[Any], Any]) -> None:
    """The metric of *path* is what *make* makes of it; None takes it away."""
    module, tables = next((module, tables) for name, module, tables in _METRIC_TABLES if name == export)
    for table in (getattr(import_module(module), name) for name in tables):
        if path in table:
            made = make(table.pop(path))
            table.update({} if made is None else {path: made})
    if export == "prometheus":
        series: Any = import_module("hvinspect.bridges._prometheus_series")
        made = [make(one) if one.name == path else one for one in series.SELF_FAMILIES]
        series.SELF_FAMILIES = tuple(one for one in made if one is not None)


def _with_label(module: str, constant: str, of: str, name: str | None) -> None:
    """The label *of*, or the one that *constant* is, is called *name*; None takes it away."""
    where: Any = import_module(module)
    if not of:
        setattr(where, constant, name)
        return
    table = getattr(where, constant)
    field = table.pop(of)
    if name is not None:
        table.update({name: field} if constant == "METADATA" else {of: name})


@of_surface
def labels(surface: Surface) -> Iterator[Mutant]:
    """Each label that series share: renamed, gone."""
    for label in surface["metrics"]:
        export, _, path = label.partition(" label:")
        if path:
            constant, _, of = path.partition(".")
            module = next(module for name, module, _ in _METRIC_TABLES if name == export)
            rename = partial(_with_label, module, constant.upper(), of, "renamed")
            yield Mutant("shared-label-renamed", label, major(), live=rename)
            if of:
                remove = partial(_with_label, module, constant.upper(), of, None)
                yield Mutant("shared-label-removed", label, major(), live=remove)


def _as(**facts: Any) -> Callable[[Any], Any]:
    return lambda metric: dataclasses.replace(metric, **facts)


def _of_prometheus(facts: dict[str, Any]) -> Iterator[tuple[str, Truth, Callable[[Any], Any]]]:
    yield "metric-sample", major(), _as(sample=f"{facts['sample']}_count")
    yield "metric-type", major(), _as(type="counter" if facts["type"] == "gauge" else "gauge")
    yield "metric-device", major(), _as(device=None if facts["device"] else "disk")
    yield "metric-help", patch(), _as(help="Other.")
    yield "metric-label-added", minor(), _as(labels=(*facts["labels"], "more"))
    if facts["labels"]:
        yield "metric-label-removed", major(), _as(labels=tuple(facts["labels"][1:]))
        yield "metric-label-renamed", major(), _as(labels=("renamed", *facts["labels"][1:]))
        yield "metric-labels-reordered", patch(), _as(labels=tuple(reversed(facts["labels"])))


def _of_opentelemetry(facts: dict[str, Any]) -> Iterator[tuple[str, Truth, Callable[[Any], Any]]]:
    def other_kind(metric: Any) -> Any:
        kinds = type(metric.kind)
        return dataclasses.replace(metric, kind=kinds.GAUGE if metric.kind is kinds.COUNTER else kinds.COUNTER)

    yield "metric-type", major(), other_kind
    yield "metric-choice", major(), _as(choice=None if facts["choice"] else "choice")
    if facts["attributes"]:
        (key, value), *others = facts["attributes"]
        yield "metric-attribute-removed", major(), _as(attributes=tuple(others))
        yield "metric-attribute-renamed", major(), _as(attributes=((f"{key}.renamed", value), *others))
        yield "metric-attribute-value", major(), _as(attributes=((key, f"{value}d"), *others))


@of_surface
def metrics(surface: Surface) -> Iterator[Mutant]:
    """Each metric: gone, and everything about it that stands in queries changed in its own way; one more."""
    of_export = {"prometheus": _of_prometheus, "opentelemetry": _of_opentelemetry}
    for label, facts in surface["metrics"].items():
        export, path = label.split()
        if path.startswith("label:"):
            continue
        ways: list[tuple[str, Truth, Callable[[Any], Any]]] = [
            ("metric-removed", major(), lambda _: None),
            ("metric-renamed", major(), _as(name=f"{facts['name']}_renamed")),
            ("metric-unit", major(), _as(unit="fortnights")),
            ("metric-divisor", major(), _as(divisor=facts["divisor"] * 1000)),
            *of_export[export](facts),
        ]
        for operator, truth, make in ways:
            yield Mutant(operator, label, truth, live=partial(_with_metric, export, path, make))
    for export, module, tables in _METRIC_TABLES:

        def add(module: str = module, table: str = tables[0]) -> None:
            metrics = getattr(import_module(module), table)
            metrics["a.field"] = next(iter(metrics.values()))

        yield Mutant("metric-added", export, minor(), live=add)
