"""Labels for music that has none, as a table that ``emsync corpus build`` reads."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.music.analysis.features import Features, features
from emsync_bridge.training.corpus.dataset import source_of
from emsync_bridge.training.corpus.sources import music_in, read_score
from emsync_bridge.training.corpus.symbolic_affect import WINDOW, affects

_COLUMNS = ("path", "start_s", "end_s", "valence_symbolic", "arousal_symbolic")


@dataclass(frozen=True)
class LabellingResult:
    """Result of labelling: numbers of pieces and windows, and the reason for every piece that was left out."""

    pieces: int
    windows: int
    left_out: dict[str, str]


def label(
    folders: Sequence[Path],
    out: Path,
    *,
    exclude: Sequence[str] = (),
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> LabellingResult:
    """Write valence and arousal of all music under some folders, by its written features (``symbolic``).

    Arguments:
        folders: Folders and zip archives, as for ``build.build``.
        out: CSV file.
        exclude: Beginnings of piece names to leave out.
        jobs: Processes.
        progress: Function called with pieces done and pieces in all.

    Raises:
        CorpusError: There is no music.
    """
    left_out: dict[str, str] = {}
    found: list[tuple[str, float, float, Features]] = []
    with music_in(folders, exclude) as files, ProcessPoolExecutor(jobs) as pool:
        measured = pool.map(_measure, [file for _, file in files], chunksize=8)
        for done, ((name, _), result) in enumerate(zip(files, measured, strict=True), start=1):
            if isinstance(result, str):
                left_out[name] = result
            else:
                found += [(name, start, end, one) for start, end, one in result]
            if progress:
                progress(done, len(files))
    moods = affects([one for *_, one in found], [source_of(name) for name, *_ in found])
    with staging_folder(out.resolve().parent) as room:
        with (room / out.name).open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(_COLUMNS)
            for (name, start, end, _), mood in zip(found, moods, strict=True):
                table.writerow([name, f"{start:.3f}", f"{end:.3f}", f"{mood.valence:.4f}", f"{mood.arousal:.4f}"])
        publish(room / out.name, out)
    return LabellingResult(len({name for name, *_ in found}), len(found), left_out)


def windows(seconds: float) -> list[tuple[float, float]]:
    """Return the stretches of about 20 s that a piece is labelled in, of equal length and without gaps."""
    count = max(1, math.floor(seconds / WINDOW + 0.5))
    return [(index * seconds / count, (index + 1) * seconds / count) for index in range(count)]


def _measure(file: Path) -> list[tuple[float, float, Features]] | str:
    """Return the features of a piece's windows, or the reason why it has none."""
    try:
        score = read_score(file)
    except (EmsyncError, OSError) as problem:
        return str(problem)
    spans = windows(score.tempo_map.seconds(score.end))
    measured = [(start, end, features(score.notes, score.tempo_map, start, end)) for start, end in spans]
    return [(start, end, one) for start, end, one in measured if one is not None] or "no notes"
