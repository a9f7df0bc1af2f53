"""The real ceilometer, configured as an operator does it, with no message bus and no keystone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ceilometer import service
from ceilometer.compute.virt.libvirt.inspector import LibvirtInspector

from hvinspect.testing import FakeHypervisor

CONFIGURATION = """
[DEFAULT]
transport_url = fake://
host = compute-1
[publisher_notifier]
telemetry_driver = test
[hvinspect]
{options}
"""
Configure = Callable[..., Any]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Ceilometer's configuration with these options in [hvinspect], and with others as (group, name, value)."""

    def made(*others: tuple[str, str, Any], **options: object) -> Any:
        path = tmp_path / "ceilometer.conf"
        lines = "\n".join(f"{name} = {value}" for name, value in options.items())
        path.write_text(CONFIGURATION.format(options=lines))
        conf = service.prepare_service(argv=["ceilometer-polling"], config_files=[str(path)])
        for group, name, value in others:
            conf.set_override(name, value, group=group)
        return conf

    return made


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    """A host of five guests: the fourth is shut off, the third nova does not know."""
    with FakeHypervisor(seed=7) as made:
        yield made


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What the bridge logs; ceilometer sets up the handlers of the process anew."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("hvinspect.bridges")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@pytest.fixture(autouse=True)
def stock_inspector_forgets() -> Iterator[None]:
    """What a test lent to ceilometer's own inspector is taken back."""
    yield
    LibvirtInspector._libvirt_connection = None
