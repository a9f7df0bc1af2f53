"""Names, units and kinds follow from the catalogue, and from OpenTelemetry's conventions."""

from __future__ import annotations

import re

from hvinspect import CATALOGUE, Kind
from hvinspect.bridges._exported import EXPORTED, Form
from hvinspect.bridges._opentelemetry_names import ATTRIBUTES, INSTRUMENTS, InstrumentKind


def test_every_value_but_texts_has_an_instrument() -> None:
    assert set(INSTRUMENTS) == {path for path, one in EXPORTED.items() if one.form is not Form.TEXT}


def test_names_are_names_and_hold_no_unit() -> None:
    for one in INSTRUMENTS.values():
        # The API's own rule.
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]{0,254}", one.name), one
        assert not re.search(r"(_ns|_seconds|_per_s|_fraction|_cores)(\.|$)", one.name), one


def test_units_are_those_of_ucum() -> None:
    for one in INSTRUMENTS.values():
        assert re.fullmatch(r"(1|s|By|\{[a-z]+\})(/s)?", one.unit), one


def test_what_counts_is_a_counter() -> None:
    for path, one in INSTRUMENTS.items():
        assert (one.kind is InstrumentKind.COUNTER) is (CATALOGUE[path].kind is Kind.COUNTER), one


def test_fields_that_share_an_instrument_are_told_apart() -> None:
    shared: dict[str, list[str]] = {}
    for path, one in INSTRUMENTS.items():
        shared.setdefault(one.name, []).append(path)
    for paths in shared.values():
        several = [INSTRUMENTS[path] for path in paths]
        assert len({(one.unit, one.kind, one.divisor) for one in several}) == 1
        assert len({one.attributes for one in several}) == len(several)
        assert len({CATALOGUE[path].group for path in paths}) == 1


def test_every_device_has_an_attribute() -> None:
    assert {one.device for one in EXPORTED.values()} - {None} == set(ATTRIBUTES)


def test_some_names_by_example() -> None:
    written, received = INSTRUMENTS["disk.write_bytes"], INSTRUMENTS["nic.rx_packets"]
    assert (written.name, written.unit, dict(written.attributes)) == (
        "hvinspect.disk.io",
        "By",
        {"disk.io.direction": "write"},
    )
    assert (received.name, received.unit, dict(received.attributes)) == (
        "hvinspect.network.packet.count",
        "{packet}",
        {"network.io.direction": "receive"},
    )
    assert (INSTRUMENTS["cpu.time_ns"].name, INSTRUMENTS["cpu.time_ns"].unit) == ("hvinspect.cpu.time", "s")
    assert INSTRUMENTS["memory.assigned_bytes"].kind is InstrumentKind.UP_DOWN_COUNTER
    assert INSTRUMENTS["perf.cache_misses"].unit == "{miss}"
    assert INSTRUMENTS["perf.context_switches"].unit == "{switch}"
