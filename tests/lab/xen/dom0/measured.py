"""Hands figures to the lab outside, which keeps them if asked to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

_FOLDER = Path("/run/results/measured")


def hand_out(name: str, rows: Sequence[Mapping[str, str | int | float]]) -> None:
    """Leave *rows* where the lab outside finds them under *name*."""
    _FOLDER.mkdir(exist_ok=True)
    (_FOLDER / f"{name}.json").write_text(json.dumps(list(rows)), encoding="utf-8")
