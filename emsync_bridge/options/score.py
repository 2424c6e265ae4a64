"""Options of a whole score: takes, sections to be composed again, and all groups together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final

from annotated_types import MaxLen

from emsync_bridge.options.bounds import CHECKED, Seed, Takes
from emsync_bridge.options.cut import ReadOptions
from emsync_bridge.options.mood import EmotionOptions
from emsync_bridge.options.music import MusicOptions
from emsync_bridge.options.sound import RenderOptions


@dataclass(frozen=True)
class TakeOptions:
    """Options of the takes.

    Arguments:
        seed: Random seed of the first take; the same seed gives the same music.
        takes: Number of pieces to compose; the best one is rendered.
    """

    __pydantic_config__: ClassVar = CHECKED

    seed: Seed = 1
    takes: Takes = 1


@dataclass(frozen=True)
class RedoOptions:
    """Options of composing a section again.

    Arguments:
        only: Compose only these roles, players or families again, such as melody or oboe; the rest stays.
        lock: Keep these roles, players or families as they are, such as bass.
    """

    __pydantic_config__: ClassVar = CHECKED

    only: Annotated[tuple[Annotated[str, MaxLen(40)], ...], MaxLen(64)] = ()
    lock: Annotated[tuple[Annotated[str, MaxLen(40)], ...], MaxLen(64)] = ()


@dataclass(frozen=True)
class ScoreOptions:
    """All options of scoring a cut.

    Arguments:
        read: Reading the cut.
        emotion: Finding the mood.
        music: Composing.
        render: Sound.
        takes: Seed and number of takes.
    """

    __pydantic_config__: ClassVar = CHECKED

    read: ReadOptions = field(default_factory=ReadOptions)
    emotion: EmotionOptions = field(default_factory=EmotionOptions)
    music: MusicOptions = field(default_factory=MusicOptions)
    render: RenderOptions = field(default_factory=RenderOptions)
    takes: TakeOptions = field(default_factory=TakeOptions)


GROUPS: Final[dict[str, type[Any]]] = {
    "read": ReadOptions,
    "emotion": EmotionOptions,
    "music": MusicOptions,
    "render": RenderOptions,
    "takes": TakeOptions,
}
"""The classes of options by their names in ``ScoreOptions`` and in requests."""
