"""The Grafana dashboard that is in the repository is the one that follows from the catalogue."""

from __future__ import annotations

import json
import re
from typing import Any

from hvinspect import CATALOGUE, DEFAULT_GROUPS
from hvinspect.bridges._prometheus_names import FAMILIES, INFO_FAMILIES
from hvinspect.bridges._prometheus_series import SELF_FAMILIES
from tools.dashboard import PATH, dashboard, expressions, text


def test_the_file_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "python -m tools.dashboard writes it anew"


def test_it_asks_for_what_there_is() -> None:
    there = {family.sample for family in (*FAMILIES.values(), *INFO_FAMILIES.values(), *SELF_FAMILIES)}
    asked = {name for expression in expressions() for name in re.findall(r"\bhvinspect_\w+", expression)}
    assert asked <= there


def test_every_number_of_the_default_groups_is_shown() -> None:
    shown = " ".join(expressions())
    for path, family in FAMILIES.items():
        if CATALOGUE[path].group in DEFAULT_GROUPS and CATALOGUE[path].numeric:
            assert family.sample in shown, path


def test_counters_are_shown_as_rates() -> None:
    for expression in expressions():
        for name in re.findall(r"\bhvinspect_\w+_total\b", expression):
            assert f"rate({name}{{" in expression


def test_panels_do_not_overlap() -> None:
    panels: list[dict[str, Any]] = json.loads(text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_a_panel_tells_its_queries_apart() -> None:
    for panel in dashboard()["panels"]:
        names = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(names)) == len(names)
