"""The recipe for a container, with the distribution's podman: the image built, the container run beside libvirt.

No registry is asked: the image that the recipe begins with is made by debootstrap, under its name. And crun raises the
limit on locked memory for a cgroup's devices, which not every machine lets it: so the image is built without a runtime,
and the container has no cgroup of its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.newcomer.page import DOCS
from tests.lab.bare import Bare, Booted
from tests.lab.daemons import wait_until

pytestmark = pytest.mark.slow

RECIPES = DOCS / "recipes"
BUILD, RUN = re.findall(r"^podman (?:.+\\\n)*.+$", (RECIPES / "container.sh").read_text(), flags=re.MULTILINE)
((BASE, SUITE),) = set(
    re.findall(r"^FROM (debian:(\w+)-slim)", (RECIPES / "Containerfile").read_text(), flags=re.MULTILINE)
)
# What pip was told here goes in with the image, and the folders that it looks in are bound in while it is built.
IMPORT = f"""
apt-get -q --yes --no-install-recommends install podman crun iptables
mkdir -p /etc/containers
podman import --quiet base.tar localhost/bare
rm base.tar
(
    echo FROM localhost/bare
    env | sed -n 's/^\\(PIP_[A-Z_]*\\)=\\(.*\\)/ENV \\1="\\2"/p'
) | podman build --quiet --tag docker.io/library/{BASE} -
(
    echo '[containers]'
    printf 'volumes = ['
    for folder in $PIP_FIND_LINKS; do printf '"%s:%s:ro",' $folder $folder; done
    echo ']'
) > /etc/containers/containers.conf
"""
FETCH = "python3 fetch.py http://127.0.0.1:9688/metrics"


@pytest.fixture(scope="module")
def machine(host: Bare, offered: Path, recipes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    """A host with libvirt, one guest, and the container; built while there was a network."""
    base = Bare.make(tmp_path_factory.mktemp("base") / "root", suite=SUITE)
    shutil.make_archive(str(host.root / "root" / "base"), "tar", base.root)
    prepared = host.run(IMPORT, wheels=offered)
    assert prepared.status == 0, prepared.output
    built = host.run(f"export BUILDAH_ISOLATION=chroot\n{BUILD}", folder=recipes, wheels=offered)
    assert built.status == 0, built.output
    (host.root / "etc/containers/containers.conf").write_text('[containers]\ncgroups = "disabled"\n')
    with host.booted() as booted:
        done = booted.run(f"ip link set lo up; virsh -c qemu:///system create --paused web.xml\n{RUN}", folder="/root")
        assert done.status == 0, done.output
        yield booted


def is_served(machine: Booted, series: str) -> None:
    """Wait until it is on the container's page."""
    wait_until(
        lambda: series in machine.run(FETCH).output,
        what=f"{series} is served: {machine.run('podman logs hvinspect').output}",
        timeout=60,
    )


def test_it_serves_the_hosts_guests(machine: Booted, series: str) -> None:
    is_served(machine, series)


def test_it_has_no_privileges_and_sees_only_itself(machine: Booted) -> None:
    status = machine.run("podman exec hvinspect cat /proc/1/cmdline /proc/self/status").output
    assert "hvinspect" in status
    for line in ("Uid:\t65534", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
        assert line in status, status


def test_it_cannot_write_where_the_sockets_are_nor_anywhere_else(machine: Booted) -> None:
    for path in ("/run/libvirt/made", "/opt/made"):
        told = machine.run(f"podman exec --user 0 hvinspect touch {path}")
        assert told.status != 0
        assert "Read-only file system" in told.output


def test_it_goes_on_when_the_daemon_is_started_again(machine: Booted, series: str) -> None:
    is_served(machine, series)
    # Not the units of its sockets, which stay: it makes sockets of its own.
    done = machine.run(
        "ls -i /run/libvirt/libvirt-sock-ro; systemctl restart libvirtd.service libvirtd-ro.socket; true"
    )
    assert done.status == 0, done.output
    is_served(machine, series)
