"""The exporter as a service of systemd: a unit without a mistake, which leaves it next to nothing, and its command."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.libvirt import nobody
from tests.integration.libvirt.recipes import shown
from tests.integration.libvirt.recipes.account import account
from tests.integration.libvirt.scraping import page, serving
from tests.lab import requirements
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

SYSTEMS_OWN = Path("/usr/lib/systemd/system")
#: Tenths, of ten: 0 is a service that can do nothing at all, and up to 2 is "OK". Sockets and the network are the rest.
MOST_EXPOSED = 15


@pytest.fixture(params=["alone", "with TLS"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A host's files, as far as systemd looks at them to judge a unit."""
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    # What any unit starts after; links among them lead into /etc.
    shutil.copytree(SYSTEMS_OWN, tmp_path / SYSTEMS_OWN.relative_to("/"), symlinks=True)
    shutil.copy(shown.UNIT, units)
    if request.param == "with TLS":
        (units / f"{shown.UNIT.name}.d").mkdir()
        shutil.copy(shown.DROP_IN, units / f"{shown.UNIT.name}.d/tls.conf")
    program = tmp_path / shown.PROGRAM.lstrip("/")
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    return tmp_path


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    command = [requirements.program("systemd-analyze"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_finds_nothing_wrong_with_the_unit(root: Path) -> None:
    told = analyze("verify", f"--root={root}", shown.UNIT.name)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_systemd_finds_little_that_the_service_could_do(root: Path) -> None:
    told = analyze("security", "--offline=true", f"--root={root}", f"--threshold={MOST_EXPOSED}", shown.UNIT.name)
    assert told.returncode == 0, told.stdout
    assert re.search(r"exposure level for \S+: \d", told.stdout)


@pytest.fixture
def served(lab: Lab, tmp_path: Path, two_busy_guests: tuple[Guest, Guest]) -> Iterator[str]:
    """Its page, while the unit's command runs as the unit's account."""
    lab.polkit.start()
    command = shown.by_this_python(shown.started_by_the_unit())
    with account(tmp_path) as user, serving(nobody.command(*command, user=user)) as (url, _):
        yield url


def test_its_command_serves_the_hosts_guests_at_the_port_of_the_docs(
    served: str, two_busy_guests: tuple[Guest, Guest]
) -> None:
    assert served == "http://127.0.0.1:9688/metrics"
    text = page(served)
    assert all(f'hvinspect_cpu_time_seconds_total{{instance_key="{one.spec.uuid}"}}' in text for one in two_busy_guests)
