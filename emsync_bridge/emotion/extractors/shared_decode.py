"""One decode shared between shot detection and the light extractors of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, Extractor, Heavy, Row
from emsync_bridge.emotion.extractors.observe import BATCH, MeasurementCache, Queued, aspect_of, measure_batch
from emsync_bridge.errors import CheckpointError, MediaError
from emsync_bridge.picture.probe import probe


class MemoryCache:
    """Measurements kept in memory for one job."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Path, str, str, str], dict[int, Row]] = {}

    def recall(self, path: Path, extractor: Extractor, mode: str) -> dict[int, Row]:
        """Return the kept rows of a medium, by sample."""
        return dict(self._rows.get((path.resolve(), extractor.name, extractor.version, mode), {}))

    def keep(self, path: Path, extractor: Extractor, mode: str, rows: dict[int, Row]) -> None:
        """Keep all rows of a medium."""
        self._rows[path.resolve(), extractor.name, extractor.version, mode] = dict(rows)


class SharedDecode:
    """Measures the picture of a movie while its frames are decoded for another purpose.

    Its rows go into the cache, where ``observe`` finds them.

    Arguments:
        path: The movie, as the sources of its shots name it.
        extractors: Extractors to run; those for sound, and heavy ones, are left aside.
        memory: Cache for the rows.
    """

    def __init__(self, path: Path, extractors: Sequence[Extractor], memory: MeasurementCache) -> None:
        self.memory = memory
        self._path = path
        self._extractors = [e for e in extractors if e.sense == "picture" and not isinstance(e, Heavy)]
        self._rows = {e.name: memory.recall(path, e, "exact") for e in self._extractors}
        self._queues: dict[str, list[Queued]] = {e.name: [] for e in self._extractors}
        self._aspect: float | None = None
        self._next = 0
        self._showing: NDArray[Any] | None = None
        self._before: NDArray[Any] | None = None

    def __call__(self, time: float, frame: NDArray[Any]) -> None:
        """Measure up to a frame and hold it.

        Arguments:
            time: Seconds from the movie's first frame at which it begins to show.
            frame: Bytes of (SIDE, WIDE, 3), red, green and blue.
        """
        self._sample_until(time)
        self._showing = frame

    def finish(self, duration: float) -> None:
        """Measure the rest, and keep all rows.

        Arguments:
            duration: Seconds at which the last frame ends.
        """
        self._sample_until(duration)
        for extractor in list(self._extractors):
            self._flush(extractor)
            self.memory.keep(self._path, extractor, "exact", self._rows[extractor.name])

    def _sample_until(self, time: float) -> None:
        while self._showing is not None and self._next / GRID < time - 1e-9:
            for extractor in list(self._extractors):
                if self._next % extractor.every == 0 and self._next not in self._rows[extractor.name]:
                    queue = self._queues[extractor.name]
                    queue.append((self._next, self._showing, self._before))
                    if len(queue) == BATCH:
                        self._flush(extractor)
            self._before = self._showing
            self._next += 1

    def _flush(self, extractor: Extractor) -> None:
        queue, self._queues[extractor.name] = self._queues[extractor.name], []
        try:
            if queue:
                if self._aspect is None:
                    self._aspect = aspect_of(probe(self._path))
                measured = measure_batch(extractor, queue, self._aspect)
                self._rows[extractor.name] |= {sample: row for _, sample, row in measured}
        except (MediaError, CheckpointError):  # ``observe`` meets it too, and warns of it
            self._extractors.remove(extractor)
