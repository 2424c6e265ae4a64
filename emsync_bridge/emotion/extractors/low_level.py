"""Low-level cues: movement, colour, loudness, and how fast the shots follow each other.

Maps from measurement to affect are linear and clipped, and were judged; ``fusion.calibration`` brings what they give to
the scale of labelled clips. Arousal comes from movement (Detenber, Simons and Bennett 1998), from
sound energy and cut rhythm (Hanjalic and Xu 2005); valence from brightness and saturation with the weights of
Valdez and Mehrabian 1994, scaled to the small effect that they have on rated photographs (r = 0.16).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import AffectEstimate, Rows, ShotPart
from emsync_bridge.picture.sound_events import loud_events

AROUSAL_SIGMA = 0.40 * math.sqrt(3.0)
"""Error of each of three equal arousal cues whose mean has an error of 0.40."""

COLOUR_SIGMA = 0.55

LONG_TAKE = 10.0
"""Seconds without a cut above which a take is long."""

BLACK = 0.04
"""Mean HSV value, from 0 to 1, below which a picture is black."""

FLAT = 0.86
"""Share of neighbouring pixels of one colour above which a picture is drawn: a title, a slate, colour bars.

Of 900 photographs none has more than 0.76, of 60 that are darkened to a mean value of 0.06 and coarsely coded none more
than 0.81; titles, slates, countdowns and bars have 0.89 and more.
"""

SILENT_DB = -60.0
"""Sound below this level counts as a muted or missing track, not as calm."""

EVENT_AROUSAL, EVENT_SIGMA = 0.7, 0.6
"""Arousal of a stretch with a sudden loud sound, and its error: judged."""

PALETTE = 4
"""Steps per colour channel of the palette that tells scenes apart."""


def _ramp(value: float, inputs: tuple[float, float], outputs: tuple[float, float]) -> float:
    return float(np.interp(value, inputs, outputs))


class LookExtractor:
    """Movement and colour of the picture."""

    name: ClassVar[str] = "look"
    version: ClassVar[str] = "3"
    origin: ClassVar[str] = "low-level picture statistics"
    sense: ClassVar[Literal["picture"]] = "picture"
    every: ClassVar[int] = 1
    paired: ClassVar[tuple[int, ...]] = (0,)

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:
        """Return movement, lightness, HSV value, HSV saturation, flatness and the palette of each frame.

        Movement is the mean absolute difference of luma to the frame before, from 0 to 1; not a number where there
        is none. Flatness is the share of pixels that have the colour of the one beside or below them, the greater.
        """
        return np.stack([_look(frame, earlier) for frame, earlier in zip(samples, before, strict=True)])

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return an estimate on movement and one on colour, which tells nothing of black pictures and graphics."""
        drawn = "black" if is_black(rows) else "title or graphic" if is_drawn(rows) else ""
        estimates = [AffectEstimate("colour", reason=drawn) if drawn else _colour(rows)]
        moves = rows[:, 0][np.isfinite(rows[:, 0])]
        if part.speed == 0:
            moves = np.zeros(1, np.float32)
        if len(moves):
            # in a shot that runs faster than life, things move faster
            movement = float(moves.mean()) * part.speed if part.speed else 0.0
            arousal = _ramp(movement, (0.005, 0.08), (-0.5, 0.7))
            reason = (
                "still" if movement < 0.006 else "slow" if arousal < -0.2 else "much movement" if arousal > 0.2 else ""
            )
            estimates.append(AffectEstimate("motion", Affect(0.0, arousal), (math.inf, AROUSAL_SIGMA), reason))
        return estimates


def _look(frame: NDArray[np.uint8], before: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    # every other pixel of every other row is plenty for means, and four times as fast
    top, left = black_bars(frame)
    seen = np.s_[top : frame.shape[0] - top : 2, left : frame.shape[1] - left : 2]
    red, green, blue = (frame[seen][..., channel] for channel in range(3))
    high = np.maximum(np.maximum(red, green), blue).astype(np.float32)
    low = np.minimum(np.minimum(red, green), blue)
    saturation = (high - low) / np.maximum(high, 1.0)
    luma = _luma(frame[seen])
    movement = math.nan if before is None else float(np.abs(luma - _luma(before[seen])).mean()) / 255
    step = 256 // PALETTE
    codes = (red // step).astype(np.intp) * PALETTE**2 + (green // step) * PALETTE + blue // step
    palette = np.bincount(codes.ravel(), minlength=PALETTE**3) / codes.size
    head = (movement, float(luma.mean()) / 255, float(high.mean()) / 255, float(saturation.mean()), _flatness(frame))
    return np.concatenate((head, palette)).astype(np.float32)


def _flatness(frame: NDArray[np.uint8]) -> float:
    colours = frame[..., 0].astype(np.int32)
    for channel in (1, 2):
        colours = (colours << 8) | frame[..., channel]
    return max(float((colours[:, 1:] == colours[:, :-1]).mean()), float((colours[1:] == colours[:-1]).mean()))


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pixels.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709


def black_bars(frame: NDArray[np.uint8]) -> tuple[int, int]:
    """Return how many rows at top and bottom, and columns at either side, are black bars around the picture."""
    bright = frame > 24
    return _bar(np.asarray(bright.any(axis=(1, 2)))), _bar(np.asarray(bright.any(axis=(0, 2))))


def _bar(lit: NDArray[np.bool_]) -> int:
    if not lit.any():
        return 0
    bar = min(int(np.argmax(lit)), int(np.argmax(lit[::-1])))
    return min(bar, len(lit) // 3)


def is_black(rows: Rows) -> bool:
    """Return whether rows of ``LookExtractor`` show a black picture, of which colour and content tell nothing."""
    return float(rows[:, 2].mean()) < BLACK


def is_drawn(rows: Rows) -> bool:
    """Return whether rows of ``LookExtractor`` show a title, slate or other graphic, whose colours mislead."""
    return float(rows[:, 4].mean()) > FLAT


def _colour(rows: Rows) -> AffectEstimate:
    value, saturation = float(rows[:, 2].mean()), float(rows[:, 3].mean())
    # means and deviations of 900 photographs (OASIS, Kurdi, Lozano and Banaji 2017) at 224 x 224 pixels
    pleasure = (0.69 * (value - 0.518) / 0.151 + 0.22 * (saturation - 0.332) / 0.197) / 0.711
    light = "dark" if value < 0.3 else "bright" if value > 0.68 else ""
    hue = "grey" if saturation < 0.1 else "colourful" if saturation > 0.55 and value > 0.3 else ""
    return AffectEstimate(
        "colour",
        Affect(float(np.clip(0.09 * pleasure, -0.3, 0.3)), 0.0),
        (COLOUR_SIGMA, math.inf),
        ", ".join(word for word in (light, hue) if word),
    )


class SoundExtractor:
    """Loudness and brightness of the sound."""

    name: ClassVar[str] = "sound"
    version: ClassVar[str] = "1"
    origin: ClassVar[str] = "low-level sound statistics"
    sense: ClassVar[Literal["sound"]] = "sound"
    every: ClassVar[int] = 1
    paired: ClassVar[tuple[int, ...]] = ()

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:  # noqa: ARG002
        """Return mean power, and the spectral centroid in Hz, of each window."""
        return np.stack([_listen(window) for window in samples])

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return an estimate on loudness and timbre; none on silence, or where the sound cannot be heard as it is."""
        power = float(rows[:, 0].mean())
        level = 10 * math.log10(max(power, 1e-12))
        if level < SILENT_DB or part.speed == 0:
            return []
        octaves = math.log2(max(float((rows[:, 0] * rows[:, 1]).sum() / rows[:, 0].sum()), 20.0) / 1200)
        loud = _ramp(level, (-40, -10), (-0.6, 0.6))
        arousal = (2 * loud + _ramp(octaves, (-2, 1.5), (-0.4, 0.5))) / 3
        reason = "low sound" if loud < -0.25 else "loud" if loud > 0.25 else ""
        found = [AffectEstimate("sound", Affect(0.0, arousal), (math.inf, AROUSAL_SIGMA), reason)]
        if loud_events(rows[:, 0]):
            found.append(
                AffectEstimate("event", Affect(0.0, EVENT_AROUSAL), (math.inf, EVENT_SIGMA), "sudden loud sound")
            )
        return found


def _listen(window: NDArray[np.float32]) -> NDArray[np.float32]:
    samples = window.astype(np.float64) - (window.mean() if len(window) else 0.0)
    if len(samples) < 2:
        return np.zeros(2, np.float32)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 16000)
    centroid = float((spectrum * hertz).sum() / spectrum.sum()) if spectrum.sum() > 0 else 0.0
    return np.array([np.mean(samples**2), centroid], np.float32)


def cutting(part: ShotPart) -> AffectEstimate:
    """Return the estimate of the rhythm of the cuts around a part.

    A single shot has no rhythm, and says nothing unless it lasts so long that the lack of a cut tells something.
    """
    if part.alone and part.pace <= LONG_TAKE:
        return AffectEstimate("cutting")
    arousal = _ramp(math.log2(part.pace / 5.0), (-2, 2), (0.7, -0.4))
    reason = "fast cutting" if part.pace < 2.0 else "long takes" if part.pace > LONG_TAKE else ""
    return AffectEstimate("cutting", Affect(0.0, arousal), (math.inf, AROUSAL_SIGMA), reason)


def alikeness(one: Rows, other: Rows) -> float:
    """Return how alike the palettes of two stretches of picture are, from 0 to 1 (histogram intersection)."""
    return float(np.minimum(one[:, 5:].mean(axis=0), other[:, 5:].mean(axis=0)).sum())
