"""What the user has asked to see, and what each key changes in it. No I/O here."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .rows import Order

__all__ = ["HELP", "View", "pressed", "settled"]

HELP: Final = (
    ("up, down, j, k", "choose an instance, or scroll its details"),
    ("page up, page down", "the same by a screen"),
    ("home, end", "the first, the last"),
    ("enter, right", "show the chosen instance in detail"),
    ("escape, left", "back; in the table: forget the filter"),
    ("c  m  d  n  i", "sort by CPU, memory, disk, net, instance"),
    ("t", "those in trouble first"),
    ("r", "reverse the order"),
    ("/", "show those with a text in name, uuid or state"),
    ("p, space", "pause: nothing is read until it is pressed again"),
    ("h, ?", "this help"),
    ("q", "quit"),
)
_ORDERS: Final = {order.value: order for order in Order}
_LONGEST_FILTER: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All of the user's wishes."""

    order: Order = Order.CPU
    reverse: bool = False
    filter: str = ""
    #: The filter is being typed.
    typing: bool = False
    paused: bool = False
    help: bool = False
    #: Key of the instance under the cursor; it stays there wherever the order takes it.
    chosen: str | None = None
    #: That instance fills the screen.
    detail: bool = False
    #: Lines of it that were scrolled away.
    scrolled: int = 0
    quit: bool = False


def pressed(view: View, key: str, *, shown: Sequence[str], page: int, furthest: int) -> View:
    """*view* after *key*.

    *shown* are the keys of the instances in their order, *page* how many of them, or of the lines of the details, fit
    the screen; *furthest* is how many of those lines can be scrolled away.
    """
    if view.typing:
        return _typed(view, key)
    if key == "q":
        return replace(view, quit=True)
    if view.help:
        return replace(view, help=False)
    if key in ("h", "?"):
        return replace(view, help=True)
    if key in ("p", " "):
        return replace(view, paused=not view.paused)
    return _in_detail(view, key, page, furthest) if view.detail else _in_table(view, key, shown, page)


def settled(view: View, there: Container[str | None]) -> View:
    """*view* after a reading: no details of an instance that is not *there* any more."""
    return replace(view, detail=False, scrolled=0) if view.detail and view.chosen not in there else view


def _typed(view: View, key: str) -> View:
    if key == "enter":
        return replace(view, typing=False)
    if key == "escape":
        return replace(view, typing=False, filter="")
    if key == "backspace":
        return replace(view, filter=view.filter[:-1])
    if len(key) == 1 and len(view.filter) < _LONGEST_FILTER:
        return replace(view, filter=view.filter + key)
    return view


def _in_detail(view: View, key: str, page: int, furthest: int) -> View:
    if key in ("escape", "left", "backspace", "enter"):
        return replace(view, detail=False, scrolled=0)
    if key == "home":
        return replace(view, scrolled=0)
    if key == "end":
        return replace(view, scrolled=furthest)
    # What was scrolled beyond an end that has come nearer since is no way back.
    to = min(view.scrolled, furthest) + _step(key, page)
    return replace(view, scrolled=min(furthest, max(0, to)))


def _in_table(view: View, key: str, shown: Sequence[str], page: int) -> View:
    if key in _ORDERS:
        return replace(view, order=_ORDERS[key], reverse=False)
    if key == "r":
        return replace(view, reverse=not view.reverse)
    if key == "/":
        return replace(view, typing=True)
    if key in ("escape", "left"):
        return replace(view, filter="")
    if not shown:
        return view
    at = shown.index(view.chosen) if view.chosen in shown else None
    if key in ("enter", "right"):
        return replace(view, chosen=shown[at or 0], detail=True, scrolled=0)
    if key == "home":
        return replace(view, chosen=shown[0])
    if key == "end":
        return replace(view, chosen=shown[-1])
    step = _step(key, page)
    if not step:
        return view
    # The first step from nowhere chooses the first.
    to = at + step if at is not None else 0
    return replace(view, chosen=shown[min(len(shown) - 1, max(0, to))])


def _step(key: str, page: int) -> int:
    return {"up": -1, "k": -1, "down": 1, "j": 1, "page up": -page, "page down": page}.get(key, 0)
