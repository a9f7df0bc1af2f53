"""Watch many hosts from one asyncio program: python tasks.py TARGET..."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import hvinspect

EVERY = 10.0


async def watch_host(target: str, show: Callable[[str, hvinspect.RatesSnapshot], None], rounds: int) -> None:
    """Read one host again and again over one connection; what fails is tried again in its next turn."""
    hv = before = None
    try:
        for _ in range(rounds):
            try:
                if hv is None:
                    hv = await asyncio.to_thread(hvinspect.connect, target, timeout=5.0)
                after = await asyncio.to_thread(hv.snapshot, timeout=5.0)
            except hvinspect.Error as error:
                print(f"{target}: {error.code}: {error}", file=sys.stderr)
                if not error.retryable:
                    return
            else:
                rates = since(before, after)
                if rates is not None:
                    show(target, rates)
                before = after
            await asyncio.sleep(EVERY)
    finally:
        if hv is not None:
            await asyncio.to_thread(hv.close)


def since(before: hvinspect.Snapshot | None, after: hvinspect.Snapshot) -> hvinspect.RatesSnapshot | None:
    """What happened between the two; None for the first, and where they are not of one host."""
    if before is None:
        return None
    try:
        return hvinspect.rates(before, after)
    except ValueError:  # another host behind the target now, or a clock set back: as if this were the first reading
        return None


async def watch_hosts(
    targets: Iterable[str], show: Callable[[str, hvinspect.RatesSnapshot], None], rounds: int = sys.maxsize
) -> None:
    """Each at its own pace, with a thread for each, so that one that hangs holds up no other."""
    targets = list(targets)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=max(1, len(targets))))
    await asyncio.gather(*(watch_host(target, show, rounds) for target in targets))


def total(target: str, rates: hvinspect.RatesSnapshot) -> None:
    """One line per host and turn."""
    cores = sum(guest.cpu_cores for guest in rates if guest.cpu_cores is not None)
    print(f"{target}: {cores:.2f} cores")


if __name__ == "__main__":
    asyncio.run(watch_hosts(sys.argv[1:], total))
