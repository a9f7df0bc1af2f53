"""What is public: the modules whose path has no underscore, and the names that they list in ``__all__``.

``hvinspect compat check`` walks them in a way of its own: the command is published and cannot use this, and this is
asked of the wheels of older versions, whose command may be another. ``tests/cli/test_compat.py`` holds both together.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from .findings import Audience

PACKAGE = "hvinspect"
#: Reached by name (a driver) or through the shell (the command): what is promised of them is not a Python name.
_NOT_IMPORTED = ("hvinspect.drivers", "hvinspect.cli")
#: Who reads what a module exports. A module that is not here, or within one that is, is for callers.
_READERS = {"hvinspect.driver": (Audience.DRIVER_AUTHOR,)}


def modules() -> dict[str, ModuleType]:
    """The public modules by name, the package's own first."""
    package = importlib.import_module(PACKAGE)
    return {PACKAGE: package, **{name: importlib.import_module(name) for name in sorted(_names(package))}}


def _names(package: ModuleType) -> Iterator[str]:
    for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if entry.name.rpartition(".")[2].startswith("_") or entry.name in _NOT_IMPORTED:
            continue
        yield entry.name
        if entry.ispkg:
            yield from _names(importlib.import_module(entry.name))


def exported(module: ModuleType) -> list[str]:
    """The names that *module* lists."""
    listed = getattr(module, "__all__", None)
    if listed is None:
        # A package that lists nothing may have public modules, which are its attributes once they are imported.
        if any(not name.startswith("_") and not isinstance(one, ModuleType) for name, one in vars(module).items()):
            raise LookupError(f"{module.__name__} is public by its name and has no __all__")
        return []
    return sorted(listed)


def audiences(module: str) -> tuple[Audience, ...]:
    """Whom a name in *module* is for."""
    return _READERS.get(module, (Audience.CALLER,))
