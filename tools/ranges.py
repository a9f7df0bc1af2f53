"""What pyproject.toml declares to installers: the Pythons, and each extra's dependencies with their lowest versions.

``python -m tools.ranges`` prints a constraints file that holds every direct dependency at its lowest.
"""

from __future__ import annotations

import tomllib
from typing import Any, Final

from packaging.requirements import Requirement

from .measured import ROOT

#: Installed without any extra.
CORE: Final = "core"


def pythons() -> str:
    """The range of Pythons."""
    return str(_project()["requires-python"])


def declared() -> dict[str, list[Requirement]]:
    """What the core and each extra need directly."""
    project = _project()
    groups = {CORE: project["dependencies"], **project["optional-dependencies"]}
    return {name: [Requirement(text) for text in texts] for name, texts in groups.items()}


def lowest(requirement: Requirement) -> str:
    """The lowest version of it that is accepted.

    Raises:
        ValueError: its range is not just a lowest version.
    """
    bounds = list(requirement.specifier)
    if [bound.operator for bound in bounds] != [">="]:
        raise ValueError(f"{requirement}: a dependency has a lowest version and no cap")
    return bounds[0].version


def constraints() -> list[str]:
    """Every direct dependency at its lowest, as lines of a constraints file."""
    every = {f"{one.name}=={lowest(one)}" for needed in declared().values() for one in needed}
    return sorted(every)


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project


if __name__ == "__main__":
    print("\n".join(constraints()))
