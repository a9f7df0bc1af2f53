"""The rows of the NICs of QEMU's guests."""

from __future__ import annotations

from typing import Final

from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity import facts
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import BUSY, Check, Row, asked, identity, sides

#: Field -> the counter of the tap, which counts from the host's side, and the guest's own.
_NIC: Final = {
    "rx_bytes": ("tx_bytes", "rx_bytes"), "rx_packets": ("tx_packets", "rx_packets"),
    "rx_errors": ("tx_errors", "rx_errors"), "rx_drops": ("tx_dropped", None),
    "tx_bytes": ("rx_bytes", "tx_bytes"), "tx_packets": ("rx_packets", "tx_packets"),
    "tx_errors": ("rx_errors", "tx_errors"), "tx_drops": ("rx_dropped", None),
}  # fmt: skip
_TOLD: Final = dict(
    zip(("tx_bytes", "tx_packets", "tx_errors", "tx_drops"), facts.TOLD_NIC[:4], strict=True),
) | dict(zip(("rx_bytes", "rx_packets", "rx_errors", "rx_drops"), facts.TOLD_NIC[8:12], strict=True))
#: What the guest sent while its tap was down, which it counts and the tap does not.
_SENT_IN_VAIN: Final = 6
_PING_BYTES: Final = 98


def _counter(field: str) -> Check:
    tap_name, own_name = _NIC[field]

    def check(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            nic = moment.stats.nics[0]
            before, after = (seen["taps"][nic.name][tap_name] for seen in sides(moment))
            inside(getattr(nic, field), before, after, what=field)
            lost = _SENT_IN_VAIN if moment.name == "second" else 0
            if own_name is not None and own_name.endswith("packets"):
                own = moment.before["guest"]["nics"]["eth0"][own_name]
                equal(getattr(nic, field), own - (lost if field == "tx_packets" else 0))
            elif own_name is not None and own_name.endswith("bytes"):
                own = moment.before["guest"]["nics"]["eth0"][own_name]
                equal(getattr(nic, field), own - (lost * _PING_BYTES if field == "tx_bytes" else 0))
            # A NIC without a tap has no counters, and is there all the same.
            assert getattr(moment.stats.nics[2], field) is None
        for name, times in facts.TOLD.items():
            equal(getattr(look[name].stats.nics[0], field), times * _TOLD[field])

    return check


def _described(field: str) -> Check:
    def check(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            assert [nic.mac for nic in moment.stats.nics] == list(look.facts["nics"])
            for nic in moment.stats.nics:
                expected = look.facts["nics"][nic.mac]
                equal(nic.key, expected["alias"])
                if field not in ("mac", "key"):
                    equal(getattr(nic, field), expected.get(field, getattr(nic, field)))

    return check


def _nic() -> dict[str, Row]:
    rows = {
        f"nic.{field}": Row(
            how=How.TOLD if field.endswith("errors") else How.EXACT,
            source="/proc/net/dev" if field.endswith("errors") else f"{tap} of the tap; the guest's own count",
            check=_counter(field),
        )
        for field, (tap, _) in _NIC.items()
    }

    for field in ("key", "name", "alias", "mac", "model", "kind", "bridge", "port_id", "link_up"):
        rows[f"nic.{field}"] = asked("nic", field, _described(field))

    def filters(look: Look) -> None:
        plain, filtered = look["described"].stats.nics
        equal((plain.filter_name, plain.filter_parameters, plain.link_up), (None, (), False))
        equal((filtered.filter_name, filtered.filter_parameters), ("clean", (("IP", "10.0.0.1"),)))
        equal((filtered.model, filtered.link_up), ("e1000", True))

    rows["nic.filter_name"] = asked("nic", "filter_name", filters)
    rows["nic.filter_parameters"] = asked("nic", "filter_parameters", filters)
    rows["nic.incarnation"] = identity("nic")
    return rows


ROWS: Final = _nic()
