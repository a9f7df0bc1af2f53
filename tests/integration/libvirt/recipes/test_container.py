"""The exporter in a container that sees of the host the folder of libvirt's sockets alone, and may not write there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import pytest

from tests.integration.libvirt.recipes import shown
from tests.integration.libvirt.scraping import serving
from tests.lab import requirements, sealed, settings
from tests.lab.daemons import Daemon
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

_FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode())"


@final
@dataclass(frozen=True, slots=True)
class Contained:
    """The recipe's exporter in a container, looked at from outside."""

    url: str
    process: int

    def enter(self, namespaces: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run *command* as root in those of its namespaces."""
        words = [requirements.program("nsenter"), f"--target={self.process}", *namespaces.split(), *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    def guests(self) -> set[str]:
        """The keys of those on its page, which is published by nobody: it is asked for in its own network."""
        told = self.enter("--net", sys.executable, "-c", _FETCH, self.url)
        assert told.returncode == 0, told.stderr
        lines = [line for line in told.stdout.splitlines() if line.startswith("hvinspect_cpu_time_seconds_total{")]
        return {line.split('"')[1] for line in lines}


@pytest.fixture
def contained(lab: Lab) -> Iterator[Contained]:
    """The container's own command, user and volume."""
    lab.polkit.start()
    assert shown.user_of_the_container() == f"{sealed.UID}:{sealed.UID}"
    container = sealed.command(read=[shown.seen_by_the_container()])
    with serving([*container, *shown.by_this_python(shown.started_by_the_container())]) as (url, process):
        exporter = Contained(url, process)
        exporter.enter("--net", requirements.program("ip"), "link", "set", "lo", "up")
        yield exporter


def test_it_serves_the_hosts_guests_and_goes_on_when_the_daemon_is_started_again(
    contained: Contained, libvirtd: Daemon, two_busy_guests: tuple[Guest, Guest]
) -> None:
    keys = {guest.spec.uuid for guest in two_busy_guests}
    assert contained.guests() >= keys
    inode = settings.READ_ONLY_SOCKET.stat().st_ino
    libvirtd.restart()
    assert settings.READ_ONLY_SOCKET.stat().st_ino != inode
    assert contained.guests() >= keys


def test_it_cannot_write_where_the_sockets_are(contained: Contained) -> None:
    told = contained.enter("--mount --root", "/bin/touch", f"{settings.READ_ONLY_SOCKET.parent}/made")
    assert "Read-only file system" in told.stderr
