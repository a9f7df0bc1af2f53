"""The screen of one instance. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from rich.text import Text

from hvinspect import Failure, Group, InstanceRates, InstanceStats
from hvinspect.cli import details, humane
from hvinspect.cli.frame import failure_line
from hvinspect.cli.watch import Reading
from hvinspect.driver import printable

from .history import sparkline
from .measures import Numbers
from .rows import Row

__all__ = ["Detail", "detail"]


class Detail(NamedTuple):
    """The screen, and how it scrolls."""

    lines: list[Text]
    #: Lines that fit at once.
    page: int
    #: Lines that can be scrolled away.
    furthest: int


@dataclass(frozen=True, slots=True)
class _Line:
    heading: str
    number: Callable[[Numbers], float | None]
    show: Callable[[float], str]


_HISTORY: Final[tuple[_Line, ...]] = (
    _Line("CPU cores", lambda of: of.cores, humane.cores),
    _Line("memory", lambda of: of.memory_bytes, humane.size),
    _Line("disk read", lambda of: of.disk_read_bytes_per_s, humane.rate),
    _Line("disk written", lambda of: of.disk_write_bytes_per_s, humane.rate),
    _Line("NIC received", lambda of: of.nic_rx_bytes_per_s, humane.rate),
    _Line("NIC sent", lambda of: of.nic_tx_bytes_per_s, humane.rate),
)
_HEADING_WIDTH: Final = 14
_VALUE_WIDTH: Final = 11
#: Values stand below one another unless the name of a device is long.
_PLACE_WIDTH: Final = 48
#: What is shown value by value: those of a group that nobody asked for are not missing.
_GROUPS: Final = frozenset({Group.STATE, Group.CPU, Group.MEMORY, Group.DISK, Group.NIC})


def detail(
    row: Row,
    reading: Reading,
    past: Sequence[Numbers],
    *,
    scrolled: int,
    width: int,
    height: int,
    ascii_only: bool,
) -> Detail:
    """Its numbers over the last readings, then every value there is, then every one that is missing and why."""
    title = Text(row.name, style="bold")
    title.append(f"  {row.state}", style="red" if row.troubled else "green")
    if row.instance.uuid is not None and str(row.instance.uuid) != row.name:
        title.append(f"  {row.instance.uuid}", style="not bold dim")
    lines = [title, *_pictures(past, width, ascii_only=ascii_only), Text("")]
    space = max(1, height - len(lines) - 1)
    body = list(_body(row, reading))
    furthest = max(0, len(body) - space)
    first = min(scrolled, furthest)
    lines += body[first : first + space]
    lines += [Text("")] * (height - 1 - len(lines))
    where = f"  {first + 1}-{min(len(body), first + space)} of {len(body)} lines" if len(body) > space else ""
    lines.append(Text(f"escape back  up, down scroll{where}", style="dim"))
    return Detail(lines, space, furthest)


def _pictures(past: Sequence[Numbers], width: int, *, ascii_only: bool) -> Iterator[Text]:
    room = max(0, width - _HEADING_WIDTH - _VALUE_WIDTH - 2)
    for one in _HISTORY:
        values = [one.number(numbers) for numbers in past]
        now = values[-1] if values else None
        line = Text(f"{one.heading:<{_HEADING_WIDTH}}{'-' if now is None else one.show(now):>{_VALUE_WIDTH}}  ")
        line.append(sparkline(values, room, ascii_only=ascii_only), style="cyan")
        yield line


def _body(row: Row, reading: Reading) -> Iterator[Text]:
    if isinstance(row.of, Failure):
        yield Text(failure_line(row.of), style="red")
        return
    yield from _values(row.of, reading)
    yield from _missing(row.of, reading)


def _values(stats: InstanceStats, reading: Reading) -> Iterator[Text]:
    rates = _own(stats, reading)
    alone = replace(reading.snapshot, instances=(stats,), failures=())
    found = [*(details.rate_values(rates) if rates else ()), *details.values(alone, _GROUPS)[stats.instance.key]]
    places = [_place(one.field.path, one.device) for one in found]
    width = min(_PLACE_WIDTH, max(map(len, places), default=0))
    for place, one in zip(places, found, strict=True):
        line = Text(f"{place:<{width}}  ")
        line.append(humane.exact(one.field, one.value), style="bold")
        yield line


def _missing(stats: InstanceStats, reading: Reading) -> Iterator[Text]:
    rates = _own(stats, reading)
    alone = replace(reading.snapshot, instances=(stats,), failures=())
    gaps = [*details.gaps(alone, _GROUPS), *(details.rate_gaps([rates]) if rates else ())]
    if gaps:
        yield Text("")
        yield Text("missing", style="bold")
    for gap in gaps:
        line = Text(f"{_place(gap.path, gap.device)}  ")
        line.append(printable(gap.absence, limit=humane.LONGEST_TEXT), style="dim")
        yield line


def _own(stats: InstanceStats, reading: Reading) -> InstanceRates | None:
    return reading.rates.get(stats.instance.key) if reading.rates else None


def _place(path: str, device: str | None) -> str:
    return path if device is None else f"{path} [{printable(device, limit=60)}]"
