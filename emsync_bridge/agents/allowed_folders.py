"""Folders that an agent may touch: all paths that it names are checked before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

from emsync_bridge.errors import AgentError
from emsync_bridge.options import GROUPS, NamedFile


class AllowedFolders:
    """Folders that the user has named.

    Arguments:
        folders: The folders; links in them are followed once, now.

    Raises:
        AgentError: One of them is not there.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            if not folder.is_dir():
                raise AgentError("The folder does not exist", where=folder, hint="Name a folder that exists")
        self._folders = tuple(folder.resolve() for folder in folders)

    def __str__(self) -> str:
        return ", ".join(map(str, self._folders))

    def check(self, text: str, field: str) -> str:
        """Return a path without links if it lies in an allowed folder.

        Arguments:
            text: The path; it need not exist.
            field: Name of the argument that holds it.

        Raises:
            AgentError: It is relative, or leads elsewhere.
        """
        path = Path(text)
        if "\0" in text or not path.is_absolute():
            raise AgentError("The path is not absolute", where=f"{field}: {text[:200]!r}", hint="Give an absolute path")
        found = path.resolve()
        if not any(found.is_relative_to(folder) for folder in self._folders):
            raise AgentError(
                "The path lies outside the folders that the user has allowed",
                where=f"{field}: {text[:200]}",
                hint=f"Use a path in {self}, or ask the user to allow its folder",
            )
        return str(found)

    def check_options(self, group: str, options: dict[str, Any]) -> dict[str, Any]:
        """Return a group of options with their paths checked; see ``check``."""
        checked = dict(options)
        for name in _path_options(group) & options.keys():
            checked[name] = self._checked(options[name], f"{group}.{name}")
        for name in _named_file_options(group) & options.keys():
            checked[name] = [self._checked_named(each, f"{group}.{name}") for each in options[name]]
        return checked

    def _checked_named(self, value: Any, field: str) -> Any:
        """Return a text of a name and a file with its path checked."""
        name, equals, path = str(value).partition("=")
        return f"{name}={self.check(path.strip(), field)}" if equals else value

    def _checked(self, value: Any, field: str) -> Any:
        if isinstance(value, (list, tuple)):
            return [self._checked(each, field) for each in value]
        if isinstance(value, dict):
            return {key: self._checked(each, field) for key, each in value.items()}
        # a text that is no path, such as the name of a theme, names no file
        return self.check(value, field) if isinstance(value, str) and _names_a_file(value) else value


def _names_a_file(text: str) -> bool:
    return "/" in text or "\\" in text or text.startswith((".", "~")) or Path(text).exists()


@lru_cache
def _path_options(group: str) -> frozenset[str]:
    return frozenset(_fields_with_paths(GROUPS[group]))


@lru_cache
def _named_file_options(group: str) -> frozenset[str]:
    hints = get_type_hints(GROUPS[group], include_extras=True)
    return frozenset(name for name, annotation in hints.items() if NamedFile.__name__ in str(annotation))


def _fields_with_paths(kind: Any) -> Iterator[str]:
    for name, annotation in get_type_hints(kind).items():
        if "Path" in str(annotation):
            yield name
