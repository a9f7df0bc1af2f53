"""A private OpenSSH server on loopback, and the command that logs in there; nothing is installed."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.integration.terminal.tmux import ROOT
from tests.lab import requirements
from tests.lab.daemons import wait_until
from tests.lab.unpacked import libraries, unpacked

__all__ = ["ssh", "there"]

# A server that runs as root wants a user of its own and a folder, which this machine need not have.
_WORLD = """
mount --bind "$1" /etc/passwd
mount -t tmpfs tmpfs /run
mkdir /run/sshd
shift
exec "$@"
"""


@contextmanager
def ssh(folder: Path) -> Generator[list[str]]:
    """What goes before a command that is to be run there, on a terminal of its own."""
    root = unpacked("openssh", "openssh-server", "openssh-client")
    programs = {name: _program(root, name) for name in ("usr/sbin/sshd", "usr/bin/ssh", "usr/bin/ssh-keygen")}
    sshd, client, keygen = programs.values()
    environment = {"PATH": requirements.SYSTEM_PATH, **({"LD_LIBRARY_PATH": libraries(root)} if root else {})}
    for name in ("host", "user"):
        command = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, env=environment)
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port: int = chosen.getsockname()[1]
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'user.pub'}\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\nPrintMotd no\nPrintLastLog no\n"
    )
    server = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]
    if os.geteuid() == 0:
        passwd = folder / "passwd"
        passwd.write_text(Path("/etc/passwd").read_text() + "\nsshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n")
        unshare = requirements.program("unshare")
        server = [unshare, "--mount", "--propagation=private", "sh", "-euc", _WORLD, "sh", str(passwd), *server]
    log = folder / "sshd.log"
    with log.open("wb") as output:
        process = subprocess.Popen(server, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
    try:
        wait_until(lambda: "Server listening" in log.read_text(), what="sshd listens", timeout=30, log=log)
        yield [
            *("env", *(f"{name}={value}" for name, value in environment.items()), client, "-q", "-F", "/dev/null"),
            *("-i", str(folder / "user"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("-p", str(port), "-t", f"{getpass.getuser()}@127.0.0.1"),
        ]
    finally:
        process.terminate()
        process.wait(10)


def there(command: Sequence[str]) -> str:
    """*command* as one word, with what it needs of the environment."""
    return shlex.join(["env", f"PYTHONPATH={ROOT}", "LANG=C.UTF-8", *command])


def _program(root: Path | None, name: str) -> str:
    found = (root / name) if root is not None and (root / name).exists() else Path("/", name)
    return str(found)
