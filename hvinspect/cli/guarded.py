"""The click group whose errors are a line on stderr and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

import hvinspect
from hvinspect.driver import printable

from .exits import Exit, of_error
from .humane import LONGEST_TEXT
from .output import complain, drop_stdout, tolerate_encodings

__all__ = ["Guarded"]

# A ConnectFailed names its own: only the driver knows what it tried to reach.
_REMEDIES: dict[type[hvinspect.Error], str] = {
    hvinspect.DriverNotFound: "'hvinspect drivers' lists the drivers",
    hvinspect.ConnectionLost: "the next run connects anew",
    hvinspect.AccessDenied: "run it as a user whom the hypervisor lets read, or change its policy",
    hvinspect.DeadlineExceeded: "give it longer with --timeout SECONDS",
    hvinspect.InstanceNotFound: "'hvinspect list TARGET' shows the keys",
    hvinspect.NotSupported: "'hvinspect capabilities TARGET' shows what the target gives",
    hvinspect.ReplyInvalid: "'hvinspect --traceback ...' shows where it came from, for a report",
}


class Guarded(click.Group):
    """A group of commands that ends with one of the documented exit codes, whatever happens."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run and leave the process."""
        sys.exit(self.run(args))

    def run(self, arguments: Sequence[str] | None = None) -> int:
        """Run and return the exit code."""
        tolerate_encodings()
        if "_HVINSPECT_COMPLETE" in os.environ:  # click's own protocol with the shell
            super().main(prog_name="hvinspect", standalone_mode=True)
        given = list(sys.argv[1:] if arguments is None else arguments)
        try:
            code = self._outcome(given, tell_where="--traceback" in given)
            sys.stdout.flush()
        except KeyboardInterrupt:
            code = Exit.INTERRUPTED
        except BrokenPipeError:
            drop_stdout()
            code = Exit.PIPE_CLOSED
        except OSError as exc:
            drop_stdout()
            complain(f"the output cannot be written: {exc}")
            code = Exit.OTHER
        return code

    def _outcome(self, arguments: list[str], *, tell_where: bool) -> int:
        try:
            with self.make_context("hvinspect", arguments) as context:
                return int(self.invoke(context) or Exit.OK)
        except click.exceptions.Exit as exc:
            return exc.exit_code
        except click.Abort:
            return Exit.INTERRUPTED
        except click.ClickException as exc:
            _complain_of_usage(exc)
            return Exit.USAGE
        except hvinspect.Error as exc:
            if tell_where:
                _print_traceback()
            complain_of(exc)
            return of_error(exc)
        except OSError:
            raise
        except Exception as exc:  # noqa: BLE001  # a defect: still one readable line
            if tell_where:
                _print_traceback()
            complain(f"this is a defect of hvinspect: {type(exc).__name__}: {exc}")
            complain("'hvinspect --traceback ...' shows where it came from: please report it")
            return Exit.OTHER


def complain_of(error: hvinspect.Error) -> None:
    """What happened to what, and on a second line what to do."""
    complain(described(error))
    for kind in type(error).__mro__:
        if kind in _REMEDIES:
            complain(_REMEDIES[kind])
            return


def described(error: hvinspect.Error) -> str:
    """The error's text, with the target if the text leaves it out."""
    text = str(error) or type(error).__name__
    if error.target and error.target not in text:
        return f"{text} (target {error.target})"
    return text


def _print_traceback() -> None:
    for line in traceback.format_exc().splitlines():
        print(printable(line, limit=LONGEST_TEXT), file=sys.stderr)


def _complain_of_usage(exc: click.ClickException) -> None:
    complain(exc.format_message())
    context = exc.ctx if isinstance(exc, click.UsageError) else None
    complain(f"'{printable(context.command_path) if context else 'hvinspect'} --help' explains the usage")
