"""On a Debian with its own python3-libvirt and no compiler: that binding is used and nothing is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import wheels
from tests.lab.bare import Bare, Ran

pytestmark = pytest.mark.slow

# That of libvirt's packages which has the binding, and no other.
PREPARED = "apt-get update -qq; apt-get install -qq --no-install-recommends python3-venv python3-libvirt >/dev/null"
WANTED = "'hvinspect[libvirt,cli]'"
LIST = "list libvirt:test:///default"


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel that a release would put where pip finds it."""
    folder = tmp_path_factory.mktemp("wheels")
    wheels.build(wheels.ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A Debian with Python, libvirt's binding and nothing that could build another."""
    # A container is named for its folder, and two of one name disturb each other.
    made = Bare.make(tmp_path_factory.mktemp("debian") / tmp_path_factory.getbasetemp().name)
    prepared = made.run(PREPARED)
    assert prepared.status == 0, prepared.output
    assert made.run("command -v cc || command -v gcc || command -v pkg-config").status != 0
    return made


def installed(debian: Bare, offered: Path, environment: str, *options: str, wanted: str = WANTED) -> Ran:
    """What came of installing into an environment that is made with *options*."""
    made = f"python3 -m venv {' '.join(options)} {environment}"
    return debian.run(f"{made}; {environment}/bin/pip install --pre --progress-bar off {wanted}", wheels=offered)


@pytest.fixture(scope="module")
def beside(debian: Bare, offered: Path) -> Ran:
    """Installed where the system's packages are seen."""
    return installed(debian, offered, "/opt/beside", "--system-site-packages")


def test_the_extra_is_content_with_the_distribution_s_binding(beside: Ran) -> None:
    assert beside.status == 0, beside.output
    assert "in /usr/lib/python3/dist-packages" in beside.output
    (line,) = [line for line in beside.output.splitlines() if "already satisfied: libvirt-python" in line]
    assert "/usr/lib/python3/dist-packages" in line


def test_nothing_is_built(beside: Ran) -> None:
    assert beside.status == 0, beside.output
    assert ".tar.gz" not in beside.output
    assert "Building wheel" not in beside.output


def test_the_driver_reads_with_it(beside: Ran, debian: Bare) -> None:
    assert beside.status == 0, beside.output
    listed = debian.run(
        f"/opt/beside/bin/hvinspect {LIST}; /opt/beside/bin/python -c 'import libvirt as it; print(it)'"
    )
    assert listed.status == 0, listed.output
    assert "running" in listed.output
    assert "from '/usr/lib/python3/dist-packages/libvirt.py'" in listed.output


def test_without_a_compiler_the_error_names_what_cannot_be_built(debian: Bare, offered: Path) -> None:
    refused = installed(debian, offered, "/opt/apart")
    assert refused.status != 0
    assert "required to compile libvirt-python" in refused.output


def test_without_the_binding_the_driver_says_what_to_install(debian: Bare, offered: Path) -> None:
    done = installed(debian, offered, "/opt/without", wanted="'hvinspect[cli]'")
    assert done.status == 0, done.output
    told = debian.run(f"/opt/without/bin/hvinspect {LIST}")
    assert told.status != 0
    for word in ("No module named 'libvirt'", "C compiler", "pkg-config", "libvirt-dev", "python3-libvirt"):
        assert word in told.output
