"""Shot detection in a plain movie: cuts to the frame, fades through black, dissolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import DetectedShots
from emsync_bridge.errors import MediaError
from emsync_bridge.picture.probe import MediaInfo, probe
from emsync_bridge.picture.steady_frames import FrameSteps, steady_frames

SIDE = 224
"""Height in pixels of decoded frames, and side of the square that most extractors are given."""

WIDE = 2 * SIDE
"""Width in pixels of decoded frames: with it a picture of 16:9 keeps nearly square pixels, which faces need."""

COMPARED = SIDE // 2
"""Pixels of the square in which neighbouring frames are compared.

At half size noise averages out: between dimmed, noisy photographs 54 of 69 cuts are found, at full size 18; and it
takes a third of the time.
"""

MIN_SHOT_SECONDS = 0.2
"""Seconds; shorter than PySceneDetect's default of 15 frames, long enough that a flash is one cut and not two."""

BLACK = 10.0
"""Mean of the brighter half of a frame, of 255, up to which it counts as black."""

MAX_FADE_LENGTH = 3.0
"""Seconds that a fade may take on either side of black."""


def detect_shots(
    path: Path,
    *,
    method: Literal["adaptive", "transnet"] = "adaptive",
    progress: Callable[[float], None] | None = None,
    watch: Callable[[float, NDArray[np.uint8]], None] | None = None,
) -> DetectedShots:
    """Return where the picture of a movie changes.

    Arguments:
        path: The movie.
        method: ``adaptive`` compares colours of neighbouring frames (PySceneDetect) and finds cuts and fades;
            ``transnet`` is the network TransNetV2 and finds dissolves too, at about real time on one core.
        progress: Function called with the part done, from 0 to 1.
        watch: Function called with each frame's time in seconds and its (SIDE, WIDE, 3) bytes of red, green and blue,
            so that others need not decode the movie again; ``adaptive`` only.

    Raises:
        MediaError: There is no moving picture, it cannot be decoded, or TransNetV2 is not installed.
    """
    info = probe(path)
    if not info.has_picture or info.rate is None:
        raise MediaError(
            "The file holds no moving picture", where=path, hint="Give a movie, or a timeline that uses this file"
        )
    if method == "transnet":
        from emsync_bridge.picture.transnet import find_transitions

        found = find_transitions(info, info.rate, progress)
    else:
        found = _adaptive(info, info.rate, progress, watch)
    if found.duration == 0:
        raise MediaError("Not one frame of the picture can be decoded", where=path)
    return replace(found, start_timecode=info.timecode, warnings=_warnings(info, found))


def _adaptive(
    info: MediaInfo,
    rate: Fraction,
    progress: Callable[[float], None] | None,
    watch: Callable[[float, NDArray[np.uint8]], None] | None,
) -> DetectedShots:
    import cv2
    from scenedetect import AdaptiveDetector, FrameTimecode

    detector = AdaptiveDetector(min_scene_len=round(MIN_SHOT_SECONDS * rate))
    cuts: list[int] = []
    lights: list[float] = []
    steps = FrameSteps()
    for number, frame in enumerate(steady_frames(info, rate, (WIDE, SIDE), progress)):
        small = cv2.resize(frame, (COMPARED, COMPARED), interpolation=cv2.INTER_AREA)
        steps.add(np.asarray(small, np.uint8))
        blue_first = np.ascontiguousarray(small[:, :, ::-1])
        cuts.extend(cut.frame_num for cut in detector.process_frame(FrameTimecode(number, fps=rate), blue_first))
        lights.append(_light(frame))
        if watch is not None:
            watch(float(number / rate), frame)
    fades = find_fades(np.asarray(lights), float(rate))
    return DetectedShots(
        rate=rate,
        duration=len(lights) / rate,
        cuts=tuple(
            cut / rate for cut in cuts if steps.visible(cut) and not any(start <= cut <= end for start, end in fades)
        ),
        transitions=tuple((start / rate, end / rate) for start, end in fades),
    )


def _light(frame: NDArray[np.uint8]) -> float:
    """Return the mean of the brighter half of a frame, by its strongest colour, from every fourth row."""
    strongest = frame[::4, ::8].max(axis=2).ravel()
    return float(np.mean(np.partition(strongest, strongest.size // 2)[strongest.size // 2 :]))


def find_fades(lights: NDArray[np.float64], rate: float) -> list[tuple[int, int]]:
    """Return the fades through black between two pictures.

    Arguments:
        lights: Brightness of each frame, from 0 to 255.
        rate: Frames per second.

    Returns:
        Pairs of frames: the last one at full light, and the first one at full light again. Black between two hard
        cuts is no fade.
    """
    black = np.concatenate(([False], lights <= BLACK, [False]))
    edges = np.flatnonzero(np.diff(black.astype(np.int8)))
    reach = round(MAX_FADE_LENGTH * rate)
    fades = []
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        if first == 0 or after == len(lights):
            continue
        start = _top(lights[max(0, first - reach) : first + 1][::-1])
        end = _top(lights[after - 1 : after + reach])
        if start > 2 or end > 2:
            fades.append((int(first) - start, int(after) - 1 + end))
    return fades


def _top(lights: NDArray[np.float64]) -> int:
    """Return how many frames brightness keeps rising, allowing for a little noise."""
    steps = np.diff(lights)
    falling = np.flatnonzero(steps < 0.004 * np.maximum.accumulate(lights)[:-1])
    return int(falling[0]) if len(falling) else len(steps)


def _warnings(info: MediaInfo, found: DetectedShots) -> tuple[str, ...]:
    warnings = []
    if info.variable_rate:
        warnings.append(
            f"{info.path.name} has a variable frame rate; frames are counted at {float(found.rate):g} per second."
        )
    if info.duration - float(found.duration) > max(1.0, 0.02 * info.duration):
        warnings.append(
            f"{info.path.name} should last {info.duration:.1f} s, but its picture ends after "
            f"{float(found.duration):.1f} s; "
            + (
                "its sound goes on without it, or the file is damaged."
                if info.has_sound
                else "the file may be damaged."
            )
        )
    return tuple(warnings)
