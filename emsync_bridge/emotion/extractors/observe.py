"""One pass through each medium for all light extractors together, only where no measurement is kept yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, Detailed, Extractor, Heavy, Row, Rows, ShotPart
from emsync_bridge.errors import CheckpointError, MediaError
from emsync_bridge.picture.audio import sound_windows
from emsync_bridge.picture.frames import sample_frames
from emsync_bridge.picture.probe import MediaInfo, probe
from emsync_bridge.picture.shot_detection import SIDE, WIDE

RATE = 16000
"""Sound samples per second."""

BRIDGED = 4 * GRID
"""Samples between two stretches of one medium that are decoded through rather than sought past."""

BATCH = 16

Progress = Callable[[float, str], None]

Queued = tuple[int, NDArray[Any], NDArray[Any] | None]
"""A sample, what is there, and what was there one sample before."""


class MeasurementCache(Protocol):
    """Rows of media, kept for later."""

    def recall(self, path: Path, extractor: Extractor, mode: str) -> dict[int, Row]:
        """Return the kept rows of a medium, by sample."""

    def keep(self, path: Path, extractor: Extractor, mode: str, rows: dict[int, Row]) -> None:
        """Keep all rows of a medium."""


@dataclass
class Observations:
    """Measurements of the parts of a cut.

    Arguments:
        rows: Rows of each part (by its index) and extractor (by its name); a missing key could not be measured.
        warnings: Media that could not be read, in full sentences.
        measured: Samples that had to be measured in this run.
    """

    rows: dict[tuple[int, str], Rows] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    measured: int = 0

    def warn(self, warning: str) -> None:
        """Take note of a warning, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)


def observe(
    parts: Sequence[ShotPart],
    extractors: Sequence[Extractor],
    *,
    keyframes: bool = False,
    memory: MeasurementCache | None = None,
    progress: Progress | None = None,
) -> Observations:
    """Return what the extractors measure in all parts.

    Arguments:
        parts: Parts of shots.
        extractors: Extractors to measure with.
        keyframes: Whether to decode key frames only.
        memory: Cache that keeps measurements between runs.
        progress: Function called with the part done, from 0 to 1, and what is happening.
    """
    media: dict[Path, dict[int, ShotPart]] = {}
    for index, part in enumerate(parts):
        if part.source is not None:
            media.setdefault(part.source.path, {})[index] = part
    seen = Observations()
    turns: list[list[Extractor]] = [[e for e in extractors if not isinstance(e, Heavy)]]
    turns += [[e] for e in extractors if isinstance(e, Heavy)]
    lengths = {path: sum(p.source_end - p.source_start for p in inside.values()) for path, inside in media.items()}
    total, done = (sum(lengths.values()) or 1.0) * len(turns), 0.0
    for turn in turns:
        for path, inside in media.items():

            def report(fraction: float, what: str, done: float = done, share: float = lengths[path] / total) -> None:
                if progress is not None:
                    progress(min(1.0, done + share * fraction), what)

            try:
                medium = _Medium(probe(path), inside, keyframes=keyframes, memory=memory)
                for extractor, rows in medium.observe(turn, report, seen):
                    for index, part in inside.items():
                        if len(chosen := medium.pick(part, extractor, rows)):
                            seen.rows[index, extractor.name] = chosen
            except MediaError as problem:
                seen.warn(str(problem))
            except CheckpointError as problem:
                seen.warn(str(problem))
                break
            done += lengths[path] / total
        for e in turn:
            if isinstance(e, Heavy):
                e.release()
    return seen


class _Medium:
    """One file and the parts of shots that it shows in."""

    def __init__(
        self, info: MediaInfo, parts: dict[int, ShotPart], *, keyframes: bool, memory: MeasurementCache | None
    ) -> None:
        self._info = info
        self._parts = parts
        self._keyframes = keyframes and not info.still
        self._memory = memory
        shots: dict[int, set[int]] = {}
        for part in parts.values():
            shots.setdefault(part.shot, set()).update(self._samples(part, 1))
        # samples whose predecessor belongs to the same shot, so that the two may be compared
        self._joined = {i for samples in shots.values() for i in samples if i - 1 in samples}

    def observe(
        self, extractors: Sequence[Extractor], report: Progress, seen: Observations
    ) -> Iterator[tuple[Extractor, dict[int, Row]]]:
        """Yield each extractor that can be used on this medium, with its rows by sample."""
        mode = "keyframes" if self._keyframes else "exact"
        usable = [e for e in extractors if (self._info.has_picture if e.sense == "picture" else self._info.has_sound)]
        senses = {e.sense for e in usable}
        middle = 0.9 if len(senses) == 2 else float("picture" in senses)
        for sense, verb, share in (("picture", "Looking at", (0.0, middle)), ("sound", "Listening to", (middle, 1.0))):
            group = [e for e in usable if e.sense == sense]
            kept = self._memory.recall if self._memory else _nothing
            known = {e.name: kept(self._info.path, e, mode) for e in group}
            needed: dict[int, list[Extractor]] = {}
            for e in group:
                for sample in {i for part in self._parts.values() for i in self._chosen(part, e)}:
                    if sample not in known[e.name]:
                        needed.setdefault(sample, []).append(e)
            span = next((e.span for e in group if isinstance(e, Heavy)), None)
            if sense == "picture":
                size = (span, span) if span else (WIDE, SIDE)
                measured = self._measure(self._frames(sorted(needed), size), needed)
            else:
                lasting = span or 1
                needed = {sample - sample % lasting: found for sample, found in needed.items()}
                measured = self._measure(self._windows(sorted(needed), lasting), needed)
            work = sum(len(_places(e, sample)) for sample, found in needed.items() for e in found)
            try:
                for count, (name, sample, row) in enumerate(measured, start=1):
                    known[name][sample] = row
                    seen.measured += 1
                    report(share[0] + count / work * (share[1] - share[0]), f"{verb} {self._info.path.name}")
            except MediaError as problem:
                seen.warn(str(problem))
            finally:  # a run that stops here keeps what was measured so far
                for e in group:
                    if self._memory and needed:
                        self._memory.keep(self._info.path, e, mode, known[e.name])
            yield from ((e, known[e.name]) for e in group)

    def pick(self, part: ShotPart, extractor: Extractor, rows: dict[int, Row]) -> Rows:
        """Return the rows of one part; comparisons with another shot's frames are NaN."""
        chosen = [i for i in self._chosen(part, extractor) if i in rows]
        if not chosen:
            return np.zeros((0, 0), np.float32)
        found = np.stack([rows[i] for i in chosen])
        if extractor.paired and not self._info.still:
            apart = [k for k, i in enumerate(chosen) if i not in self._joined]
            found[np.ix_(apart, extractor.paired)] = np.nan
        return found

    def _samples(self, part: ShotPart, every: int) -> range:
        return range(1) if self._info.still else part.samples(every)

    def _chosen(self, part: ShotPart, extractor: Extractor) -> Sequence[int]:
        samples = self._samples(part, extractor.every)
        if _places(extractor, 0).stop > 1:  # the rows of a long window lie at multiples of every
            return list(dict.fromkeys(i - i % extractor.every for i in samples))
        return samples

    def _frames(self, needed: Sequence[int], size: tuple[int, int]) -> Iterator[tuple[int, NDArray[Any]]]:
        for first, last in _stretches(needed):
            frames = sample_frames(
                self._info,
                first / GRID,
                (last + 1) / GRID,
                fps=GRID,
                width=size[0],
                height=size[1],
                keyframes=self._keyframes,
            )
            yield from enumerate((frame for _, frame in frames), start=first)

    def _windows(self, needed: Sequence[int], lasting: int) -> Iterator[tuple[int, NDArray[Any]]]:
        for first, last in _stretches(needed, max(BRIDGED, lasting)):
            windows = sound_windows(self._info, first / GRID, (last + lasting) / GRID, lasting / GRID, RATE)
            yield from ((first + count * lasting, window) for count, (_, window) in enumerate(windows))

    def _measure(
        self, stream: Iterator[tuple[int, NDArray[Any]]], needed: dict[int, list[Extractor]]
    ) -> Iterator[tuple[str, int, Row]]:
        """Yield extractor, sample and row for everything that is needed, measured in batches."""
        waiting: dict[str, list[Queued]] = {}
        aspect = aspect_of(self._info)
        by_name = {e.name: e for group in needed.values() for e in group}
        last: tuple[int, NDArray[Any]] | None = None
        for sample, content in stream:
            # also across cuts, where ``pick`` leaves it out: the next edit may join the two
            before = last[1] if last and last[0] == sample - 1 else None
            if self._info.still:
                before = content
            for e in needed.get(sample, ()):
                queue = waiting.setdefault(e.name, [])
                queue.append((sample, content, None if self._keyframes else before))
                if len(queue) == BATCH:
                    yield from measure_batch(e, waiting.pop(e.name), aspect)
            last = (sample, content)
        for name, queue in waiting.items():
            yield from measure_batch(by_name[name], queue, aspect)


def aspect_of(info: MediaInfo) -> float:
    """Return the width of a picture divided by its height; 16:9 where there is none."""
    return info.width / info.height if info.width and info.height else 16 / 9


def measure_batch(extractor: Extractor, queue: Sequence[Queued], aspect: float) -> Iterator[tuple[str, int, Row]]:
    """Yield the extractor's name, sample and row of each sample in a queue.

    Arguments:
        extractor: Extractor that measures.
        queue: Windows of sound, square frames for heavy extractors, or frames of (SIDE, WIDE, 3) for all others.
        aspect: Width of the picture divided by its height.
    """
    if isinstance(extractor, Detailed):
        rows = extractor.measure_detailed([content for _, content, _ in queue], aspect)
    else:
        squeezed = extractor.sense == "picture" and not isinstance(extractor, Heavy)
        contents = [_square(content) if squeezed else content for _, content, _ in queue]
        earlier = [_square(before) if squeezed and before is not None else before for _, _, before in queue]
        rows = extractor.measure(contents, earlier)
    places = [place for sample, _, _ in queue for place in _places(extractor, sample)]
    for place, row in zip(places, rows, strict=True):
        yield extractor.name, place, row


def _square(frame: NDArray[Any]) -> NDArray[Any]:
    """Return a frame of (SIDE, WIDE, 3) squeezed to (SIDE, SIDE, 3)."""
    import cv2

    found: NDArray[Any] = cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return found


def _places(extractor: Extractor, sample: int) -> range:
    """Return the samples to which the rows belong that come of measuring at one sample."""
    lasting = extractor.span if isinstance(extractor, Heavy) and extractor.sense == "sound" else 1
    return range(sample, sample + lasting, extractor.every)


def _stretches(samples: Iterable[int], bridged: int = BRIDGED) -> Iterator[tuple[int, int]]:
    """Yield first and last sample of stretches that are best decoded in one go."""
    first = last = None
    for sample in samples:
        if first is None or last is None or sample - last > bridged:
            if first is not None and last is not None:
                yield first, last
            first = sample
        last = sample
    if first is not None and last is not None:
        yield first, last


def _nothing(_path: Path, _extractor: Extractor, _mode: str) -> dict[int, Row]:
    return {}
