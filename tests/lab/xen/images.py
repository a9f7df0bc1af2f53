"""Builds what an emulator boots, once per versions of the packages: Xen, kernel, dom0's root, guests' modules."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import image, newc, requirements, settings
from tests.lab.xen import apt, modules, vmlinux
from tests.lab.xen.bounded import within
from tests.lab.xen.release import Release

_HERE: Final = Path(__file__).parent
_DAY: Final = 86400
_DIGITS: Final = 12
_MIB: Final = 1024 * 1024
#: Seconds for all of it, with the download: 80 on an idle machine.
_ALL: Final = 1200.0
# Debian's own place of them, and where that is a link to.
_MERGED: Final = ("bin", "sbin", "lib", "lib64")
_FIRST_MODULES: Final = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
_DOM0_MODULES: Final = (
    *("xenfs", "xen_privcmd", "xen_evtchn", "xen_gntdev", "xen_gntalloc", "xen_blkback", "xen_netback"),
    *("loop", "bridge", "tun", "virtio_console"),
)
_GUEST_MODULES: Final = ("xen_blkfront", "xen_netfront")
_NOT_NEEDED: Final = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/zoneinfo")
_APPLETS: Final = (
    *("awk", "basename", "cat", "chmod", "cp", "cut", "date", "dd", "dirname", "echo", "env", "expr", "false", "find"),
    *(
        "grep",
        "head",
        "hostname",
        "id",
        "ip",
        "kill",
        "ln",
        "losetup",
        "ls",
        "mkdir",
        "mknod",
        "mount",
        "mv",
        "nc",
        "ping",
    ),
    *("poweroff", "ps", "readlink", "rm", "sed", "seq", "sh", "sleep", "sort", "stat", "stty", "sync", "tail", "tar"),
    *("tee", "test", "timeout", "touch", "tr", "true", "umount", "uname", "wc"),
)
_PASSWD: Final = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
_GROUP: Final = "root:x:0:\nlibvirt:x:101:\nkvm:x:102:\nnogroup:x:65534:\n"


@final
@dataclass(frozen=True, slots=True)
class Images:
    """What one release boots; all of it stays as it is while the project changes."""

    folder: Path

    @property
    def hypervisor(self) -> Path:
        """Xen itself."""
        return self.folder / "xen"

    @property
    def kernel(self) -> Path:
        """The kernel of dom0 and of the guests."""
        return self.folder / "vmlinux"

    @property
    def initramfs(self) -> Path:
        """What dom0 begins with."""
        return self.folder / "initramfs"

    @property
    def root(self) -> Path:
        """The image of dom0's root file system."""
        return self.folder / "root.img"

    @property
    def tree(self) -> Path:
        """The files in it, for running its Python here."""
        return self.folder / "tree"

    @property
    def guest_modules(self) -> tuple[Path, ...]:
        """A guest's modules, in the order of loading."""
        return tuple(sorted((self.folder / "guest").iterdir()))

    @property
    def busybox(self) -> Path:
        """The busybox of dom0 and of the guests."""
        return self.tree / "usr/bin/busybox"


def build(release: Release) -> Images:
    """The images of *release*, built now if the cache lacks them; two may build at once.

    Raises:
        requirements.Missing: apt does not have the packages.
        TookTooLong: they were not built in their time.
    """
    with within(_ALL, f"building the images of Xen {release.xen}"):
        return _built(release)


def _built(release: Release) -> Images:
    settings.CACHE.mkdir(exist_ok=True)
    manager = apt.Apt(release, settings.CACHE)
    packages = manager.packages()
    target = settings.CACHE / f"xen-{release.xen}-{_digest(packages)}"
    if not target.exists():
        for old in settings.CACHE.glob(f"xen-{release.xen}-{'[0-9a-f]' * _DIGITS}"):
            # Not those that another run may boot just now, from another state of the project.
            if time.time() - old.stat().st_mtime > _DAY:
                shutil.rmtree(old)
        with tempfile.TemporaryDirectory(dir=settings.CACHE, prefix="building-") as name:
            building = Path(name) / target.name
            pool = Path(name) / "packages"
            pool.mkdir()
            manager.download(packages, pool)
            building.mkdir()
            _build(Images(building), pool)
            try:
                building.rename(target)
            except OSError:
                # Another run was faster; its result is the same.
                if not target.exists():
                    raise
    return Images(target)


def _digest(packages: tuple[apt.Package, ...]) -> str:
    what = hashlib.sha256(repr(packages).encode())
    own, others = ("images.py", "modules.py", "vmlinux.py", "scripts/first.sh"), ("image.py", "newc.py")
    for file in (*(_HERE / name for name in own), *(_HERE.parent / name for name in others)):
        what.update(file.read_bytes())
    return what.hexdigest()[:_DIGITS]


def _build(images: Images, pool: Path) -> None:
    tree = images.tree
    for name in _MERGED:
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for archive in sorted(pool.glob("*.deb")):
        _unpack(archive, tree)
    for name in _NOT_NEEDED:
        shutil.rmtree(tree / name, ignore_errors=True)
    (kernel,) = tree.glob("boot/vmlinuz-*")
    version = kernel.name.removeprefix("vmlinuz-")
    images.kernel.write_bytes(vmlinux.unpack(kernel.read_bytes()))
    (hypervisor,) = tree.glob("boot/xen-*-amd64.gz")
    images.hypervisor.write_bytes(gzip.decompress(hypervisor.read_bytes()))
    shutil.rmtree(tree / "boot")
    _keep_modules(images, version)
    images.initramfs.write_bytes(_initramfs(images, version))
    _furnish(images)
    _compile(tree)
    make_filesystem(tree, images.root, spare=128 * _MIB)


def _unpack(archive: Path, tree: Path) -> None:
    # Not dpkg: it does not follow the links of the merged folders.
    with subprocess.Popen(
        [requirements.program("dpkg-deb"), "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE
    ) as packed:
        # Devices and owners are of no use in an image that only root enters.
        tar = [requirements.program("tar"), "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(tree)]
        subprocess.run(tar, stdin=packed.stdout, check=True)
    if packed.returncode != 0:
        raise subprocess.CalledProcessError(packed.returncode, packed.args)


def _keep_modules(images: Images, version: str) -> None:
    """Of thousands of modules the few that are used."""
    modules.index(images.tree, version)
    folder = images.tree / "lib/modules" / version
    guest = images.folder / "guest"
    guest.mkdir()
    for number, path in enumerate(modules.in_order(folder, _GUEST_MODULES)):
        (guest / f"{number:02}-{path.name.split('.')[0]}.ko").write_bytes(image.unpacked(path))
    keep = set(modules.in_order(folder, (*_FIRST_MODULES, *_DOM0_MODULES)))
    for path in folder.rglob("*.ko*"):
        if path not in keep:
            path.unlink()
    modules.index(images.tree, version)


def _initramfs(images: Images, version: str) -> bytes:
    archive = newc.Archive()
    for directory in ("bin", "dev", "proc", "sys", "root", "modules"):
        archive.directory(directory)
    image.add_busybox(archive, images.busybox.read_bytes())
    folder = images.tree / "lib/modules" / version
    names = []
    for path in modules.in_order(folder, _FIRST_MODULES):
        names.append(path.name.split(".")[0])
        archive.file(f"modules/{names[-1]}.ko", image.unpacked(path))
    archive.file("modules/order", "".join(f"{name}.ko\n" for name in names).encode())
    archive.file("init", (_HERE / "scripts/first.sh").read_bytes(), mode=0o755)
    return archive.finished()


def _furnish(images: Images) -> None:
    """What installing the packages would have made."""
    tree = images.tree
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "project", "boot", "var/lib/xen", "var/log/xen"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name, to in (("var/run", "/run"), ("var/lock", "/run/lock")):
        if not (tree / name).is_symlink():
            shutil.rmtree(tree / name, ignore_errors=True)
            (tree / name).symlink_to(to)
    for applet in _APPLETS:
        if not any(os.path.lexists(tree / place / applet) for place in ("usr/bin", "usr/sbin")):
            (tree / "usr/bin" / applet).symlink_to("busybox")
    (tree / "etc/passwd").write_text(_PASSWD, encoding="utf-8")
    (tree / "etc/group").write_text(_GROUP, encoding="utf-8")
    shutil.copyfile(images.kernel, tree / "boot/vmlinux")
    subprocess.run([requirements.program("ldconfig"), "-r", str(tree)], check=True, capture_output=True)


def _compile(tree: Path) -> None:
    """Compile the standard library and the packages' modules, which an emulated CPU takes minutes for."""
    run_python(tree, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash",
               "-s", str(tree), *(str(path) for path in _python_folders(tree)))  # fmt: skip


def _python_folders(tree: Path) -> Iterator[Path]:
    yield from tree.glob("usr/lib/python3*")
    yield from tree.glob("usr/lib/xen-*/lib/python")


def run_python(tree: Path, *arguments: str) -> None:
    """Run the Python of *tree* here, by its own loader and libraries; what it cannot compile is no matter."""
    (loader,) = tree.glob("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    libraries = tree / "usr/lib/x86_64-linux-gnu"
    python = (tree / "usr/bin/python3").resolve()
    environment = {"PYTHONHOME": str(tree / "usr"), "LC_ALL": "C.UTF-8"}
    command = [str(loader), "--library-path", str(libraries), str(python), *arguments]
    subprocess.run(command, env=environment, check=False, capture_output=True)


def make_filesystem(tree: Path, target: Path, *, spare: int) -> None:
    """Make the image of a file system with all that is in *tree*, owned by root, and *spare* bytes of room."""
    # A block for each file's end and for its inode, besides what it holds.
    used = sum(path.lstat().st_size + 8192 for path in tree.rglob("*"))
    size = (used + used // 10 + spare) // 1024
    options = ("-q", "-t", "ext4", "-O", "^has_journal", "-E", "root_owner=0:0,lazy_itable_init=1")
    command = [requirements.program("mke2fs"), *options, "-d", str(tree), str(target), f"{size}k"]
    # It says that it creates the file.
    subprocess.run(command, check=True, capture_output=True)
