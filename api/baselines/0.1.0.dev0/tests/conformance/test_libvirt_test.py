"""libvirt's own test hypervisor, which runs inside the client's library, is held to what every driver is held to."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

from hvinspect.testing import conformance
from hvinspect.testing.conformance import Outcome

TWO_DOMAINS = """
<node>
  <domain type='test'>
    <name>first</name><uuid>004b96e1-2d78-c30f-5aa5-f03c87d21e69</uuid>
    <memory>8192000</memory><vcpu>2</vcpu><os><type>hvm</type></os>
    <devices>
      <memballoon model='virtio'/>
      <disk type='file'><source file='/first'/><target dev='vda' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
    </devices>
  </domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>second</name><uuid>004b96e1-2d78-c30f-5aa5-f03c87d21e70</uuid>
    <memory>8192000</memory><vcpu>1</vcpu><os><type>hvm</type></os>
    <test:runstate>5</test:runstate>
  </domain>
</node>
"""


@pytest.fixture
def own_node(tmp_path: Path) -> str:
    """A target with a running domain and one that is off."""
    node = tmp_path / "node.xml"
    node.write_text(TWO_DOMAINS, encoding="utf-8")
    return f"libvirt:test://{node}"


def conforms(target: str) -> None:
    report = conformance.run(target)
    assert report.ok, str(report)
    skipped = [result.check for result in report if result.outcome is Outcome.SKIPPED]
    assert skipped == ["traffic_moves_its_own_counter"]
    assert not [result for result in report if result.outcome is Outcome.WARNED], str(report)


def test_the_default_node_conforms() -> None:
    conforms("libvirt:test:///default")


def test_a_node_with_a_domain_that_is_off_conforms(own_node: str) -> None:
    conforms(own_node)
