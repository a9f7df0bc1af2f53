"""A driver known by a name for a while."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from hvinspect import _registry
from hvinspect.driver import Driver

__all__ = ["registered"]


@contextmanager
def registered(name: str, driver: type[Driver]) -> Generator[str]:
    """Within the ``with``, *driver* is what a target of *name* means in this process; another of that name waits."""
    before = _registry._registered.get(name)
    _registry.register(name, driver)
    try:
        yield name
    finally:
        if before is None:
            _registry.unregister(name)
        else:
            _registry.register(name, before)
