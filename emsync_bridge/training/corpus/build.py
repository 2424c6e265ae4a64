"""Building the tokenised corpus: piece by piece to disk, so that it may be larger than memory and be continued."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.midi.reader import Score, read_midi
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.tokenizer import codec, conditions
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.appender import Shelf, Tokenised
from emsync_bridge.training.corpus.dataset import SPLITS, Piece, Statistics, source_of
from emsync_bridge.training.corpus.labels import Labels, RankScale, Window, affect_at
from emsync_bridge.training.corpus.lakh import read_lakh

MIN_TOKENS = 64

LEAST_ON_GRID = 0.5
"""Share of onsets on eighth triplets or sixteenths below which a file counts as performed without a beat grid.

Onsets at random fall there in a quarter of cases, notated ones in nearly all.
"""

_HALF_DONE = ".building"


@dataclass(frozen=True)
class _Work:
    """One file with all that a process needs to tokenise it."""

    name: str
    file: Path
    windows: tuple[Window, ...]


def build(
    folders: Sequence[Path],
    out: Path,
    *,
    labels: Labels | None = None,
    within_source: float = 0.5,
    exclude: Sequence[str] = (),
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Statistics:
    """Write the tokenised corpus of all music under some folders.

    A build that was cut off is continued where it stopped. Pieces with the same notes in another key count once.

    Arguments:
        folders: Searched recursively for MIDI files and Lakh piano rolls; a piece's name is its path below one of them.
        out: Folder to fill, one sub-folder a split.
        labels: Affect per window, ranked here over the windows in use; splits where the file gives them.
        within_source: Share of a label that is its rank within its source (``source_of``); the rest is its rank among
            all. A source that sits in one corner of the plane, as band music does, is so spread over the plane: calm
            band music and excited chamber music exist relative to their own kind.
        exclude: Beginnings of piece names to leave out.
        jobs: Processes.
        progress: Called with pieces done and pieces in all.

    Returns:
        What each split holds, and what was left out and why; also written as ``statistics.json``.

    Raises:
        CorpusError: There is no music.
    """
    files = sorted(find_music(folders, exclude))
    if not files:
        raise CorpusError("No MIDI files found", where=", ".join(map(str, folders)))
    ranked = _ranked({name for name, _ in files}, labels, within_source) if labels else {}
    splits = labels.splits if labels else {}
    work = [_Work(name, file, ranked.get(name, ())) for name, file in files]
    out.mkdir(parents=True, exist_ok=True)
    with Shelf(out / _HALF_DONE, _fingerprint(work, within_source)) as shelf, ProcessPoolExecutor(jobs) as pool:
        waiting = work[shelf.done :]
        for result in pool.map(_tokenise, waiting, chunksize=8):
            shelf.add(result, splits.get(result.name) or split_of(result.name))
            if progress:
                progress(shelf.done, len(work))
    statistics = Statistics({split: shelf.finish(split, out / split) for split in SPLITS}, shelf.left_out)
    (out / "statistics.json").write_text(json.dumps(asdict(statistics), indent=1), encoding="utf-8")
    shutil.rmtree(out / _HALF_DONE)
    return statistics


def find_music(folders: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[tuple[str, Path]]:
    """Yield the name (its path below its folder) and file of every piece under some folders."""
    for folder in folders:
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            if file.suffix.lower() in (".mid", ".midi", ".npz") and not name.startswith(tuple(exclude) or "\0"):
                yield name, file


def read_score(file: Path) -> Score:
    """Return the score in a MIDI file or a Lakh piano roll.

    Raises:
        EmsyncError: It cannot be read, or was performed without a beat grid.
    """
    score = read_lakh(file) if file.suffix.lower() == ".npz" else read_midi(file)
    if score.on_grid < LEAST_ON_GRID:
        raise CorpusError(f"performed without a beat grid: {score.on_grid:.0%} of its onsets are on one", where=file)
    return score


def split_of(name: str) -> str:
    """Return the split of a piece that no label file assigns: 5% valid, 5% test, by a hash of its folder."""
    digest = hashlib.sha256(name.rpartition("/")[0].encode() or name.encode()).digest()[0]
    return "valid" if digest < 13 else "test" if digest < 26 else "train"


def _ranked(names: set[str], labels: Labels, within_source: float) -> dict[str, tuple[Window, ...]]:
    used = {name: windows for name, windows in labels.windows.items() if name in names}
    scales = {"": _Scales(used.values())}
    for source in {source_of(name) for name in used}:
        scales[source] = _Scales(windows for name, windows in used.items() if source_of(name) == source)

    def blended(name: str, window: Window) -> Window:
        pairs = [(scales[source_of(name)], within_source), (scales[""], 1 - within_source)]
        valence = sum(share * scale.valence(window.valence) for scale, share in pairs)
        arousal = sum(share * scale.arousal(window.arousal) for scale, share in pairs)
        return Window(window.start, window.end, valence, arousal)

    return {name: tuple(blended(name, window) for window in windows) for name, windows in used.items()}


class _Scales:
    """Ranks of valence and arousal over some windows."""

    def __init__(self, groups: Iterable[Sequence[Window]]) -> None:
        windows = [window for group in groups for window in group]
        self.valence = RankScale(window.valence for window in windows)
        self.arousal = RankScale(window.arousal for window in windows)


def _fingerprint(work: Sequence[_Work], within_source: float) -> str:
    """Return a mark that changes with whatever would change the corpus."""
    digest = hashlib.sha256(repr(within_source).encode())
    for one in work:
        digest.update(repr((one.name, one.file.stat().st_size, one.windows)).encode())
    return digest.hexdigest()


def _tokenise(work: _Work) -> Tokenised:
    try:
        score = read_score(work.file)
    except (EmsyncError, OSError) as problem:
        return Tokenised(work.name, reason=str(problem))
    notes = codec.playable(keys.transposed(score.notes, keys.shift_to_white_keys(score.notes)))
    if not notes:
        return Tokenised(work.name, reason="no notes")
    end = max(note.end for note in notes)
    bars = score.tempo_map.bar_lines(end)
    seconds = [score.tempo_map.seconds(tick) for tick in range(end + 1)]
    chords = codec.long_chords(notes, seconds)
    encoded = codec.encode(notes, bars, end, set(chords))
    if len(encoded.tokens) < MIN_TOKENS:
        return Tokenised(work.name, reason=f"fewer than {MIN_TOKENS} tokens")
    tokens, ticks = np.array(encoded.tokens), np.array(encoded.ticks)
    time = np.array(seconds)[ticks]
    arrays = {
        "tokens": tokens,
        "time": time,
        "place": _places(tokens, ticks, [*bars, end]),
        "tempo": np.clip([score.tempo_map.bpm(tick) for tick in ticks], 20, 300),
        "affect": affect_at(time, work.windows),
    }
    return Tokenised(work.name, arrays, Piece(work.name, 0, len(tokens), float(time[-1]), len(chords), len(notes)))


def _places(tokens: np.ndarray, ticks: np.ndarray, lines: Sequence[int]) -> np.ndarray:
    """Return the place in the bar after each token; a bar lasts until its successor's BAR token."""
    current = np.maximum(np.cumsum(tokens == tok.BAR) - 1, 0)
    edges = np.array(lines)
    return conditions.place_in_bar(ticks - edges[current], edges[np.minimum(current + 1, len(lines) - 1)] - ticks)
