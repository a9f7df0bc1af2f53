"""``python -m benchmarks.distance FOLDER HOSTS MILLISECONDS``: libvirtd as so many hosts that are so far away.

Each is a socket in FOLDER that passes on what comes, both ways, after a while. It runs until its standard input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["distant_hosts"]

_DAEMON: Final = "/run/libvirt/libvirt-sock-ro"
_READY: Final = b"ready\n"


@contextmanager
def distant_hosts(folder: Path, hosts: int, milliseconds: float) -> Generator[None]:
    """The sockets ``host-0`` and so on, in *folder* until the end of the block."""
    command = [sys.executable, "-m", "benchmarks.distance", str(folder), str(hosts), str(milliseconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != _READY:
            raise RuntimeError("the distance could not be made; why is on standard error")
        try:
            yield
        finally:
            process.stdin.close()


async def _serve(folder: Path, hosts: int, seconds: float) -> None:
    async def taken(near_reader: asyncio.StreamReader, near_writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(_DAEMON)
        await asyncio.gather(_pass_on(near_reader, far_writer, seconds), _pass_on(far_reader, near_writer, seconds))

    for number in range(hosts):
        await asyncio.start_unix_server(taken, folder / f"host-{number}")
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    await asyncio.to_thread(sys.stdin.read)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, seconds: float) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            await asyncio.sleep(seconds)
            sink.write(data)
            await sink.drain()
    sink.close()


def main(arguments: Sequence[str]) -> None:
    """Serve."""
    folder, hosts, milliseconds = arguments
    asyncio.run(_serve(Path(folder), int(hosts), float(milliseconds) / 1000))


if __name__ == "__main__":
    main(sys.argv[1:])
