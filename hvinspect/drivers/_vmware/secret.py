"""Where the password comes from: an option, a file, or the environment."""

from __future__ import annotations

import os

from hvinspect.driver import InvalidTarget, Secret, printable

__all__ = ["VARIABLE", "find_password"]

VARIABLE = "HVINSPECT_VMWARE_PASSWORD"
_LONGEST = 4096


def find_password(password: Secret | None, file: str | None) -> Secret:
    """The password of the option, else of the *file*, else of the environment.

    Raises:
        InvalidTarget: there is none, or two were given.
    """
    if password is not None and file is not None:
        raise InvalidTarget("password and password_file are both given: one is enough")
    if password is not None:
        return password
    if file is not None:
        return _from_file(file)
    from_environment = os.environ.get(VARIABLE)
    if from_environment is None:
        raise InvalidTarget(f"there is no password: give the option password or password_file, or set {VARIABLE}")
    return Secret(from_environment)


def _from_file(path: str) -> Secret:
    try:
        with open(path, encoding="utf-8") as file:
            # An editor ends the line; what comes behind it is no password.
            text = file.read(_LONGEST).partition("\n")[0].rstrip("\r")
    except OSError as exc:
        raise InvalidTarget(f"password_file cannot be read: {printable(path)}: {printable(exc.strerror)}") from exc
    except UnicodeDecodeError:
        raise InvalidTarget(f"password_file is no text in UTF-8: {printable(path)}") from None
    if not text:
        raise InvalidTarget(f"password_file is empty: {printable(path)}")
    return Secret(text)
