"""Takes of the music, and the cue that holds cut, mood and takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from emsync_bridge.cue.emotion import EmotionCurve
from emsync_bridge.cue.notes import Control, Note
from emsync_bridge.cue.short_score import ScoreSection, ShortScore
from emsync_bridge.cue.spotting import Spotting
from emsync_bridge.cue.tempo import TempoMap


@dataclass(frozen=True)
class HitAnswer:
    """The onset that answers a hit point.

    Arguments:
        hit: Index into ``Spotting.hits``.
        onset: Seconds of the nearest chord onset; None when the music is silent there.
        error_ms: Onset minus hit in milliseconds; None when nothing answers it.
        metrical: Metrical place of the onset: ``bar``, ``beat`` or ``tick``.
        bend: Tempo in the approach relative to the base tempo, minus 1.
    """

    hit: int
    onset: float | None
    error_ms: float | None
    metrical: Literal["bar", "beat", "tick"]
    bend: float = 0.0


@dataclass(frozen=True)
class Take:
    """One generated piece, reproducible from its seed.

    Arguments:
        seed: Random seed.
        notes: Notes in order of start.
        tempo_map: Tempo map that ties the notes' ticks to seconds.
        key: Tonic of the transposition, such as ``C major`` or ``F# minor``.
        answers: One per hit point that the music was asked to land on.
        model: Name and hash of the checkpoint that wrote it.
        controls: Controls of the players, in order of tick.
        score: Score that it was written from; None where the network wrote it alone.
    """

    seed: int
    notes: tuple[Note, ...]
    tempo_map: TempoMap
    key: str = ""
    answers: tuple[HitAnswer, ...] = ()
    model: str = ""
    controls: tuple[Control, ...] = ()
    score: ShortScore | None = None


@dataclass(frozen=True)
class Cue:
    """The whole of it: any step can start again from here.

    Arguments:
        spotting: The cut.
        curve: The mood.
        takes: All pieces that were composed.
        chosen: Index of the take that was rendered.
        settings: Settings that the user asked for, as given.
        version: Version of this document's layout.
    """

    spotting: Spotting
    curve: EmotionCurve
    takes: tuple[Take, ...] = ()
    chosen: int = 0
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    version: int = 1

    @property
    def take(self) -> Take:
        """The take that was rendered."""
        return self.takes[self.chosen]

    def character_of(self, take: Take, section: ScoreSection) -> str:
        """Return the character of a section of a take: the word that a person ordered there, else the music's own."""
        seconds = take.tempo_map.seconds
        return self.curve.ordered_word(seconds(section.start), seconds(section.end)) or section.character
