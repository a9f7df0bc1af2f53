"""Watch many hosts from one asyncio program: python tasks.py TARGET..."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable

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
                if before is not None:
                    show(target, hvinspect.rates(before, after))
                before = after
            await asyncio.sleep(EVERY)
    finally:
        if hv is not None:
            await asyncio.to_thread(hv.close)


async def watch_hosts(
    targets: Iterable[str], show: Callable[[str, hvinspect.RatesSnapshot], None], rounds: int = sys.maxsize
) -> None:
    """Each at its own pace."""
    await asyncio.gather(*(watch_host(target, show, rounds) for target in targets))


def total(target: str, rates: hvinspect.RatesSnapshot) -> None:
    """One line per host and turn."""
    cores = sum(guest.cpu_cores for guest in rates if guest.cpu_cores is not None)
    print(f"{target}: {cores:.2f} cores")


if __name__ == "__main__":
    asyncio.run(watch_hosts(sys.argv[1:], total))
