"""What each key changes."""

from __future__ import annotations

import pytest

from hvinspect.cli.top.rows import Order
from hvinspect.cli.top.view import View, pressed, settled

SHOWN = [f"guest-{number}" for number in range(30)]


def after(*keys: str, view: View | None = None) -> View:
    now = view or View()
    for key in keys:
        now = pressed(now, key, shown=SHOWN, page=10, furthest=50)
    return now


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["down"], 0),
        (["down", "down"], 1),
        (["j", "j", "k"], 0),
        (["down", "up", "up"], 0),
        (["end"], 29),
        (["end", "down"], 29),
        (["end", "home"], 0),
        (["down", "page down"], 10),
        (["down", "page down", "page down", "page down", "page down"], 29),
        (["end", "page up"], 19),
    ],
)
def test_the_cursor_moves_within_what_is_shown(keys: list[str], chosen: int) -> None:
    assert after(*keys).chosen == SHOWN[chosen]


def test_the_cursor_stays_on_its_instance_in_another_order() -> None:
    view = after("down", "down")
    assert pressed(view, "m", shown=SHOWN[::-1], page=10, furthest=0).chosen == "guest-1"


def test_the_cursor_begins_anew_where_its_instance_is_gone() -> None:
    assert after("down", view=View(chosen="gone")).chosen == "guest-0"


def test_nothing_can_be_chosen_where_there_is_nothing() -> None:
    for key in ("down", "enter", "end", "home", "page down"):
        assert pressed(View(), key, shown=[], page=10, furthest=0) == View()


@pytest.mark.parametrize("order", list(Order))
def test_a_letter_chooses_the_order(order: Order) -> None:
    assert after(order.value, view=View(order=Order.CPU, reverse=True)) == View(order=order)


def test_the_order_is_reversed_and_back() -> None:
    assert after("r").reverse
    assert not after("r", "r").reverse


def test_a_filter_takes_letters_that_are_keys_elsewhere() -> None:
    view = after("/", "q", "p", " ", "x", "backspace", "enter")
    assert (view.filter, view.typing, view.quit, view.paused) == ("qp ", False, False, False)


def test_escape_forgets_the_filter() -> None:
    assert after("/", "a", "escape") == View()
    assert after("/", "a", "enter", "escape") == View()


def test_a_filter_does_not_grow_without_end() -> None:
    assert len(after("/", *("x" * 200)).filter) == 60


def test_enter_opens_the_chosen_one_and_escape_leads_back() -> None:
    view = after("down", "down", "enter")
    assert (view.chosen, view.detail) == ("guest-1", True)
    assert not after("escape", view=view).detail


def test_details_scroll_and_never_above_their_beginning() -> None:
    view = after("enter", "down", "page down")
    assert view.scrolled == 11
    assert after("page up", "page up", view=view).scrolled == 0
    assert after("home", view=view).scrolled == 0


def test_details_scroll_no_further_than_their_end() -> None:
    view = after("enter", *["page down"] * 20)
    assert view.scrolled == 50
    assert after("up", view=view).scrolled == 49
    assert after("enter", "end") == view
    # There is less to see than at the reading before.
    assert pressed(view, "up", shown=SHOWN, page=10, furthest=20).scrolled == 19


def test_details_of_one_that_is_gone_are_closed() -> None:
    view = after("down", "enter", "down")
    assert settled(view, SHOWN) == view
    assert settled(view, SHOWN[1:]) == View(chosen=SHOWN[0])


@pytest.mark.parametrize("keys", [[], ["enter"], ["h"]])
def test_q_quits_everywhere(keys: list[str]) -> None:
    assert after(*keys, "q").quit


def test_any_key_leaves_the_help_and_does_nothing_else() -> None:
    assert after("h", "p") == View()


@pytest.mark.parametrize("key", ["p", " "])
def test_a_pause_ends_with_the_key_that_began_it(key: str) -> None:
    assert after(key).paused
    assert not after(key, key).paused
