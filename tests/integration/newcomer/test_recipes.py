"""The recipe for the exporter, on a Debian that systemd has booted: installed, served, closed to others, encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.bare import Bare, Booted, Ran
from tests.lab.certificates import Authority
from tests.lab.daemons import wait_until

pytestmark = pytest.mark.slow

UNIT = "hvinspect-exporter.service"


@pytest.fixture(scope="module")
def machine(host: Bare, offered: Path, recipes: str) -> Iterator[Booted]:
    """It runs, libvirt with one guest on it; the exporter was installed while it had a network."""
    installed = host.run("sh -eux install.sh", folder=recipes, wheels=offered)
    assert installed.status == 0, installed.output
    with host.booted() as booted:
        done = booted.run("ip link set lo up; virsh -c qemu:///system create --paused web.xml")
        assert done.status == 0, done.output
        served = booted.run("sh -eux service.sh", folder=recipes)
        assert served.status == 0, served.output
        yield booted


def page(machine: Booted, *words: str) -> str:
    """What the exporter serves, when it does."""
    told: list[Ran] = []

    def answers() -> bool:
        told.append(machine.run("python3 fetch.py " + " ".join(words)))
        return told[-1].status == 0

    wait_until(answers, what=f"it serves: {machine.run(f'journalctl -u {UNIT}').output}", timeout=60)
    return told[-1].output


def test_the_service_serves_the_hosts_guests(machine: Booted, series: str) -> None:
    assert series in page(machine, "http://127.0.0.1:9688/metrics")


def test_it_runs_as_its_account_without_any_privilege(machine: Booted) -> None:
    process = f"$(systemctl show --value --property MainPID {UNIT})"
    ran = machine.run(f"process={process}; stat -c %U /proc/$process; cat /proc/$process/status")
    assert "\nhvinspect\n" in ran.output
    for line in ("CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in ran.output, ran.output


def test_it_reads_where_others_may_not(machine: Booted, recipes: str, series: str) -> None:
    rule = f"{recipes}/60-libvirt-closed.rules"
    others = "setpriv --reuid=65534 --regid=65534 --clear-groups virsh -c qemu:///system -r list"
    assert machine.run(others).status == 0
    assert machine.run(f"install -m 644 {rule} -t /etc/polkit-1/rules.d; systemctl restart {UNIT}").status == 0
    wait_until(lambda: machine.run(others).status != 0, what="polkit has the rule", timeout=30)
    assert series in page(machine, "http://127.0.0.1:9688/metrics")


def test_with_the_drop_in_it_asks_for_a_password_by_tls(
    machine: Booted, bare: Bare, recipes: str, series: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "authority")
    files = authority.server("exporter", hosts=["IP:127.0.0.1"])
    folder = bare.root / "etc/hvinspect"
    folder.mkdir(mode=0o700)
    for name, text in (
        ("certificate.pem", (files / "servercert.pem").read_text()),
        ("key.pem", (files / "serverkey.pem").read_text()),
        ("authority.pem", authority.certificate.read_text()),
        ("password", "not a secret\n"),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    drop_in = f"install -D -m 644 {recipes}/hvinspect-exporter-tls.conf /etc/systemd/system/{UNIT}.d/tls.conf"
    done = machine.run(f"{drop_in}; systemctl daemon-reload; systemctl restart {UNIT}")
    assert done.status == 0, done.output
    assert series in page(machine, "https://127.0.0.1:9688/metrics", "'prometheus:not a secret'")
    assert machine.run("python3 fetch.py https://127.0.0.1:9688/metrics prometheus:guessed").status != 0


def test_it_ends_cleanly_when_it_is_told_to(machine: Booted) -> None:
    told = machine.run(f"systemctl stop {UNIT}; systemctl show --property Result,ExecMainStatus {UNIT}").output
    assert "Result=success" in told
    assert "ExecMainStatus=0" in told
