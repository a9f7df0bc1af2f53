"""Who may read: root, and an ordinary account with what root gave it. Each way that docs/drivers/xen.md tells of."""

from __future__ import annotations

import json
import sys

import pytest

import hvinspect
from hvinspect import State
from tests.integration.xen.reading import read
from tests.lab.xen.dom0 import account
from tests.lab.xen.dom0.guests import XlGuest

PRIVCMD, HYPERCALL, SOCKET = DEVICES = ("/dev/xen/privcmd", "/dev/xen/hypercall", "/run/xenstored/socket")
#: An agent: the names of the guests, or why it may not read them.
AGENT = """
import hvinspect
try:
    with hvinspect.connect("xen:", timeout=60) as hv:
        print(*(stats.instance.name for stats in hv.snapshot(timeout=60)))
except hvinspect.AccessDenied as refusal:
    print(refusal)
"""


def told(*, python: str = sys.executable, capability: str | None = None) -> str:
    """What the agent prints as an ordinary account; never anything on stderr, the vendor's library included."""
    done = account.run(python, "-c", AGENT, capability=capability)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


# CAP_SYS_ADMIN is asked for by nothing that is opened, and CAP_DAC_READ_SEARCH does not let write.
@pytest.mark.parametrize("capability", [None, "cap_sys_admin", "cap_dac_read_search"])
def test_an_ordinary_account_is_refused_with_what_it_may_not_open(capability: str | None) -> None:
    said = told(capability=capability)
    assert f"{PRIVCMD} may not be opened: Permission denied" in said
    assert "sudo" in said


@pytest.mark.parametrize("closed", DEVICES)
def test_a_group_that_may_open_all_but_one_is_refused_with_that_one(closed: str) -> None:
    with account.opened_to_its_group(*(path for path in DEVICES if path != closed)):
        assert f"{closed} may not be opened: Permission denied" in told()


def test_a_group_that_may_open_all_three_reads(pair: tuple[XlGuest, XlGuest]) -> None:
    with account.opened_to_its_group(*DEVICES):
        assert told() == "one two"


def test_a_capability_that_opens_any_file_reads(pair: tuple[XlGuest, XlGuest]) -> None:
    assert told(capability="cap_dac_override") == "one two"


def test_a_python_with_that_capability_reads(pair: tuple[XlGuest, XlGuest]) -> None:
    with account.python_with("cap_dac_override") as python:
        assert told(python=python) == "one two"


def test_whoever_may_open_them_may_do_more_than_read(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    with account.opened_to_its_group(*DEVICES):
        done = account.run("xl", "pause", guest.spec.name)
    paused = read(hv, guest).state
    guest.unpause()
    assert (done.returncode, paused) == (0, State.PAUSED)


def test_one_command_by_sudo_reads_and_nothing_else_is_allowed(pair: tuple[XlGuest, XlGuest]) -> None:
    with account.sudo_allows(r"stats --json xen\:") as command:
        read_by_sudo = account.run("sudo", "-n", command, "stats", "--json", "xen:")
        other = account.run("sudo", "-n", command, "stats", "--json", "libvirt:xen:///system")
    assert (read_by_sudo.returncode, read_by_sudo.stderr) == (0, "")
    assert {one["instance"]["name"] for one in json.loads(read_by_sudo.stdout)["instances"]} == {"one", "two"}
    assert (other.returncode, other.stdout) == (1, "")
