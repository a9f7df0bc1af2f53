"""CPU time that is had now from one source and now from another never falls within one life."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from hvinspect.drivers._libvirt.cpu_time import CpuTimes

_TICK_NS = 10_000_000


def test_it_is_the_cgroups_while_that_is_the_source() -> None:
    times = CpuTimes()
    assert [times.exact("a", "life", given) for given in (5, 7, 11)] == [5, 7, 11]


def test_it_goes_on_by_what_info_surely_grew() -> None:
    times = CpuTimes()
    times.exact("a", "life", 100 * _TICK_NS)
    told = [times.coarse("a", "life", ticks * _TICK_NS) // _TICK_NS for ticks in (60, 60, 62, 65, 70)]
    assert told == [100, 100, 100, 103, 108]


def test_it_stands_still_until_the_cgroups_has_caught_up() -> None:
    times = CpuTimes()
    times.coarse("a", "life", 110)
    assert [times.exact("a", "life", given) for given in (104, 106, 111)] == [110, 110, 111]


def test_another_life_begins_anew() -> None:
    times = CpuTimes()
    times.coarse("a", "life", 100)
    assert times.exact("a", "second", 5) == 5
    assert times.coarse("a", "third", 3) == 3


def test_what_is_not_kept_is_forgotten() -> None:
    times = CpuTimes()
    for key in ("a", "b"):
        times.exact(key, "life", 100)
    times.keep({"b"})
    assert times.exact("a", "life", 50) == 50
    assert times.exact("b", "life", 50) == 100


@given(
    st.lists(st.tuples(st.integers(0, 3 * _TICK_NS), st.sampled_from(["exact", "coarse", "new life"])), max_size=50),
    st.integers(0, 3 * _TICK_NS),
    st.integers(0, 3 * _TICK_NS),
)
def test_it_never_falls_and_is_never_ahead_of_the_truth(
    steps: list[tuple[int, str]], kernel_threads_ns: int, system_ns: int
) -> None:
    times = CpuTimes()
    used, life = 0, 0
    given: dict[int, list[int]] = {}
    for more, step in steps:
        used += more
        if step == "new life":
            life, used = life + 1, 0
            continue
        # Each of two numbers in whole ticks, as /proc has them.
        ticks = used // _TICK_NS + system_ns // _TICK_NS
        truth = used + system_ns + kernel_threads_ns
        told = times.exact("a", str(life), truth) if step == "exact" else times.coarse("a", str(life), ticks * _TICK_NS)
        given.setdefault(life, []).append(told)
        # So another reader, who has the cgroup's, never sees it fall.
        assert told <= truth
    for series in given.values():
        assert all(before <= after for before, after in pairwise(series))
