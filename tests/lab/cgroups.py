"""The lab's own branch of every cgroup hierarchy: made before the lab, entered by its init, swept after it.

A libvirt driver keeps its machines' CPU time in cgroups, so the lab needs real ones. They outlive the
processes in them, unlike namespaces and mounts; that is why a process outside the lab removes them.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab import kernel

PREFIX = "hvinspect-lab-"
ROOT = Path("/sys/fs/cgroup")

# On version 2 a cgroup with processes cannot give controllers to its children, so the lab's own processes
# live one level below the branch and libvirt makes its "machine" beside them.
_LEAF = "lab"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One mounted cgroup hierarchy: version 1 with its controllers, or version 2 with none named."""

    mount_point: Path
    controllers: tuple[str, ...]
    branch_parent: Path

    @property
    def is_version_two(self) -> bool:
        """Whether this is the unified hierarchy."""
        return not self.controllers


def hierarchies() -> tuple[Hierarchy, ...]:
    """The hierarchies a lab uses: those of version 1 with real controllers, or else the unified one.

    On a hybrid machine libvirt's LXC driver fails when it sees the unified or systemd's named hierarchy
    ("Unable to create directory /sys/fs/cgroup/unified"), and neither has controllers, so both are left out.
    """
    own = _own_paths()
    first: list[Hierarchy] = []
    second: list[Hierarchy] = []
    seen: set[tuple[str, ...]] = set()
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        mount_root, mount_point = fields[3], Path(fields[4])
        kind, _, options = right.split(maxsplit=2)
        if kind == "cgroup2":
            # At the root, for only there may processes sit beside a branch that has controllers.
            second.append(Hierarchy(mount_point, controllers=(), branch_parent=mount_point))
        elif kind == "cgroup":
            controllers = next((key for key in own if key and set(key) <= set(options.split(","))), None)
            if controllers is None or controllers in seen:
                continue
            seen.add(controllers)
            parent = mount_point / _below(own[controllers], mount_root)
            first.append(Hierarchy(mount_point, controllers, branch_parent=parent))
    return tuple(first) or tuple(second[:1])


def _own_paths() -> dict[tuple[str, ...], str]:
    paths: dict[tuple[str, ...], str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers.startswith("name="):
            paths[tuple(controllers.split(",")) if controllers else ()] = path
    return paths


def _below(path: str, root: str) -> str:
    relative = os.path.relpath(path, root)
    return "." if relative.startswith("..") else relative


def make(name: str) -> None:
    """Make the branch *name* in every hierarchy."""
    for hierarchy in hierarchies():
        branch = hierarchy.branch_parent / name
        branch.mkdir(exist_ok=True)
        if hierarchy.is_version_two:
            (branch / _LEAF).mkdir(exist_ok=True)
        if "cpuset" in hierarchy.controllers:
            # A new cpuset is empty and takes no process until it has CPUs and memory nodes.
            for setting in ("cpuset.cpus", "cpuset.mems"):
                (branch / setting).write_text((hierarchy.branch_parent / setting).read_text())


def enter(name: str) -> None:
    """Move the caller into the branch and make that the root of its cgroup namespace.

    Leaves the caller without mounted hierarchies: the host's, seen from the new namespace, are of no use.
    """
    found = hierarchies()
    for hierarchy in found:
        (hierarchy.branch_parent / name / "cgroup.procs").write_text(f"{os.getpid()}\n")
    kernel.unshare(kernel.CLONE_NEWCGROUP)
    for hierarchy in found:
        if hierarchy.is_version_two:
            branch = hierarchy.branch_parent / name
            (branch / _LEAF / "cgroup.procs").write_text(f"{os.getpid()}\n")
            _hand_down(branch)


def mount(found: tuple[Hierarchy, ...]) -> None:
    """Mount the hierarchies *found* outside as the caller's namespace sees them, over a fresh /sys."""
    if len(found) == 1 and found[0].is_version_two:
        kernel.mount("cgroup2", ROOT, kind="cgroup2")
        return
    kernel.mount("tmpfs", ROOT, kind="tmpfs", options="mode=755")
    for hierarchy in found:
        target = ROOT / hierarchy.mount_point.name
        target.mkdir()
        kernel.mount("cgroup", target, kind="cgroup", options=",".join(hierarchy.controllers))
        for controller in hierarchy.controllers:
            if controller != target.name:
                (ROOT / controller).symlink_to(target.name)


def _hand_down(directory: Path) -> None:
    control = directory / "cgroup.subtree_control"
    given = set(control.read_text().split())
    for controller in set((directory / "cgroup.controllers").read_text().split()) - given:
        try:
            control.write_text(f"+{controller}\n")
        except OSError:
            # Some controllers are refused (real-time tasks, a delegated subtree); libvirt copes without.
            continue


def branches() -> Iterator[Path]:
    """The branches of all labs, living and dead, in all hierarchies."""
    for hierarchy in hierarchies():
        yield from sorted(hierarchy.branch_parent.glob(f"{PREFIX}*"))


def remove(name: str, *, timeout: float = 30.0) -> None:
    """Remove the branch *name* from every hierarchy once its last process is gone."""
    deadline = time.monotonic() + timeout
    for hierarchy in hierarchies():
        branch = hierarchy.branch_parent / name
        while branch.exists() and not _prune(branch) and time.monotonic() < deadline:
            time.sleep(0.02)


def sweep() -> None:
    """Remove the branches of labs that died together with the process meant to remove them."""
    for branch in tuple(branches()):
        match = re.fullmatch(rf"{PREFIX}(\d+)", branch.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            _prune(branch)


def _prune(branch: Path) -> bool:
    for directory, _, _ in os.walk(branch, topdown=False):
        try:
            Path(directory).rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True
