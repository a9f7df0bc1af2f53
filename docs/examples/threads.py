"""Read many hosts side by side: python threads.py TARGET..."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import hvinspect


def read_host(target: str) -> hvinspect.Snapshot | hvinspect.Error:
    """What one host says, or what came instead: it has five seconds to be connected to and five to be read."""
    try:
        with hvinspect.connect(target, timeout=5.0) as hv:
            return hv.snapshot(timeout=5.0)
    except hvinspect.Error as error:
        return error


def read_hosts(targets: Iterable[str]) -> Iterator[tuple[str, hvinspect.Snapshot | hvinspect.Error]]:
    """All of them at once, so that one that hangs costs the others nothing."""
    targets = list(targets)
    with ThreadPoolExecutor(max_workers=max(1, len(targets))) as pool:
        yield from zip(targets, pool.map(read_host, targets), strict=True)


if __name__ == "__main__":
    for target, found in read_hosts(sys.argv[1:]):
        if isinstance(found, hvinspect.Error):
            print(f"{target}: {found.code}: {found}")
        else:
            print(f"{target}: {len(found.instances)} instances, {len(found.failures)} failures")
