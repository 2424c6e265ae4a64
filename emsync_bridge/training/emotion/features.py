"""Looking at labelled clips once: their shots, frozen features and what the untrained fusion makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from emsync_bridge.cue import Affect, EmotionCurve, Shot
from emsync_bridge.emotion.estimate import part_estimate, rows_of
from emsync_bridge.emotion.extractors.cache import DiskCache
from emsync_bridge.emotion.extractors.interface import Extractor, ShotPart, split
from emsync_bridge.emotion.extractors.observe import Observations, observe
from emsync_bridge.emotion.extractors.shared_decode import SharedDecode
from emsync_bridge.emotion.fusion.head_tokens import Stretch, tokens_of
from emsync_bridge.emotion.fusion.smoothing import spans
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.errors import MediaError
from emsync_bridge.picture.relink import relink
from emsync_bridge.picture.shot_detection import detect_shots
from emsync_bridge.training.emotion.dataset_files import LabelledClip

MAX_CACHE_BYTES = 64 * 2**30

AT_ONCE = 64
"""Clips whose measurements are in memory together."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SeenClip:
    """A labelled clip and what was measured in it.

    Arguments:
        clip: The clip.
        starts: Seconds at which each part starts.
        parts: Tokens of each part.
        untrained: Probabilities of the six emotions by the untrained fusion, in the order of ``EMOTIONS``.
        untrained_affect: Valence and arousal by the untrained fusion.
    """

    clip: LabelledClip
    starts: tuple[float, ...]
    parts: tuple[Stretch, ...]
    untrained: tuple[float, ...]
    untrained_affect: Affect


class _Shots:
    """Shots are kept beside the measurements, a row with start and end for each."""

    name = "shots"
    version = "1"


def look_at(
    clips: Sequence[LabelledClip], extractors: Sequence[Extractor], cache: DiskCache, progress: Progress | None = None
) -> tuple[list[SeenClip], list[str]]:
    """Return what is measured in clips, and a line on each clip that cannot be read.

    Arguments:
        clips: The clips.
        extractors: Extractors to measure with.
        cache: Cache where measurements are kept, so that only the first run takes long.
        progress: Function called with the part done, from 0 to 1, and the clip's name.
    """
    seen: list[SeenClip] = []
    troubles: list[str] = []
    for first in range(0, len(clips), AT_ONCE):
        prepared: list[tuple[LabelledClip, list[ShotPart]]] = []
        for count, clip in enumerate(clips[first : first + AT_ONCE], start=first):
            if progress is not None:
                progress(count / len(clips), f"Looking at {clip.path.name}")
            try:
                shots = _shots(clip.path, extractors, cache)
            except MediaError as problem:
                troubles.append(str(problem))
                continue
            prepared.append((clip, list(split(shots, relink(shots, timeline=clip.path, picture=clip.path)))))
        # large networks are loaded once for each call, so that a call is for many clips
        observed = observe([part for _, parts in prepared for part in parts], extractors, memory=cache)
        troubles += [warning for warning in observed.warnings if warning not in troubles]
        before = 0
        for clip, parts in prepared:
            names = [e.name for e in extractors]
            rows = {
                (i, name): observed.rows[before + i, name]
                for i in range(len(parts))
                for name in names
                if (before + i, name) in observed.rows
            }
            before += len(parts)
            if rows:
                seen.append(_seen(clip, parts, extractors, Observations(rows)))
    return seen, troubles


def _seen(
    clip: LabelledClip, parts: Sequence[ShotPart], extractors: Sequence[Extractor], observed: Observations
) -> SeenClip:
    tokens = [tokens_of(part, rows_of(i, extractors, observed), extractors) for i, part in enumerate(parts)]
    curve = EmotionCurve(tuple(spans([part_estimate(i, parts, extractors, observed) for i in range(len(parts))])))
    lengths = np.array([span.end - span.start for span in curve.spans])
    classes = np.array([[(span.ekman or {})[emotion] for emotion in EMOTIONS] for span in curve.spans])
    mean = lengths @ classes / lengths.sum()
    return SeenClip(
        clip, tuple(part.start for part in parts), tuple(tokens), tuple(float(p) for p in mean), curve.mean()
    )


def _shots(path: Path, extractors: Sequence[Extractor], cache: DiskCache) -> list[Shot]:
    """Return the shots of a movie; looks at its picture in the same go where nothing is known of it yet."""
    kept = cache.recall(path, _Shots, "adaptive")
    if not kept:
        onlooker = SharedDecode(path, extractors, cache)
        found = detect_shots(path, watch=onlooker)
        onlooker.finish(float(found.duration))
        edges = sorted({0.0, *map(float, found.cuts), *(float((a + b) / 2) for a, b in found.transitions)})
        edges = [edge for edge in edges if edge < float(found.duration) - 0.02]
        kept = {
            index: np.array(ends, np.float32) for index, ends in enumerate(pairwise([*edges, float(found.duration)]))
        }
        cache.keep(path, _Shots, "adaptive", kept)
    media = str(path)
    return [Shot(float(a), float(b), media, float(a), float(b)) for a, b in (kept[index] for index in sorted(kept))]
