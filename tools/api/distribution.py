"""The facts of the distribution, from pyproject.toml: what it needs, its extras, its entry points."""

from __future__ import annotations

import tomllib
from typing import Any

from packaging.requirements import Requirement

from .functions import Facts

_CAPS = ("<", "<=", "==", "~=", "===")


def distribution_facts(pyproject: str) -> Facts:
    """*pyproject* is the text of the file."""
    project: dict[str, Any] = tomllib.loads(pyproject)["project"]
    extras = {"": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    entry_points = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    return {
        "python": project.get("requires-python", ""),
        "extras": {name: sorted(Requirement(one).name for one in needed) for name, needed in sorted(extras.items())},
        "caps": sorted(str(one) for needed in extras.values() for one in map(Requirement, needed) if _capped(one)),
        "entry_points": {
            f"{group}:{name}": value for group, names in entry_points.items() for name, value in names.items()
        },
    }


def _capped(requirement: Requirement) -> bool:
    return any(one.operator in _CAPS for one in requirement.specifier)
