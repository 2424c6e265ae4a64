"""Command line: one module per command; ``shared`` holds what several commands use. Entry point: ``main``."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge import __version__

if TYPE_CHECKING:
    from emsync_bridge.errors import EmsyncError

COMMANDS = {
    "spot": "spot",
    "feel": "feel",
    "compose": "compose",
    "render": "render",
    "place": "place",
    "score": "score",
    "conform": "conform",
    "batch": "batch",
    "live": "live.command",
    "serve": "serve",
    "mcp": "mcp",
    "corpus": "training.corpus",
    "train": "training.train",
    "train-emotion": "training.train_emotion",
    "evaluate": "training.evaluate",
    "resolve": "resolve",
    "models": "models.command",
    "doctor": "doctor",
}
"""Every command and the module in this package that holds it under the command's name."""


OPTIONAL = {"torch": ("PyTorch", "train"), "mcp": ("the MCP SDK", "mcp")}
"""Modules that only some commands need: what people call each, and the extra that brings it."""


class CommandGroup(click.Group):
    """Command group that imports a command when it is used, so that ``emsync --help`` stays quick."""

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.caught: list[int] = []

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the commands in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(f"emsync_bridge.cli.{COMMANDS[cmd_name]}"), cmd_name.replace("-", "_")
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for; where there is none, the message names the nearest one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from emsync_bridge.errors import did_you_mean

            ctx.fail(f"There is no command {name!r}. {did_you_mean(name, COMMANDS)}Commands are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the program; after Ctrl-C or a request to terminate it ends by that signal, once all is cleared up.

        A shell then sees 130 or 143, and ends a loop over many cuts too: one goes on after a program that merely
        returns such a number. Where another program calls this, and on Windows, the number is returned.
        """
        self.caught = []
        if os.name == "posix" and not args and extra.get("args") is None:
            atexit.register(_end_by, self.caught)  # the first to be registered is the last to run
        try:
            return super().main(*args, **extra)
        except SystemExit:
            if self.caught:
                raise SystemExit(128 + self.caught[0]) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a failure is one message on stderr and exit code 1."""
        from emsync_bridge.errors import EmsyncError

        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            self.caught.append(interrupt.args[0] if interrupt.args else signal.SIGINT)
            raise
        except EmsyncError as problem:
            raise click.ClickException(_worded(problem)) from problem
        except ModuleNotFoundError as missing:
            if missing.name not in OPTIONAL:
                raise
            name, extra = OPTIONAL[missing.name]
            raise click.ClickException(
                f'This needs {name}, which is not installed. Install it with: pip install "emsync-bridge[{extra}]"'
            ) from None
        except MemoryError:
            raise click.ClickException("Not enough memory. Close other programs and try again.") from None
        except OSError as problem:
            if isinstance(problem, BrokenPipeError):
                raise
            place = f"{problem.filename}: " if problem.filename else ""
            raise click.ClickException(f"{place}{problem.strerror or problem}.") from problem


def _worded(problem: EmsyncError) -> str:
    """Return an error with the option that sets what it names."""
    from emsync_bridge.cli.shared.console import visible
    from emsync_bridge.cli.shared.options import option_name

    return visible(problem.text(option_name(problem.setting) if problem.setting else ""))


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="emsync")
def main() -> None:
    """Music for a cut, composed from the editor's own timeline.

    \b
    Examples:
      emsync score CUT.otio --out music        compose, render and write back
      emsync spot CUT.xml                      the hit points, as a table
      emsync score CUT.otio --out m --mood joy --takes 3

    Shell completion: eval "$(_EMSYNC_COMPLETE=bash_source emsync)", or zsh_source, fish_source.
    """
    signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(number)  # so that temporary files are cleared away as for Ctrl-C


def _end_by(caught: Sequence[int]) -> None:
    """End this process by the signal that it has caught, if any."""
    for number in caught:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
