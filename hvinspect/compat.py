"""For programs that use hvinspect: what they need of it, said once at their start.

    hvinspect.compat.require("0.3", groups=["perf"], fields=["nic.rx_drops"])

Names are given as text, so that a program can ask for what an older version has never heard of. ``hvinspect compat
check`` finds out which version a program needs; see the command's page.
"""

from __future__ import annotations

from collections.abc import Collection

from ._errors import NotSupported
from ._fields import Group
from ._model import CATALOGUE
from ._text import printable
from ._version import __version__

__all__ = ["require"]


def require(version: str, *, groups: Collection[str | Group] = (), fields: Collection[str] = ()) -> None:
    """Nothing happens if the installed hvinspect is of *version* or newer and knows these groups and fields.

    *groups* are values of Group, *fields* are paths of the catalogue. A development version counts as the release
    that it leads to. This says what the library knows, not what a hypervisor gives: that is
    ``Connection.capabilities()``.

    Raises:
        NotSupported: something is missing; the text names all of it, the installed version, and what to install.
        ValueError: *version* is none.
        TypeError: *groups* or *fields* is a bare string.
    """
    lacking = [
        *_unknown("group", groups, {group.value for group in Group if group is not Group.UNKNOWN}),
        *_unknown("field", fields, set(CATALOGUE)),
    ]
    if not _is_enough(version):
        wanted = [f"version {version} or newer", *(what for what, _ in lacking)]
        raise _refusal(wanted, f"pip install --upgrade 'hvinspect>={version}'")
    if lacking:
        # The version is what the program asked for: it asked for the wrong one, or for a name that never was.
        wanted = [f"{what} (did you mean {near!r}?)" if near else what for what, near in lacking]
        raise _refusal(wanted, "require the version that has it, or correct the name ('hvinspect fields' lists them)")


def _is_enough(version: str) -> bool:
    from packaging.version import Version  # a program without require() need not load it

    wanted, installed = Version(version), Version(__version__)
    leads_to = Version(installed.base_version)
    return installed >= wanted or (not wanted.is_prerelease and leads_to >= wanted)


def _unknown(kind: str, names: Collection[str | Group], known: Collection[str]) -> list[tuple[str, str | None]]:
    """Of *names* those that are not *known*, as the error tells them, each with the known name that is like it."""
    import difflib

    if isinstance(names, str):
        raise TypeError(f"{kind}s= takes a collection of names, not the string {printable(names)!r}")
    asked = sorted({name.value if isinstance(name, Group) else name for name in names} - set(known))
    return [
        (f"the {kind} {printable(name)!r}", next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.8)), None))
        for name in asked
    ]


def _refusal(wanted: list[str], remedy: str) -> NotSupported:
    everything = f"{', '.join(wanted[:-1])} and {wanted[-1]}" if len(wanted) > 1 else wanted[0]
    return NotSupported(f"hvinspect {__version__} is installed, and this program needs {everything}: {remedy}")
