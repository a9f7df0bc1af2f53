"""The facts of the distribution, from pyproject.toml: what it needs, its extras, its entry points."""

from __future__ import annotations

import tomllib
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .functions import Facts

_CAPS = ("<", "<=", "==", "~=", "===")


def distribution_facts(pyproject: str) -> Facts:
    """*pyproject* is the text of the file."""
    project: dict[str, Any] = tomllib.loads(pyproject)["project"]
    more = {str(canonicalize_name(name)): needed for name, needed in project.get("optional-dependencies", {}).items()}
    extras: dict[str, list[str]] = {"": project.get("dependencies", []), **more}
    entry_points = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    pythons = SpecifierSet(project.get("requires-python", ""))
    caps = [str(one) for needed in extras.values() for one in map(Requirement, needed) if _capped(one.specifier)]
    return {
        "name": canonicalize_name(project["name"]),
        "python": str(pythons),
        "extras": {
            name: sorted(canonicalize_name(Requirement(one).name) for one in needed)
            for name, needed in sorted(extras.items())
        },
        "caps": sorted([*caps, *([f"python{pythons}"] if _capped(pythons) else [])]),
        "entry_points": {
            f"{group}:{name}": value for group, names in entry_points.items() for name, value in names.items()
        },
    }


def _capped(versions: SpecifierSet) -> bool:
    return any(one.operator in _CAPS for one in versions)
