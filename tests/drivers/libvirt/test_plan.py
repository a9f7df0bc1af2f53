"""The planned way of decoding gives what the careful way gives, and is taken for the guests that a host is full of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, product
from typing import Any

import pytest

from hvinspect import DEFAULT_GROUPS, Group
from hvinspect.drivers._libvirt import layout, plan
from hvinspect.drivers._libvirt.decode import Reading, decode_carefully
from hvinspect.drivers._libvirt.describe import Description, describe
from hvinspect.drivers._libvirt.form import form_of
from hvinspect.drivers._libvirt.keys import DECIDING, DECIDING_IF_ZERO, MAPPED, STRUCTURE, pattern_of
from hvinspect.drivers._libvirt.lives import counted
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import LIMIT, Reply

from .case import TAKEN, all_cases, load

#: One in which a 0 may stand for what was not counted, and one in which it is a number.
_NEW, _OLD = 11_003_000, 9_000_000
#: Numbers that mean something somewhere: as a state, a reason, a count or a truth.
_MEANING = (0, 1, 2, 3, 5, 6, 7, 100)
#: What no number of libvirt's is, and what is one no more once it is multiplied.
_EDGES = (-1, LIMIT - 1, LIMIT, 2 * LIMIT - 1, LIMIT >> 10, (LIMIT >> 10) - 1, 9_223_372_036, 9_223_372_037, 1 << 32)
_NAMES = [name for name in all_cases() if load(name).bulk is not None]


def _reading(name: str, *, daemon_version: int = _OLD) -> Reading:
    case = load(name)
    return Reading(
        instance=case.decode().instance,
        life="life",
        taken=TAKEN,
        groups=DEFAULT_GROUPS,
        reply=Reply(case.bulk or {}),
        description=describe(case.xml, described_at=1),
        daemon_version=daemon_version,
    )


def _with(reading: Reading, change: Mapping[str, Any]) -> Reading:
    return replace(reading, reply=Reply({**reading.reply.values, **change}))


def _anew(reading: Reading) -> Reading:
    """*reading*, with a reply of which it is not known yet what it has where."""
    return _with(reading, {})


def _with_hole(reading: Reading, array: str) -> Reading:
    """*reading* with the second entry of *array* as the third: that many its count need not say."""
    values = {key.replace(f"{array}.1.", f"{array}.2."): value for key, value in reading.reply.values.items()}
    return replace(reading, reply=Reply(values))


_USUAL = _reading("running", daemon_version=_NEW)
_READINGS = {
    **{name: _reading(name, daemon_version=_NEW) for name in _NAMES},
    "old": _reading("images-written", daemon_version=_OLD),
    # Such as no recording has.
    "halted-0": _with(_USUAL, {"vcpu.0.halted": 0}),
    "block-hole": _with_hole(_reading("newest"), "block"),
    "net-hole": _with_hole(_USUAL, "net"),
}
#: Where it shows that each of these keys decides.
_SHOWS = {
    "state.state": "running",
    "state.reason": "running",
    "vcpu.current": "vcpu-hole",
    "vcpu.N.state": "bare",
    "block.count": "block-hole",
    "net.count": "net-hole",
    "vcpu.N.wait": "bare",
    "balloon.last-update": "running",
    "block.N.allocation": "images-written",
}


def _contradictions(
    reading: Reading, learnt: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Where what was learnt from two like *reading*, but for some values, is wrong for one with other changes."""
    others = [(change, _with(reading, change)) for change in changes]
    expected = [counted(decode_carefully(other)) for _, other in others]
    for taught in learnt:
        layout._layouts.clear()
        for _ in range(2):
            decode(_with(reading, taught))
        for (change, other), right in zip(others, expected, strict=True):
            if decode(_anew(other)) != right:
                yield taught, change


def _of_one_key(reading: Reading, key: str) -> Iterator[object]:
    """Contradictions between readings that differ at *key* alone."""
    kinds: list[tuple[object, ...]] = [_MEANING, (0.0, -0.0, 1.5), ("", "vda", "x"), (True, False)]
    for values in kinds:
        changes = [{key: value} for value in values]
        yield from _contradictions(reading, changes, changes)


@pytest.mark.parametrize("name", _READINGS)
@pytest.mark.once
def test_one_number_that_is_unlike_that_of_others_counts_by_itself(name: str) -> None:
    reading = _READINGS[name]
    values = reading.reply.values
    near = dict(zip(values, [*values.values()][1:], strict=False))
    changes = [{key: number} for key in values for number in (*_MEANING, *_EDGES, near.get(key))]
    assert not [*_contradictions(reading, [{}], changes)]


@pytest.mark.once
def test_it_is_no_matter_which_value_was_seen_first() -> None:
    seen: set[str] = set()
    for name, reading in _READINGS.items():
        for key in reading.reply.values:
            pattern = pattern_of(key)
            if pattern not in seen and (pattern in MAPPED or pattern in STRUCTURE):
                seen.add(pattern)
                assert not [*_of_one_key(reading, key)], (name, key)


@pytest.mark.parametrize("pattern", [*DECIDING, *DECIDING_IF_ZERO])
def test_what_decides_is_looked_at_wherever_it_shows(pattern: str) -> None:
    reading = _READINGS[_SHOWS.get(pattern, "halted-0")]
    assert not [*_of_one_key(reading, _first(reading, pattern))]


@pytest.mark.parametrize("pattern", _SHOWS)
def test_without_one_of_the_deciding_keys_a_plan_would_be_wrong(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DECIDING", "DECIDING_IF_ZERO"):
        monkeypatch.setattr(layout, name, [one for one in getattr(layout, name) if one != pattern])
    reading = _READINGS[_SHOWS[pattern]]
    assert any(True for _ in _of_one_key(reading, _first(reading, pattern)))


def test_of_every_deciding_key_it_is_known_why() -> None:
    # Without the one that is left no plan would be wrong, but there would be none for guests that have it.
    assert {*DECIDING, *DECIDING_IF_ZERO} - {*_SHOWS} == {"vcpu.N.halted"}


def _first(reading: Reading, pattern: str) -> str:
    return next(key for key in reading.reply.values if pattern_of(key) == pattern)


#: Keys that are looked at together, and values of theirs that differ in what they mean together.
_TOGETHER: list[tuple[tuple[str, ...], tuple[int, ...]]] = [
    (("state.state", "state.reason"), (0, 1, 3, 5, 6, 100)),
    (("vcpu.current", "vcpu.maximum", "vcpu.0.state", "vcpu.0.wait"), (0, 1, 2, 7)),
    (("block.0.physical", "block.0.capacity", "block.0.allocation"), (0, 1, 512, 1024, 1535)),
    (("balloon.current", "balloon.available", "balloon.unused", "balloon.usable", "balloon.last-update"), (0, 1, 7)),
]


@pytest.mark.parametrize("name", ["running", "crashed", "images-written-newer", "vcpu-hole", "shut-off"])
@pytest.mark.parametrize(("keys", "values"), _TOGETHER, ids=lambda one: str(one[0]))
@pytest.mark.once
def test_values_that_belong_together_are_looked_at_together(
    name: str, keys: tuple[str, ...], values: tuple[int, ...]
) -> None:
    reading = _READINGS[name]
    for one, other in combinations([key for key in keys if key in reading.reply.values], 2):
        changes = [{one: first, other: second} for first, second in product(values, repeat=2)]
        assert not [*_contradictions(reading, changes, changes)], (one, other)


def _described(change: Callable[[Description], Description]) -> Callable[[Reading], Reading]:
    return lambda one: replace(one, description=change(one.description))


def _all_disks(**changes: Any) -> Callable[[Reading], Reading]:
    return _described(lambda one: _formed(one, disks=tuple(replace(disk, **changes) for disk in one.disks)))


def _all_nics(**changes: Any) -> Callable[[Reading], Reading]:
    return _described(lambda one: _formed(one, nics=tuple(replace(nic, **changes) for nic in one.nics)))


def _formed(description: Description, **changes: Any) -> Description:
    """*description* with *changes*, as describe() makes it."""
    one = replace(description, **changes)
    return replace(one, form=form_of(one.disks, one.nics, has_balloon=one.has_balloon))


def _without(group: Group, one: Reading) -> Reading:
    return replace(one, groups=one.groups - {group})


_TEXTS = (None, "", "x", "100%s")
_DISK_VALUES = [
    *product(("alias", "serial", "bus", "source"), _TEXTS),
    *product(("device",), (None, "disk", "cdrom", "floppy")),
    *product(("kind",), (None, "file", "block")),
    *product(("image_format",), (None, "raw", "qcow2")),
    *product(("index",), (None, 0, 1, 1 << 40)),
]
_NIC_VALUES = [
    *product(("alias", "mac", "model", "kind", "bridge", "port_id", "filter_name"), _TEXTS),
    *product(("filter_parameters",), ((), (("a", "b"),))),
    *product(("link_up",), (None, True, False)),
]
#: What is not in the reply, and decides.
_BESIDE: dict[str, Callable[[Reading], Reading]] = {
    "gone": lambda one: replace(one, instance=replace(one.instance, native_id=None)),
    "other life": lambda one: replace(one, life="a%s{b}~3"),
    "other daemon": lambda one: replace(one, daemon_version=_OLD),
    "oldest daemon": lambda one: replace(one, daemon_version=1_002_009),
    **{f"without {group.value}": partial(_without, group) for group in DEFAULT_GROUPS},
    "indexes": lambda one: replace(one, indexes=dict.fromkeys(one.description.nic_names, 7)),
    "indexes of others": lambda one: replace(one, indexes={"vnet99": 3}),
    "no balloon": _described(lambda one: _formed(one, has_balloon=False)),
    **{f"disks with {name} {value!r}": _all_disks(**{name: value}) for name, value in _DISK_VALUES},
    **{f"NICs with {name} {value!r}": _all_nics(**{name: value}) for name, value in _NIC_VALUES},
}


@pytest.mark.parametrize("name", ["running", "crashed", "images-written", "empty-drives"])
@pytest.mark.once
def test_what_is_not_in_the_reply_decides_too(name: str) -> None:
    reading = _READINGS[name]
    readings = {"as it is": reading, **{what: change(reading) for what, change in _BESIDE.items()}}
    expected = {what: counted(decode_carefully(one)) for what, one in readings.items()}
    for taught, learnt in readings.items():
        layout._layouts.clear()
        for _ in range(2):
            decode(_anew(learnt))
        wrong = [what for what, one in readings.items() if decode(_anew(one)) != expected[what]]
        assert not wrong, taught


@pytest.mark.parametrize(
    "name",
    [
        "running", "newest", "newest-kvm", "paused", "shut-off", "user-mode-nic", "no-balloon", "vcpus-plugged",
        "s390-halted",
    ],
)  # fmt: skip
def test_the_third_guest_of_a_kind_is_not_decoded_with_care(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = _READINGS[name]
    expected = [decode(reading) for _ in range(2)][-1]

    def not_now(_reading: Reading) -> None:
        pytest.fail("decoded with care")

    monkeypatch.setattr(plan, "decode_carefully", not_now)
    # Types too: True equals 1.
    assert repr(decode(reading)) == repr(expected)


def test_what_is_like_a_tag_is_never_taken_for_one() -> None:
    counters = [key for key in _USUAL.reply.values if key.startswith(("cpu.", "block.0.rd."))]
    for number in ((1 << 32) - 1, *((1 << 32) + 1024 * place for place in range(20))):
        # Whatever the tag stands for is that number, too: nothing shows when it is learnt.
        change = {"state.reason": number}
        alike = {**dict.fromkeys(counters, number), **change}
        assert not [*_contradictions(_USUAL, [alike], [change, alike])]
