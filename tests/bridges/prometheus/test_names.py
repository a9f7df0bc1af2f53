"""Names and units follow from the catalogue, and from Prometheus' conventions."""

from __future__ import annotations

import re

from hvinspect import CATALOGUE, Kind, Unit
from hvinspect.bridges._exported import EXPORTED, PARTS, Form
from hvinspect.bridges._prometheus_names import FAMILIES, INFO_FAMILIES, label_of

#: Who an instance is, the host, and the reading itself are not an instance's values.
NOT_VALUES = {"instance", "openstack", "host", "span"}


def test_every_record_has_its_place() -> None:
    assert {field.record for field in CATALOGUE.values()} == set(PARTS) | NOT_VALUES


def test_every_number_of_an_instance_has_a_metric() -> None:
    numbers = {path for path, field in CATALOGUE.items() if field.numeric and field.record not in NOT_VALUES}
    assert numbers <= set(FAMILIES)


def test_counters_and_nothing_else_end_in_total() -> None:
    for path, family in FAMILIES.items():
        counts = CATALOGUE[path].kind is Kind.COUNTER
        assert family.sample.endswith("_total") is counts, family
        assert (family.type == "counter") is counts
        assert family.name == family.sample.removesuffix("_total")


def test_times_are_seconds_and_sizes_bytes() -> None:
    for path, family in FAMILIES.items():
        assert not re.search(r"_(ns|ms|kb|kib|mib|percent)(_|$)", family.name), family
        match CATALOGUE[path].unit:
            case Unit.NANOSECONDS:
                assert (family.unit, family.divisor) == ("seconds", 10**9)
            case Unit.UNIX_NANOSECONDS:
                assert (family.unit, family.divisor) == ("timestamp_seconds", 10**9)
            case Unit.BYTES:
                assert (family.unit, family.divisor) == ("bytes", 1)
            case _:
                assert family.divisor == 1
        assert family.name.endswith(family.unit)


def test_names_are_told_apart() -> None:
    names = [family.sample for family in (*FAMILIES.values(), *INFO_FAMILIES.values())]
    assert len(set(names)) == len(names)


def test_some_names_by_example() -> None:
    assert FAMILIES["disk.write_bytes"].sample == "hvinspect_disk_write_bytes_total"
    assert FAMILIES["cpu.time_ns"].sample == "hvinspect_cpu_time_seconds_total"
    assert FAMILIES["memory.guest_updated_unix_ns"].sample == "hvinspect_memory_guest_updated_timestamp_seconds"
    assert FAMILIES["stats.state"].sample == "hvinspect_instance_state"
    assert FAMILIES["rates.cpu_fraction"].sample == "hvinspect_rates_cpu_ratio"
    assert INFO_FAMILIES["disk"].sample == "hvinspect_disk_info"


def test_what_changes_all_the_time_is_no_label() -> None:
    for family in INFO_FAMILIES.values():
        assert not {"incarnation", "described_at", "host_cpu", "halted"} & set(family.labels)


def test_texts_are_labels_of_their_record() -> None:
    for path, exported in EXPORTED.items():
        if exported.form is Form.TEXT:
            assert exported.field.name in INFO_FAMILIES[exported.field.record].labels, path


def test_a_label_is_cut_and_can_be_encoded() -> None:
    assert label_of("x" * 10, longest=5) == "xxxx…"
    assert label_of("a\udcffb", longest=50).encode() == b"a\\udcffb"
