"""From the bytes that a terminal sends to the names of keys. No I/O here."""

from __future__ import annotations

__all__ = ["decode"]

#: What xterm and its kin send, in both of the modes that they have for the cursor keys.
_SEQUENCES = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[C": "right",
    b"\x1bOC": "right",
    b"\x1b[D": "left",
    b"\x1bOD": "left",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"\x1b[H": "home",
    b"\x1bOH": "home",
    b"\x1b[1~": "home",
    b"\x1b[F": "end",
    b"\x1bOF": "end",
    b"\x1b[4~": "end",
}
_CONTROLS = {0x0A: "enter", 0x0D: "enter", 0x7F: "backspace", 0x08: "backspace", 0x0C: "redraw", 0x1A: "suspend"}
_ESCAPE = 0x1B


def decode(data: bytes, *, whole: bool) -> tuple[list[str], bytes]:
    """The keys in *data*: characters as they are, others by name; and what may still become a key.

    An escape that nothing follows is a key of its own only if *data* is *whole*: no more bytes came for a while.
    """
    keys: list[str] = []
    while data:
        length, key = _first(data, whole=whole)
        if length == 0:
            break
        if key:
            keys.append(key)
        data = data[length:]
    return keys, data


def _first(data: bytes, *, whole: bool) -> tuple[int, str]:
    """How many bytes the first key takes, 0 if it is not all there, and its name, empty for one that has none."""
    if data[0] == _ESCAPE:
        return _escape(data, whole=whole)
    if data[0] < 0x20 or data[0] == 0x7F:
        return 1, _CONTROLS.get(data[0], "")
    # UTF-8 says in its first byte how many follow.
    length = 1 if data[0] < 0xC0 else 2 if data[0] < 0xE0 else 3 if data[0] < 0xF0 else 4
    if len(data) < length:
        return (len(data), "") if whole else (0, "")
    text = data[:length].decode(errors="ignore")
    return length, text if text.isprintable() else ""


def _escape(data: bytes, *, whole: bool) -> tuple[int, str]:
    if len(data) == 1:
        return (1, "escape") if whole else (0, "")
    if data[1:2] == b"O":
        length = 3
    elif data[1:2] == b"[":
        # A sequence ends with its first byte from "@" on; what is not known is skipped whole.
        length = next((at + 1 for at, byte in enumerate(data) if at > 1 and 0x40 <= byte <= 0x7E), len(data) + 1)
    else:
        return 1, "escape"
    if len(data) < length:
        return (len(data), "") if whole else (0, "")
    return length, _SEQUENCES.get(data[:length], "")
