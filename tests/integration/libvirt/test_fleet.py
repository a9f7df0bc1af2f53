"""Several hosts in one Prometheus, by the files of the page on many hosts: hosts come and go by a file alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.libvirt.scraping import Prometheus, exporting, running
from tests.lab.daemons import wait_until
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest
from tests.lab.settings import PROJECT_ROOT

FLEET = PROJECT_ROOT / "docs" / "examples" / "fleet"
ADDRESSES = {f"compute-{number}.example.org": f"127.0.0.{number + 1}" for number in (1, 2, 3)}
FIRST, SECOND, THIRD = (f"{name}:9688" for name in ADDRESSES)
GUESTS = "sum by (instance, zone) (hvinspect_instances)"
PATIENCE = 60


@pytest.fixture(scope="module")
def exporters(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[None]:
    """One on each host: the lab's own, one that lives in libvirt's client library, with one guest, and a fake one."""
    hosts = Path("/etc/hosts")
    before = hosts.read_text()
    lines = [f"{address} {name}\n" for name, address in ADDRESSES.items()]
    targets = (f"libvirt:{lab.qemu_uri}", "libvirt:test:///default", "fake:")
    with ExitStack() as stack:
        stack.callback(hosts.write_text, before)
        hosts.write_text(before + "".join(lines))
        for target, address in zip(targets, ADDRESSES.values(), strict=True):
            stack.enter_context(exporting(target, "--listen", f"{address}:9688"))
        yield


@pytest.fixture(scope="module")
def server(exporters: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, Path]]:
    """A server with the page's configuration, but for its pace, and where it looks for hosts."""
    folder = tmp_path_factory.mktemp("fleet")
    text = (FLEET / "prometheus.yml").read_text()
    quick = text.replace("scrape_interval: 10s", "scrape_interval: 1s").replace(
        "scrape_timeout: 8s", "scrape_timeout: 1s"
    )
    assert quick != text
    configuration = folder / "prometheus.yml"
    configuration.write_text(quick)
    (folder / "hosts").mkdir()
    shutil.copy(FLEET / "hosts.yml", folder / "hosts")
    with running(configuration) as made:
        yield made, folder / "hosts" / "hosts.yml"


def is_told(server: Prometheus, *expected: str) -> None:
    """Wait until these hosts, and no others, are those that there are."""
    wait_until(
        lambda: (
            {labels[0] for labels in server.query("sum by (instance) (up) == 1")} == set(expected)
            and len(server.query(GUESTS)) == len(expected)
        ),
        what=f"Prometheus has {expected}",
        timeout=PATIENCE,
    )


def test_every_host_of_the_file_is_read_and_known_by_its_name_and_labels(
    server: tuple[Prometheus, Path], two_busy_guests: tuple[Guest, Guest]
) -> None:
    prometheus, _ = server
    is_told(prometheus, FIRST, SECOND)
    found = prometheus.query(GUESTS)
    assert found[(FIRST, "north")] >= len(two_busy_guests)
    assert found[(SECOND, "north")] == 1


def test_a_host_that_leaves_the_file_is_gone_and_one_that_comes_is_there(server: tuple[Prometheus, Path]) -> None:
    prometheus, file = server
    is_told(prometheus, FIRST, SECOND)
    before = file.read_text()
    after = before.replace(SECOND, THIRD)
    assert after != before
    file.write_text(after)
    is_told(prometheus, FIRST, THIRD)
