"""The directives ``prometheus-metrics`` and ``opentelemetry-instruments``: what the bridges call the fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect import CATALOGUE
from hvinspect.bridges._exported import EXPORTED
from hvinspect.bridges._opentelemetry_names import ATTRIBUTES, INSTRUMENTS
from hvinspect.bridges._prometheus_names import FAMILIES, INFO_FAMILIES
from hvinspect.bridges._prometheus_series import SELF_FAMILIES

_METRICS = (("Metric, its labels", 40), ("Field", 24), ("Meaning", 40))
_OWN = (("Metric", 40), ("Meaning", 60))
_INSTRUMENTS = (("Instrument, its attributes", 40), ("Unit", 8), ("Kind", 12), ("Field", 24))


class PrometheusMetrics(SphinxDirective):
    """One row per metric of the instances; ``:of: reading`` those of the reading itself."""

    option_spec: ClassVar[dict[str, Any]] = {"of": str}

    def run(self) -> list[nodes.Node]:
        if self.options.get("of") == "reading":
            return [table(_OWN, [[_literal(one.sample), _plain(one.help)] for one in SELF_FAMILIES])]
        rows = [[_called(name, labels), _literal(path), _plain(meaning)] for name, labels, path, meaning in _metrics()]
        return [table(_METRICS, rows, classes=("names",))]


class OpentelemetryInstruments(SphinxDirective):
    """One row per field."""

    def run(self) -> list[nodes.Node]:
        rows: list[list[list[nodes.Node]]] = []
        for path, one in INSTRUMENTS.items():
            device = EXPORTED[path].device
            own = [f"{key}={value}" for key, value in one.attributes]
            attributes = ", ".join(name for name in (ATTRIBUTES.get(device or ""), *own, one.choice) if name)
            kind = one.kind.value.title().replace("_", "")
            rows.append([_called(one.name, attributes), _literal(one.unit), _plain(kind), _literal(path)])
        return [table(_INSTRUMENTS, rows, classes=("names",))]


def _metrics() -> Iterator[tuple[str, str, str, str]]:
    identity = INFO_FAMILIES["instance"]
    yield identity.sample, ", ".join(identity.labels), "instance.*", identity.help
    for record in dict.fromkeys(one.field.record for one in EXPORTED.values()):
        info = INFO_FAMILIES.get(record)
        if info is not None:
            labels = [*([info.device] if info.device else []), *info.labels]
            yield info.sample, ", ".join(labels), f"{record}.*", "Its texts, as labels."
        for path, family in FAMILIES.items():
            if CATALOGUE[path].record == record:
                labels = [*([family.device] if family.device else []), *family.labels]
                yield family.sample, ", ".join(labels), path, family.help


def _called(name: str, labels: str) -> list[nodes.Node]:
    return _literal(name) + (_literal(f"{{{labels}}}") if labels else [])


def _literal(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", "", nodes.literal("", text))] if text else [nodes.paragraph("", "")]


def _plain(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", text)]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("prometheus-metrics", PrometheusMetrics)
    app.add_directive("opentelemetry-instruments", OpentelemetryInstruments)
    return {"parallel_read_safe": True}
