"""The program that the page shows serves what it says."""

from __future__ import annotations

import socket
import subprocess
import sys

from hvinspect.testing import FakeHypervisor
from tests.bridges.page import TARGET, programs

from .scrape import parsed, value

# In a process of its own: prometheus_client's registry is the whole process', and what it starts serves until the end.
AROUND = """
import sys, urllib.request
from hvinspect.testing import FakeHypervisor, registered
from hvinspect.testing.fake import FakeDriver

host = FakeHypervisor(name={target!r}, seed=3)
with registered("libvirt", FakeDriver):
    exec({program!r}, {{}})
    with urllib.request.urlopen("http://127.0.0.1:{port}/metrics", timeout=20) as page:
        sys.stdout.buffer.write(page.read())
"""


def test_a_program_of_yours_serves_every_instance() -> None:
    (program,) = programs("prometheus.md")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "9688" in program
    words = AROUND.format(target=TARGET, program=program.replace("9688", str(port)), port=port)
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    page = parsed(done.stdout)
    assert value(page, "hvinspect_up") == 1
    with FakeHypervisor(seed=3) as same:
        states = [value(page, "hvinspect_instance_state", instance_key=key) for key in same.keys]
        assert states == [1] * len(same.keys)
