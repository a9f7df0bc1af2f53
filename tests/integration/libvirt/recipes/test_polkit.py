"""A rule of polkit's lets one account read, and another keeps the others out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.libvirt import nobody
from tests.integration.libvirt.recipes.account import account
from tests.integration.libvirt.recipes.shown import CLOSED, READS
from tests.lab.daemons import wait_until
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

TARGET = "libvirt:qemu:///system"
RULES = Path("/etc/polkit-1/rules.d")
DENIED = 6


def reads(user: int) -> bool:
    """Is that user let in, or denied? Nothing else may come of it."""
    status = nobody.hvinspect("list", TARGET, user=user).returncode
    assert status in {0, DENIED}
    return status == 0


@pytest.fixture(scope="module")
def reader(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The account's number, on a host where nobody else may read."""
    lab.polkit.start()
    with account(tmp_path_factory.mktemp("account")) as user:
        shutil.copy(CLOSED, RULES)
        try:
            wait_until(lambda: not reads(user), what="polkit keeps everybody out", timeout=30)
            shutil.copy(READS, RULES)
            wait_until(lambda: reads(user), what="polkit lets the account in", timeout=30)
            yield user
        finally:
            for rule in (CLOSED, READS):
                (RULES / rule.name).unlink(missing_ok=True)
            wait_until(lambda: reads(nobody.UID), what="polkit let the rules go", timeout=30)


def test_the_account_reads_all_default_groups(reader: int, two_busy_guests: tuple[Guest, Guest]) -> None:
    told = nobody.hvinspect("stats", TARGET, user=reader)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(guest.spec.name in told.stdout for guest in two_busy_guests)


def test_another_account_does_not(reader: int) -> None:
    assert not reads(nobody.UID)


def test_it_may_not_write(reader: int, two_busy_guests: tuple[Guest, Guest]) -> None:
    words = ("stats", TARGET, "--option", "access=write", "--group", "guest_agent", "--json")
    told = nobody.hvinspect(*words, user=reader)
    assert told.returncode == 0, told.stderr
    assert "org.libvirt.unix.manage" in told.stdout
