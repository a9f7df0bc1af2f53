"""The options are in ceilometer's configuration file, and in what oslo's generator writes of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from oslo_config import generator

from hvinspect.bridges._ceilometer.host import STATE, host_of
from hvinspect.bridges._ceilometer.options import OPTIONS, Settings

from .conftest import Configure


def test_the_generator_documents_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    generator.main(["--namespace", "hvinspect"])
    written = capsys.readouterr().out
    assert "[hvinspect]" in written
    for option in OPTIONS:
        assert f"\n#{option.name} =" in written


def test_what_the_file_says_holds(configure: Configure) -> None:
    settings = Settings.of(configure(target="xen:", timeout=3, cpu_time="vcpus", guest_report_maximum_age=0))
    assert (settings.target, settings.timeout, settings.cpu_time) == ("xen:", 3.0, "vcpus")
    assert settings.guest_report_maximum_age == 0


@pytest.mark.parametrize(
    ("kind", "uri", "target"),
    [
        ("kvm", "", "libvirt:qemu:///system"),
        ("lxc", "", "libvirt:lxc:///"),
        ("kvm", "qemu+tls://other/system", "libvirt:qemu+tls://other/system"),
    ],
)
def test_without_a_target_it_is_the_libvirt_of_ceilometers_own_options(
    configure: Configure, kind: str, uri: str, target: str
) -> None:
    conf = configure((None, "libvirt_type", kind), (None, "libvirt_uri", uri))
    assert Settings.of(conf).target == target


def test_options_of_the_driver_reach_it(configure: Configure) -> None:
    conf = configure(target="fake:", driver_options="instances:7,seed:3")
    settings = Settings.of(conf)
    host = host_of(settings.target, settings.timeout, settings.driver_options)
    assert len(host.read(STATE).by_id) == 7


def test_loading_every_entry_point_opens_and_imports_no_driver() -> None:
    program = """
import sys
from importlib.metadata import entry_points
from ceilometer import service
conf = service.prepare_service(argv=["agent"], config_files=[])
before = set(sys.modules)
for group in ("ceilometer.poll.compute", "ceilometer.discover.compute"):
    for point in entry_points(group=group):
        if point.name.startswith("hvinspect"):
            try:
                point.load()(conf)
            except Exception as error:
                assert type(error).__name__ == "ExtensionLoadError", error
print([name for name in set(sys.modules) - before if name.startswith(("libvirt", "hvinspect.drivers."))])
"""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
