"""Bounds and kinds that annotate options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Le, Lt, MaxLen

CHECKED: Final[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
"""Configuration of pydantic for a class of options: no unknown fields, no infinite numbers."""


@dataclass(frozen=True)
class Kind:
    """Kind of thing that a path must name: a folder or a file."""

    folder: bool


@dataclass(frozen=True)
class TextPattern:
    """A regular expression that the whole of a text matches.

    Arguments:
        text: The expression.
        expected: The texts that match, in words for people.
    """

    text: str
    expected: str = ""


@dataclass(frozen=True)
class NamedFile:
    """Marks a text of a name, an equals sign and the path of a file."""


@dataclass(frozen=True)
class Internal:
    """Marks a field that no front end offers: it is set by other steps, or from Python."""


DAY: Final = 24 * 3600.0
File = Annotated[Path, Kind(folder=False)]
Folder = Annotated[Path, Kind(folder=True)]
Style = Literal["auto", "orchestra", "network"]
PaletteName = Literal["orchestra", "chamber", "strings", "piano", "band", "synth", "hybrid", "minimal"]
Seconds = Annotated[float, Ge(0), Le(DAY)]
Axis = Annotated[float, Ge(-1), Le(1)]
Name = Annotated[str, MaxLen(1000)]
Color = Annotated[str, MaxLen(40)]
Seed = Annotated[int, Ge(0), Lt(2**32)]
Takes = Annotated[int, Ge(1), Le(64)]
