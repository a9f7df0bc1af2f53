"""Every field that the driver says it gives has a second source, or a reason why there is none."""

from __future__ import annotations

from hvinspect.drivers._xen.provides import provided
from tests.fidelity.rows import How, mismatched, of_drivers
from tests.integration.xen.fidelity.table import TABLE


def test_every_field_that_is_given_has_a_row_and_no_other() -> None:
    assert mismatched(TABLE, of_drivers(provided())) == []


def test_what_is_decoded_alone_is_what_no_lab_brings_about() -> None:
    decoded = {path for path, row in TABLE.items() if row.how is How.DECODE_ONLY}
    assert decoded == {"nic.rx_errors", "nic.tx_errors"}


def test_every_row_names_its_source() -> None:
    assert all(row.source for row in TABLE.values())
