"""What nova wrote into a virtual machine's notes. No I/O here.

nova's driver for vCenter writes lines of the form ``flavor:memory_mb:512`` (nova/virt/vmwareapi/vmops.py,
_get_instance_metadata). Anybody who may edit the virtual machine may write them, too.
"""

from __future__ import annotations

from hvinspect.driver import Absence, Absences, OpenStackMetadata, Reason

__all__ = ["FIELDS", "NEVER_NOTED", "read_notes"]

_MIB, _GIB = 1024**2, 1024**3
_LONGEST = 16384
_MOST_DIGITS = 15
_NOT_IN_NOTES = Absence(Reason.NOT_CONFIGURED, "nova's notes on the virtual machine do not have it")
#: What all versions of nova write; without them the notes are somebody's own.
_SIGNS = frozenset({"name", "userid", "projectid", "package"})
_TEXTS = {
    "name": "name",
    "user_id": "userid",
    "user_name": "username",
    "project_id": "projectid",
    "project_name": "projectname",
    "flavor_name": "flavor:name",
    "image_id": "imageid",
    "nova_version": "package",
}
_NUMBERS = {
    "flavor_vcpus": ("flavor:vcpus", 1),
    "flavor_memory_bytes": ("flavor:memory_mb", _MIB),
    "flavor_disk_bytes": ("flavor:root_gb", _GIB),
    "flavor_ephemeral_bytes": ("flavor:ephemeral_gb", _GIB),
    "flavor_swap_bytes": ("flavor:swap", _MIB),
}

#: What nova does not write there.
NEVER_NOTED = ("created_unix_ns", "flavor_id", "flavor_extra_specs", "image_properties")
#: What may be told of an instance.
FIELDS = (*_TEXTS, *_NUMBERS)


def read_notes(notes: str) -> OpenStackMetadata | None:
    """nova's words of an instance; None if the notes are not nova's."""
    if len(notes) > _LONGEST:
        return None
    told: dict[str, str] = {}
    for line in notes.splitlines():
        head = "flavor:" if line.startswith("flavor:") else ""
        key, _, value = line.removeprefix(head).partition(":")
        if head + key in told:  # a line break in a name that somebody chose would look like this
            return None
        told[head + key] = value.strip()
    if not told.keys() >= _SIGNS:
        return None
    values: dict[str, str | int | None] = {field: _text(told.get(key)) for field, key in _TEXTS.items()}
    values |= {field: _number(told.get(key), unit) for field, (key, unit) in _NUMBERS.items()}
    absent = dict.fromkeys((*NEVER_NOTED, *(name for name in values if values[name] is None)))
    return OpenStackMetadata(**values, absences=Absences(dict.fromkeys(absent, _NOT_IN_NOTES)))  # type: ignore[arg-type]


def _text(value: str | None) -> str | None:
    return value if value not in (None, "", "None") else None


def _number(value: str | None, unit: int) -> int | None:
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > _MOST_DIGITS:
        return None
    return int(value) * unit
