"""The distribution's Prometheus scrapes the exporter: its answers are what the guests did, whoever is stopped."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hvinspect import Group
from hvinspect.bridges._prometheus_names import METADATA
from hvinspect.bridges.prometheus import MOST_METADATA
from tests.integration.libvirt.scraping import Prometheus, exporting, page, prometheus
from tests.integration.libvirt.stopping import stopped
from tests.lab import requirements
from tests.lab.certificates import Authority
from tests.lab.daemons import wait_until
from tests.lab.fixtures import GuestFactory, Lab
from tests.lab.guests import Guest
from tests.lab.settings import PROJECT_ROOT
from tests.lab.specification import GuestSpec, NicSpec, mac_of
from tools.dashboard import expressions

#: What the first scrape with a stopped guest may take longer, and every later one; one that waited would take 5 s.
SUSPICION_S, LATER_S = 1.2, 0.5
#: What a vCenter's rates were, which no counter stands behind.
RATES = PROJECT_ROOT / "tests/bridges/ceilometer/recorded/vcenter"
LOGIN = ("reader", "not a secret")


@pytest.fixture(scope="module")
def exporter(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[str]:
    """An exporter of the lab's guests, at an address of its own."""
    with exporting(f"libvirt:{lab.qemu_uri}", "--listen", "127.0.0.1:0") as url:
        yield url


@pytest.fixture(scope="module")
def server(exporter: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes it."""
    job = {"job_name": "guests", "static_configs": [{"targets": [exporter.split("/")[2]]}]}
    with prometheus(tmp_path_factory.mktemp("prometheus"), [job]) as made:
        made.next_scrape()
        yield made


def of_disk(name: str, guest: Guest, target: str) -> str:
    """A counter of the disk that *guest* has at *target*: values say how much, the info series say of what."""
    info = f'hvinspect_disk_info{{instance_key="{guest.spec.uuid}", name="{target}"}}'
    return f"sum({name} * on(instance_key, disk) {info})"


def promtool_says(text: str) -> tuple[int, str, str]:
    """Its exit code and its words on a page."""
    promtool = [requirements.program("promtool"), "check", "metrics"]
    reply = subprocess.run(promtool, input=text, capture_output=True, text=True, timeout=60)
    return reply.returncode, reply.stdout, reply.stderr


def test_promtool_has_nothing_to_say_of_the_page(exporter: str) -> None:
    assert promtool_says(page(exporter)) == (0, "", "")


@pytest.mark.parametrize("target", ["fake:", f"replay:{RATES}"])
def test_promtool_has_nothing_to_say_of_all_that_there_is(lab: Lab, target: str) -> None:
    everything = [word for group in Group if group is not Group.UNKNOWN for word in ("--group", group.value)]
    everything += [word for name in METADATA for word in ("--metadata", name)][: 2 * MOST_METADATA]
    with exporting(target, "--listen", "127.0.0.1:0", *everything) as url:
        text = page(url)
    assert "hvinspect_instance_metadata_info" in text or target != "fake:"
    assert "_rate" in text or target == "fake:"
    assert promtool_says(text) == (0, "", "")


def test_prometheus_knows_to_the_byte_what_a_guest_wrote(
    server: Prometheus, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    query = of_disk("hvinspect_disk_write_bytes_total", guest, "vda")
    server.next_scrape()
    before, said = server.value(query), guest.counters().disks["vda"].write_bytes
    guest.write("vda", count=64, size=65536)
    says = guest.counters().disks["vda"].write_bytes
    server.next_scrape()
    assert server.value(query) - before == says - said == 64 * 65536
    assert server.value(query) == says


def test_prometheus_knows_which_way_packets_went(server: Prometheus, two_busy_guests: tuple[Guest, Guest]) -> None:
    guest, _ = two_busy_guests
    mac = guest.spec.nics[0].mac
    query = f'sum(hvinspect_nic_tx_packets_total * on(instance_key, nic) hvinspect_nic_info{{mac="{mac}"}})'
    guest.send(guest.spec.nics[0], count=20)
    says = guest.counters().nic(mac).tx_packets
    server.next_scrape()
    assert server.value(query) == says


def test_every_number_is_that_of_the_guests_own_size(server: Prometheus, two_busy_guests: tuple[Guest, Guest]) -> None:
    guest, _ = two_busy_guests
    only = f'{{instance_key="{guest.spec.uuid}"}}'
    assert server.value(f"hvinspect_memory_assigned_bytes{only}") == guest.spec.memory_mib << 20
    assert server.value(f"count(hvinspect_vcpu_time_seconds_total{only})") == guest.spec.vcpus
    assert server.query(f'hvinspect_instance_info{{name="{guest.spec.name}"}} == 1')


def test_a_stopped_guest_neither_delays_nor_empties_the_scrape(
    server: Prometheus, two_busy_guests: tuple[Guest, Guest]
) -> None:
    held_up, well = two_busy_guests
    usual = server.value("max_over_time(scrape_duration_seconds[1m])")
    with stopped([held_up]):
        began = time.time()
        for _ in range(5):
            server.next_scrape()
        seconds = int(time.time() - began)
        assert server.value(f"max_over_time(scrape_duration_seconds[{seconds}s])") < usual + SUSPICION_S
        assert server.value("scrape_duration_seconds") < usual + LATER_S
        assert server.value(f"min_over_time(up[{seconds}s])") == 1
        assert server.value(f"min_over_time(hvinspect_up[{seconds}s])") == 1
        disks = f'hvinspect_disk_write_bytes_total{{instance_key="{well.spec.uuid}"}}[{seconds}s]'
        assert server.query(of_disk("hvinspect_disk_write_bytes_total", well, "vda"))
        # In every scrape.
        assert server.value(f"min(count_over_time({disks})) - sum(count_over_time(up[{seconds}s]))") == 0
        # What the host itself knows of it is there; what only its QEMU knows is neither old nor 0.
        only = f'{{instance_key="{held_up.spec.uuid}"}}'
        assert server.value(f"hvinspect_cpu_time_seconds_total{only}") > 0
        assert server.query(f"hvinspect_nic_rx_bytes_total{only}")
        assert not server.query(f"hvinspect_disk_write_bytes_total{only}")
        assert server.value("hvinspect_instances_timed_out") == 1
        assert server.value(f"hvinspect_instance_quarantined{only}") == 1
        assert server.value('hvinspect_absent_values{reason="timed_out"}') > 0
    query = f"hvinspect_instance_quarantined{only}"
    wait_until(lambda: server.value(query) == 0, what="it is well again", timeout=60)


def test_the_series_of_a_guest_that_is_gone_are_gone(server: Prometheus, guests: GuestFactory) -> None:
    (guest,) = guests(GuestSpec(name="passing", memory_mib=16, kernel=False, nics=(NicSpec(mac=mac_of(77)),)))
    only = f'{{instance_key="{guest.spec.uuid}"}}'
    server.next_scrape()
    assert server.query(f"hvinspect_nic_rx_bytes_total{only}")
    guest.destroy()
    server.next_scrape()
    server.next_scrape()
    assert not server.query(f"{{__name__=~'hvinspect_.*', instance_key=\"{guest.spec.uuid}\"}}")


def test_every_query_of_the_dashboard_shows_what_is_on_the_page(server: Prometheus, exporter: str) -> None:
    server.next_scrape()
    on_the_page = {line.partition("{")[0].partition(" ")[0] for line in page(exporter).splitlines()}
    shown = set[str]()
    for expression in expressions():
        filled = expression.replace("$__rate_interval", "30s")
        for variable in ("$job", "$host", "$guest"):
            filled = filled.replace(variable, ".+")
        # The first is what is shown, the other one tells whose it is.
        name = re.findall(r"hvinspect_\w+", filled)[0]
        assert bool(server.query(filled)) == (name in on_the_page), expression
        shown |= {name} & on_the_page
    # What nobody asked for by a group, or this hypervisor has not, stays empty.
    assert len(shown) > 40


@pytest.fixture
def ipv6() -> Iterator[None]:
    """Loopback's IPv6 address: the lab has IPv6 off, so that no card sends what nobody asked for."""
    loopback = Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6")
    loopback.write_text("0\n")
    yield
    loopback.write_text("1\n")


def test_prometheus_scrapes_by_ipv6_and_tls_with_a_password(lab: Lab, ipv6: None, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    files = authority.server("exporter", hosts=["IP:::1"])
    secret = tmp_path / "password"
    secret.write_text(LOGIN[1] + "\n")
    arguments = [
        *("--listen", "[::1]:0", "--user", LOGIN[0], "--password-file", str(secret)),
        *("--certificate", str(files / "servercert.pem"), "--key", str(files / "serverkey.pem")),
    ]
    with exporting(f"libvirt:{lab.qemu_uri}", *arguments) as url:
        job = {
            "job_name": "guarded",
            "scheme": "https",
            "tls_config": {"ca_file": str(authority.certificate)},
            "static_configs": [{"targets": [url.split("/")[2]]}],
        }
        known = {**job, "basic_auth": {"username": LOGIN[0], "password": LOGIN[1]}}
        unknown = {**job, "job_name": "stranger", "basic_auth": {"username": LOGIN[0], "password": "guessed"}}
        with prometheus(tmp_path, [known, unknown]) as server:
            server.next_scrape()
            wait_until(lambda: len(server.query("up")) == 2, what="both have tried", timeout=30)
            assert server.value('up{job="guarded"}') == 1
            assert server.value('up{job="stranger"}') == 0
