"""A Grafana dashboard of what the Prometheus exporter gives, made from the catalogue: ``python -m tools.dashboard``.

A row for each record, a panel for what has one unit and one kind. Counters are shown as rates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from hvinspect import CATALOGUE, Group
from hvinspect.bridges._exported import EXPORTED, Form
from hvinspect.bridges._prometheus_names import FAMILIES, INFO_FAMILIES, INSTANCE, Family

__all__ = ["PATH", "dashboard", "expressions", "text"]

PATH = Path(__file__).parent.parent / "docs" / "bridges" / "grafana-dashboard.json"

Panel = dict[str, Any]

_COLUMNS, _WIDTH, _HEIGHT = 2, 12, 8
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Grafana's units, of a gauge and of a counter's rate.
_UNITS = {
    "seconds": ("s", "percentunit"),
    "bytes": ("bytes", "Bps"),
    "bytes_per_second": ("Bps", "Bps"),
    "per_second": ("cps", "cps"),
    "ratio": ("percentunit", "percentunit"),
    "": ("short", "cps"),
}
# A moment is shown as how long it is ago.
_MOMENT = "timestamp_seconds"
_HOST = 'job=~"$job", instance=~"$host"'
_WHO = f'on(job, instance, {INSTANCE}) group_left(name) {INFO_FAMILIES["instance"].sample}{{{_HOST}, name=~"$guest"}}'
# Of the reading itself: title, expression, unit, legend.
_OF_READING = (
    ("Hosts that are read", f"hvinspect_up{{{_HOST}}}", "short", "{{instance}}"),
    ("Instances", f"hvinspect_instances{{{_HOST}}}", "short", "{{instance}}"),
    ("Instances that did not answer in time", f"hvinspect_instances_timed_out{{{_HOST}}}", "short", "{{instance}}"),
    ("Time of a read", f"hvinspect_read_duration_seconds{{{_HOST}}}", "s", "{{instance}}"),
    ("Values that are missing", f"hvinspect_absent_values{{{_HOST}}}", "short", "{{instance}}: {{reason}}"),
    ("Calls that are stuck", f"hvinspect_stuck_calls{{{_HOST}}}", "short", "{{instance}}"),
)


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    panels: list[Panel] = []
    _add_row(panels, "Reading", [_panel(title, [(what, legend)], unit) for title, what, unit, legend in _OF_READING])
    for record, group in groupby(_numbers(), key=lambda one: one[0].split(".")[0]):
        _add_row(panels, _in_words(record), list(_panels_of(list(group))))
    for number, panel in enumerate(panels, 1):
        panel["id"] = number
    return {
        "title": "hvinspect",
        "uid": "hvinspect",
        "description": "Made from hvinspect's catalogue of fields.",
        "tags": ["hvinspect", "hypervisor"],
        "schemaVersion": 38,
        "editable": True,
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": list(_variables())},
        "panels": panels,
    }


def expressions() -> list[str]:
    """Every query of the dashboard."""
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]


def _numbers() -> Iterator[tuple[str, Family]]:
    """Metrics of numbers and flags, in the catalogue's order."""
    for path, family in FAMILIES.items():
        # A job's numbers come and go with it.
        if EXPORTED[path].form is not Form.CHOICE and CATALOGUE[path].group is not Group.JOB:
            yield path, family


def _panels_of(numbers: Sequence[tuple[str, Family]]) -> Iterator[Panel]:
    alike: dict[tuple[str, str], list[tuple[str, Family]]] = {}
    for path, family in numbers:
        alike.setdefault((family.type, family.unit), []).append((path, family))
    for (kind, unit), some in alike.items():
        record = _in_words(some[0][0].split(".")[0])
        what = {"": "counts", _MOMENT: "age"}.get(unit, unit.replace("_", " "))
        title = f"{record}: {what} {'per second' if kind == 'counter' else ''}".strip()
        shown = "s" if unit == _MOMENT else _UNITS.get(unit, ("short", "cps"))[kind == "counter"]
        yield _panel(title, [_target(path, family) for path, family in some], shown)


def _in_words(record: str) -> str:
    spoken = {"cpu": "CPU", "vcpu": "vCPU", "nic": "NIC"}
    text = " ".join(spoken.get(word, word) for word in record.split("_"))
    return text[0].upper() + text[1:] if text.split()[0] not in spoken.values() else text


def _target(path: str, family: Family) -> tuple[str, str]:
    """Query and legend of one metric."""
    name = path.partition(".")[2]
    chosen = f"{family.sample}{{{_HOST}}}"
    value = f"rate({chosen}[$__rate_interval])" if family.type == "counter" else chosen
    if family.unit == _MOMENT:
        value = f"(time() - {value})"
    device = f" {{{{{family.device}}}}}" if family.device else ""
    return f"{value} * {_WHO}", f"{{{{name}}}}{device} {name}"


def _panel(title: str, targets: Sequence[tuple[str, str]], unit: str) -> Panel:
    return {
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "custom": {"fillOpacity": 5}}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": f"{chr(ord('A') + number // 26)}{chr(ord('A') + number % 26)}", "expr": what, "legendFormat": how}
            for number, (what, how) in enumerate(targets)
        ],
    }


def _add_row(panels: list[Panel], title: str, some: Sequence[Panel]) -> None:
    top = max((panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels), default=0)
    place = {"x": 0, "y": top, "w": _COLUMNS * _WIDTH, "h": 1}
    panels.append({"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place})
    for number, panel in enumerate(some):
        line, column = divmod(number, _COLUMNS)
        panel["gridPos"] = {"x": column * _WIDTH, "y": top + 1 + line * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
        panels.append(panel)


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}
    for name, label, query in (
        ("job", "Job", "label_values(hvinspect_up, job)"),
        ("host", "Host", 'label_values(hvinspect_up{job=~"$job"}, instance)'),
        ("guest", "Instance", f"label_values({INFO_FAMILIES['instance'].sample}{{{_HOST}}}, name)"),
    ):
        yield {
            "name": name,
            "label": label,
            "type": "query",
            "datasource": _SOURCE,
            "query": {"query": query, "refId": name},
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "current": {"text": "All", "value": "$__all"},
        }


def main() -> None:
    """Write it."""
    PATH.write_text(text(), encoding="utf-8")
    print(f"wrote {PATH}")


def text() -> str:
    """The file."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    main()
