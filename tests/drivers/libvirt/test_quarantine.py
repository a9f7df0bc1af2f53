"""Who is read without the monitor, and what brings a guest there and back."""

from __future__ import annotations

from hvinspect.drivers._libvirt.quarantine import Quarantine

_SECOND = 1_000_000_000


def test_a_guest_is_in_it_until_it_answers() -> None:
    quarantine = Quarantine()
    quarantine.put(["a", "b"])
    quarantine.answered("a")
    assert quarantine.keys == ("b",)
    assert "b" in quarantine
    assert "a" not in quarantine


def test_a_guest_whose_cpu_time_grows_is_moving() -> None:
    quarantine = Quarantine()
    quarantine.put(["a", "b"])
    for key, cpu_ns in (("a", 5), ("b", 5), ("a", 6), ("b", 5)):
        quarantine.note_cpu(key, cpu_ns)
    assert quarantine.moving() == ["a"]


def test_a_guest_that_moved_once_counts_as_moving_even_if_it_is_started_anew() -> None:
    quarantine = Quarantine()
    quarantine.put(["a"])
    for cpu_ns in (5, 6, 1):
        quarantine.note_cpu("a", cpu_ns)
    assert quarantine.moving() == ["a"]


def test_movement_before_it_came_does_not_speak_for_it() -> None:
    quarantine = Quarantine()
    quarantine.note_cpu("a", 5)
    quarantine.put(["a"])
    quarantine.note_cpu("a", 6)
    assert quarantine.moving() == []


def test_coming_again_does_not_forget_what_speaks_for_it() -> None:
    quarantine = Quarantine()
    quarantine.put(["a"])
    quarantine.note_cpu("a", 5)
    quarantine.put(["a"])
    quarantine.note_cpu("a", 6)
    assert quarantine.moving() == ["a"]


def test_a_guest_is_tried_on_suspicion_ever_more_seldom() -> None:
    quarantine = Quarantine()
    now, pauses = 0, []
    assert quarantine.may_try(now)
    for _ in range(6):
        quarantine.got_stuck("a", now)
        pause = next(second for second in range(100) if quarantine.may_try(now + second * _SECOND))
        pauses.append(pause)
        now += pause * _SECOND
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_guest_that_got_stuck_is_guarded_by_its_request() -> None:
    quarantine = Quarantine()
    quarantine.put(["a"])
    quarantine.got_stuck("a", 0)
    assert quarantine.keys == ()


def test_when_nothing_is_stuck_any_more_all_are_free_and_may_be_tried() -> None:
    quarantine = Quarantine()
    quarantine.put(["a", "b"])
    quarantine.got_stuck("a", 0)
    quarantine.release_all()
    assert quarantine.keys == ()
    assert quarantine.may_try(0)


def test_a_guest_that_is_gone_is_forgotten() -> None:
    quarantine = Quarantine()
    quarantine.put(["a", "b"])
    quarantine.keep({"b"})
    assert quarantine.keys == ("b",)


def test_of_unknown_guests_those_come_that_have_not_answered() -> None:
    quarantine = Quarantine()
    quarantine.answered("a")
    quarantine.put_unknown(["a", "b"])
    assert quarantine.keys == ("b",)


def test_a_guest_that_was_not_reached_since_it_answered_is_unknown() -> None:
    quarantine = Quarantine()
    for key in ("a", "b", "c"):
        quarantine.answered(key)
    quarantine.put(["a"])
    quarantine.got_stuck("b", 0)
    quarantine.release_all()
    quarantine.keep({"a", "b", "c"})
    quarantine.put_unknown(["a", "b", "c"])
    assert set(quarantine.keys) == {"a", "b"}


def test_a_guest_that_was_gone_is_unknown_when_it_is_there_again() -> None:
    quarantine = Quarantine()
    quarantine.answered("a")
    quarantine.keep(())
    quarantine.put_unknown(["a"])
    assert quarantine.keys == ("a",)
