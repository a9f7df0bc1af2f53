"""Which URIs reach libvirt: none that starts something or checks less, however it is written."""

from __future__ import annotations

import pytest

from hvinspect import InvalidTarget
from hvinspect.drivers._libvirt.uri import parse_uri


@pytest.mark.parametrize(
    "uri",
    [
        "qemu:///system",
        "lxc:///",
        "lxc:///system",
        "xen:///system",
        "test:///default",
        "test:///etc/test%20hosts.xml",
        "qemu+unix:///system?socket=/run/libvirt/libvirt-sock-ro",
        "qemu+unix:///system?socket=/run/user/1000/libvirt/libvirt-sock&name=qemu:///session",
        "qemu+tls://node-1.example.org:16514/system?pkipath=/etc/pki/mine",
        "qemu+tcp://[fe80::1]/system",
        "qemu://node/system",
        "qemu+libssh2://me@node/system?known_hosts_verify=normal",
        "qemu+libssh://me@node/system?sshauth=agent,privkey&known_hosts=/etc/known&keyfile=/k&proxy=native&mode=legacy",
        "esx://root@esx.example.org/",
        "vpx://EXAMPLE%5Cme@vcenter.example.org/dc/cluster/host",
    ],
)
def test_an_ordinary_uri_is_given_to_libvirt_as_it_is(uri: str) -> None:
    assert parse_uri(uri).text == uri


@pytest.mark.parametrize(
    ("uri", "given"),
    [
        ("qemu+ssh://me@node/system", "qemu+ssh://me@node/system?no_tty=1"),
        ("qemu+ssh://node/system?", "qemu+ssh://node/system?&no_tty=1"),
        ("qemu+SSH://node/system?keyfile=/k", "qemu+SSH://node/system?keyfile=/k&no_tty=1"),
        ("qemu+ssh://node/system?no_tty=1", "qemu+ssh://node/system?no_tty=1&no_tty=1"),
    ],
)
def test_ssh_is_told_not_to_prompt(uri: str, given: str) -> None:
    assert parse_uri(uri).text == given


@pytest.mark.parametrize(
    ("uri", "because"),
    [
        ("qemu+ext:///system?command=/bin/nc", "program"),
        ("qemu+EXT://node/system", "program"),
        ("QEMU+Ext://node/system", "program"),
        ("qemu+ssh://node/system?command=/tmp/evil", "program"),
        ("qemu+ssh://node/system?COMMAND=/tmp/evil", "program"),
        ("qemu+ssh://node/system?c%6Fmmand=/tmp/evil", "program"),
        ("qemu+ssh://node/system?command", "program"),
        ("qemu+ssh://node/system?socket=/s&netcat=/tmp/evil", "program"),
        ("qemu+ssh://node/system?socket=/s&&NetCat=/tmp/evil", "program"),
        ("qemu+ssh://node/system?netca%74=evil", "program"),
        ("qemu+ssh://node/system?socket=/s;command=/tmp/evil", ";"),
        ("qemu+tls://node/system?no_verify=1", "verification"),
        ("qemu+tls://node/system?No_Verify=1", "verification"),
        ("qemu+tls://node/system?no_verif%79=1", "verification"),
        ("qemu+tls://node/system?no_verify=0&no_verify=1", "verification"),
        ("qemu+tls://node/system?no_sanity=1", "verification"),
        ("qemu+tls://node/system?no_sanit%79=0", "verification"),
        ("qemu+tls://node/system?tls_priority=NORMAL:%25VERIFY_ALLOW_BROKEN", "verification"),
        ("qemu+tls://node/system?TLS_Priority=NONE", "verification"),
        ("qemu://node/system?no_verify=1", "verification"),
        ("qemu+ssh://node/system?no_verify=1", "verification"),
        ("qemu+libssh://node/system?known_hosts_verify=ignore", "verification"),
        ("qemu+libssh://node/system?known_hosts_verify=", "verification"),
        ("qemu+libssh2://node/system?known_hosts_verify=AUTO", "verification"),
        ("esx://node/?no_verify=1", "verification"),
        ("esx://node/?transport=HTTP", "unencrypted"),
        ("qemu+ssh://node/system?no_tty=0", "prompt"),
        ("qemu+ssh://node/system?no_tty=1&no_tty=0", "prompt"),
        ("qemu+tls://node/system?auth=none", "parameter"),
        ("esx://node/?auto_answer=1", "parameter"),
        ("qemu:///session", "daemon"),
        ("qemu:///%73ession", "daemon"),
        ("qemu+unix:///session?socket=/s", "daemon"),
        ("qemu+ssh://node/session", "daemon"),
        ("qemu+ssh://node/system?name=qemu:///session", "daemon"),
        ("qemu+unix:///system?name=qemu:///session", "daemon"),
        ("qemu+unix:///system?socket=&name=qemu:///session", "daemon"),
        ("test+unix:///default", "daemon"),
        ("test+ssh://node/default", "daemon"),
        ("qemu:///embed?root=/tmp/x", "parameter"),
        ("qemu:///embed", "inside this process"),
        ("qemu+tls://node/system?name=qemu%2Bext:///system", "name="),
        ("qemu+tls://node/system?name=qemu://other/system", "name="),
        ("qemu+tls://node/system?name=qemu:///system%3Fno_verify%3D1", "name="),
        ("qemu+unix:///system?socket=/s&name=qemu%2Bssh://node/system%3Fcommand%3D/tmp/evil", "name="),
    ],
)
def test_what_starts_something_or_checks_less_is_refused(uri: str, because: str) -> None:
    with pytest.raises(InvalidTarget, match=because):
        parse_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "qemu+ssh://-oProxyCommand=evil/system",
        "qemu+ssh://-oProxyCommand%3Devil@node/system",
        "qemu+ssh://%2DoProxyCommand%3Devil/system",
        "qemu+ssh://-l%20root@node/system",
        "qemu+ssh://me%20-oProxyCommand%3Devil@node/system",
        "qemu+ssh://me%0a@node/system",
        "qemu+ssh://me@you@node/system",
        "qemu+ssh://@node/system",
        "qemu+ssh://node%20-v/system",
        "qemu+ssh://node$(id)/system",
        "qemu+ssh://node-/system",
    ],
)
def test_a_user_or_host_that_ssh_could_take_for_an_option_is_refused(uri: str) -> None:
    with pytest.raises(InvalidTarget):
        parse_uri(uri)


@pytest.mark.parametrize(
    ("uri", "remedy"),
    [
        ("", "libvirt:qemu:///system"),
        ("qemu", "qemu:///system"),
        ("qemu:/system", "qemu:///system"),
        ("/var/run/libvirt/libvirt-sock", "qemu:///system"),
        ("qmeu:///system", "did you mean 'qemu'"),
        ("foo:///system", "there are"),
        ("qemu+unx:///system", "unix"),
        ("qemu+:///system", "unix"),
        ("qemu+ssh+ext://node/system", "qemu:///system"),
        ("qemu:///nix", "use /system"),
        ("qemu:///", "use /system"),
        ("qemu://", "use /system"),
        ("qemu:///system?sockt=/s", "did you mean 'socket'"),
        ("qemu:///system?mode=legacy#x", "%"),
        ("qemu:///sys tem", "%20"),
        ("qemu://höst/system", "%"),
        ("qemu:///system?socket=%zz", "%25"),
        ("qemu:///system?socket=/s%00", "%25"),
        ("qemu://[::1/system", "no libvirt URI"),
        ("qemu://node:99999/system", "no libvirt URI"),
        ("qemu+unix://node/system", "use [+]ssh or [+]tls"),
        ("esx+ssh://node/", "write esx://HOST"),
        ("esx:///", "write esx://HOST"),
    ],
)
def test_a_malformed_uri_is_refused_with_a_remedy(uri: str, remedy: str) -> None:
    with pytest.raises(InvalidTarget, match=remedy):
        parse_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "qemu+tls://me:hunter2@node/system",
        "qemu:// me:hunter2@node/system",
        "x://me:hunter2@h",
        "qemu+tls://me%3Ahunter2@node/system",
        "qemu+tls://me:hunter2%40node/system",
        "qemu+tls://me:hunter2/3@node/system",
        "qemu+tls://[me:hunter2@node/system",
        "qemu+unix:///system?socket=/s&name=qemu://me:hunter2@node/system",
        "qemu+unix:///system?socket=/s&name=qemu:%2F%2Fme:hunter2@node%2Fsystem",
        "qemu+unix:///system?socket=/s&name=qemu:%2f%2fme%3ahunter2%40node%2fsystem",
    ],
)
def test_a_password_is_refused_and_not_shown(uri: str) -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse_uri(uri)
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in str(error)
        error = error.__cause__ or error.__context__


def test_what_is_known_by_its_certificate_is_known() -> None:
    assert parse_uri("qemu+tls://node/system").is_tls
    assert parse_uri("qemu://node/system").is_tls
    assert not parse_uri("qemu:///system").is_tls
    assert not parse_uri("qemu+ssh://node/system").is_tls
    assert not parse_uri("esx://node/").is_tls


def test_what_is_local_is_known() -> None:
    assert parse_uri("qemu:///system").is_local
    assert parse_uri("qemu+unix:///system?socket=/s").is_local
    assert not parse_uri("qemu+tls://localhost/system").is_local
    assert not parse_uri("qemu+tcp:///system").is_local
    assert parse_uri("test:///default").has_daemon is False
    assert parse_uri("qemu:///system").has_daemon


@pytest.mark.parametrize(
    "uris",
    [
        [
            "qemu:///system",
            "qemu+unix:///system",
            "qemu+unix:///system?socket=/run/libvirt/libvirt-sock-ro",
            "qemu+unix:///system?socket=/var/run/libvirt/libvirt-sock",
            "lxc:///system",
            "qemu+unix:///system?socket=/run/libvirt/virtqemud-sock-ro",
        ],
        ["qemu://node1/system", "qemu+tls://NODE1/system", "lxc://node1/system", "qemu+ssh://me@node1/system"],
        ["qemu://node1:16515/system", "lxc://node1:16515/system"],
        ["qemu+unix:///system?socket=/srv/other", "lxc+unix:///system?socket=/srv/other"],
        ["qemu://[::1]/system"],
        ["qemu://[::1]:16515/system"],
        ["test:///default"],
        ["test:///srv/some.xml"],
    ],
)
def test_uris_of_one_daemon_share_what_may_get_stuck_there_and_others_do_not(uris: list[str]) -> None:
    others = {
        "qemu://node2/system",
        "qemu+unix:///system?socket=/srv/libvirt/libvirt-sock",
        "qemu+tcp://node1:1/system",
    }
    daemons = {parse_uri(one).daemon for one in uris}
    assert len(daemons) == 1
    assert not daemons & {parse_uri(one).daemon for one in others}
