"""Destinations of commands: new files of the right kind, never in place of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class NewFile(click.Path):
    """A file to write, by the suffixes that say what is written.

    Arguments:
        suffixes: Suffixes in small letters with their dot.
    """

    def __init__(self, *suffixes: str) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            click.BadParameter: Its name ends otherwise, so that something else is expected in it.
        """
        path = Path(str(super().convert(value, param, ctx)))
        if path.suffix.lower() not in self.suffixes:
            self.fail(f"'{path.name}' does not end in {' or '.join(self.suffixes)}.", param, ctx)
        return path


class NamedFolder(click.Path):
    """A folder that is made where it is missing; an empty name, as of a shell variable that is not set, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            click.BadParameter: The name is empty.
        """
        if value == "":
            self.fail("The name of the folder is empty; write . for the current one", param, ctx)
        return super().convert(value, param, ctx)


class NewFolder(click.Path):
    """A folder to write to.

    Arguments:
        names: Files that will be written there, as far as they are known beforehand; with ``*`` for any name.
        whole: Whether all of it is replaced at once.
    """

    def __init__(self, *names: str, whole: bool = False) -> None:
        super().__init__(path_type=Path)
        self.names = names
        self.whole = whole


def protects_files(command: Command) -> Command:
    """Add ``--force`` to a command and have it write over nothing but what emsync wrote.

    Every file and folder that the command's parameters name and that has to exist is an input. What stands where a
    result will go is looked at before any work is done, and once more when the result is moved into place.
    """

    @click.option(
        "--force", is_flag=True, help="Write over files that emsync did not write, or that were changed since."
    )
    @wraps(command)
    def protected(*arguments: Any, force: bool, **options: Any) -> Any:
        from emsync_bridge.files.overwriting import protecting, refuse

        context = click.get_current_context()
        with protecting(_inputs(context), force=force):
            for target in _targets(context):
                refuse(target)
            return command(*arguments, **options)

    return protected  # type: ignore[return-value]  # the same but for --force


def _inputs(context: click.Context) -> Iterator[Path]:
    for parameter in context.command.params:
        if isinstance(parameter.type, click.Path) and parameter.type.exists:
            yield from _paths(context.params.get(parameter.name or ""))


def _targets(context: click.Context) -> Iterator[Path]:
    for parameter in context.command.params:
        for path in _paths(context.params.get(parameter.name or "")):
            if isinstance(parameter.type, NewFile) or (isinstance(parameter.type, NewFolder) and parameter.type.whole):
                yield path
            elif isinstance(parameter.type, NewFolder) and path.is_dir():
                for name in parameter.type.names:
                    # a link to nowhere is there as well, and glob does not see it
                    yield from sorted(path.glob(name)) if "*" in name else [path / name]


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, tuple):
        yield from (one for one in value if isinstance(one, Path))
