"""One Debian for all tests: what one of them installed is there in the next, as with a newcomer."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from tests import wheels
from tests.integration.newcomer.page import DOCS, blocks
from tests.lab.bare import Bare, Ran
from tests.lab.settings import PROJECT_ROOT

CHECKOUT = "/srv/hvinspect-checkout"
_GUEST = uuid.UUID("5d0a4a57-7f0e-4f3c-8a6f-0c3b7a1f2e11")
# Emulated, paused before its first instruction.
_DOMAIN = f"""<domain type='qemu'><name>web</name><uuid>{_GUEST}</uuid><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>"""
_FETCH = """
import ssl, sys, urllib.request
request = urllib.request.Request(sys.argv[1])
if len(sys.argv) > 2:
    import base64
    request.add_header("Authorization", "Basic " + base64.b64encode(sys.argv[2].encode()).decode())
context = ssl.create_default_context(cafile="/etc/hvinspect/authority.pem") if len(sys.argv) > 2 else None
print(urllib.request.urlopen(request, timeout=30, context=context).read().decode())
"""


@pytest.fixture(scope="session")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel that a release would put where pip finds it."""
    folder = tmp_path_factory.mktemp("wheels")
    wheels.build(PROJECT_ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A Debian for all that a newcomer does after the other."""
    return with_checkout(tmp_path_factory.mktemp("bare") / "root")


def with_checkout(root: Path) -> Bare:
    """A Debian with nothing in it but a checkout of the project."""
    made = Bare.make(root)
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    files = subprocess.run(listed, cwd=PROJECT_ROOT, check=True, capture_output=True).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        if (PROJECT_ROOT / name).is_file():
            copy = made.root / CHECKOUT[1:] / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT_ROOT / name, copy)
    return made


@pytest.fixture(scope="session")
def started(bare: Bare, offered: Path) -> Ran:
    """What came of the shell's lines on the page Start, one after another."""
    return bare.run(blocks("start.md", "sh"), folder=CHECKOUT, wheels=offered)


@pytest.fixture(scope="session")
def host(bare: Bare, started: Ran) -> Bare:
    """The same, with what its libvirt needs once it is booted, a guest to be started, and what fetches a page."""
    assert started.status == 0, started.output
    (bare.root / "root/fetch.py").write_text(_FETCH)
    (bare.root / "root/web.xml").write_text(_DOMAIN)
    # It is not a real machine: QEMU cannot have a /dev of its own there.
    with (bare.root / "etc/libvirt/qemu.conf").open("a") as settings:
        settings.write('namespaces = []\nsecurity_driver = "none"\ncgroup_controllers = []\n')
    return bare


@pytest.fixture(scope="session")
def series() -> str:
    """That guest's first one."""
    return f'hvinspect_cpu_time_seconds_total{{instance_key="{_GUEST}"}}'


@pytest.fixture(scope="session")
def recipes() -> str:
    """Where the recipes' files are in the checkout."""
    return f"{CHECKOUT}/{(DOCS / 'recipes').relative_to(PROJECT_ROOT)}"
