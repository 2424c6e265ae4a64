"""The tokenised corpus on disk: building it from MIDI files and reading it back, memory-mapped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.music import codec, conditions, keys
from emsync_bridge.music import tokens as tok
from emsync_bridge.music.midi_reader import read_midi
from emsync_bridge.training.labels import Labels, RankScale, Window, affect_at

SPLITS = ("train", "valid", "test")
MIN_TOKENS = 64
_COLUMNS = {"place": (3,), "affect": (2,)}
_FIELDS = {"tokens": np.uint16, "time": np.float32, "place": np.uint8, "tempo": np.float16, "affect": np.float16}


@dataclass(frozen=True)
class Piece:
    """One piece of a split: its name and where its tokens lie; seconds of music and long chords for statistics."""

    name: str
    start: int
    length: int
    seconds: float
    chords: int
    notes: int


_Tokenised = tuple[dict[str, np.ndarray], Piece]


@dataclass(frozen=True)
class SplitStatistics:
    """What a split holds."""

    pieces: int
    hours: float
    tokens: int
    notes: int
    long_chords_per_minute: float


@dataclass(frozen=True)
class Statistics:
    """What was built, by split, and the reason for every piece that was left out."""

    splits: dict[str, SplitStatistics]
    left_out: dict[str, str]


@dataclass(frozen=True)
class Split:
    """One split of a corpus, its arrays memory-mapped.

    Arguments:
        pieces: In the order of the arrays.
        tokens: (n,) event tokens.
        time: (n,) seconds of the clock after each token.
        place: (n, 3) place in the bar after each token.
        tempo: (n,) quarter notes per minute.
        affect: (n, 2) valence and arousal from -1 to 1; NaN where unknown.
    """

    pieces: tuple[Piece, ...]
    tokens: np.ndarray
    time: np.ndarray
    place: np.ndarray
    tempo: np.ndarray
    affect: np.ndarray


def read_split(folder: Path, split: str) -> Split:
    """Return one split of a corpus that ``build`` wrote.

    Raises:
        CorpusError: The folder holds no such split.
    """
    try:
        index = json.loads((folder / split / "pieces.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / split / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _FIELDS}
    except (OSError, ValueError) as problem:
        raise CorpusError(
            f"There is no tokenised corpus here ({problem})", where=folder, hint="Make one with `emsync corpus build`"
        ) from None
    return Split(pieces=tuple(Piece(**piece) for piece in index), **arrays)


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
    """Write the tokenised corpus of all MIDI files under some folders.

    Arguments:
        folders: Searched recursively; a piece's name is its path below one of them.
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
    """
    files = [
        (file.relative_to(folder).as_posix(), file)
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in (".mid", ".midi")
    ]
    files = [(name, file) for name, file in files if not name.startswith(tuple(exclude) or "\0")]
    if not files:
        raise CorpusError("No MIDI files found", where=", ".join(map(str, folders)))
    ranked = _ranked({name for name, _ in files}, labels, within_source) if labels else {}
    splits = labels.splits if labels else {}
    parts: dict[str, list[_Tokenised]] = {split: [] for split in SPLITS}
    left_out: dict[str, str] = {}
    work = [(name, file, ranked.get(name, ())) for name, file in files]
    with ProcessPoolExecutor(jobs) as pool:
        for done, (name, result) in enumerate(pool.map(_tokenise, work, chunksize=8), 1):
            if isinstance(result, str):
                left_out[name] = result
            else:
                parts[splits.get(name) or split_of(name)].append(result)
            if progress:
                progress(done, len(files))
    statistics = Statistics({split: _write_split(out / split, found) for split, found in parts.items()}, left_out)
    (out / "statistics.json").write_text(json.dumps(asdict(statistics), indent=1), encoding="utf-8")
    return statistics


def split_of(name: str) -> str:
    """Return the split of a piece that no label file assigns: 5% valid, 5% test, by a hash of its folder."""
    digest = hashlib.sha256(name.rpartition("/")[0].encode() or name.encode()).digest()[0]
    return "valid" if digest < 13 else "test" if digest < 26 else "train"


def source_of(name: str) -> str:
    """Return the source of a piece: the topmost folder of its name."""
    return name.partition("/")[0]


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


def _tokenise(work: tuple[str, Path, tuple[Window, ...]]) -> tuple[str, _Tokenised | str]:
    """Return a piece's name with its arrays, or with the reason why it is left out."""
    name, file, windows = work
    try:
        score = read_midi(file)
    except (EmsyncError, OSError) as problem:
        return name, str(problem)
    notes = codec.playable(keys.transposed(score.notes, keys.shift_to_white_keys(score.notes)))
    if not notes:
        return name, "no notes"
    end = max(note.end for note in notes)
    bars = score.tempo_map.bar_lines(end)
    seconds = [score.tempo_map.seconds(tick) for tick in range(end + 1)]
    chords = codec.long_chords(notes, seconds)
    encoded = codec.encode(notes, bars, end, set(chords))
    if len(encoded.tokens) < MIN_TOKENS:
        return name, f"fewer than {MIN_TOKENS} tokens"
    tokens, ticks = np.array(encoded.tokens), np.array(encoded.ticks)
    time = np.array(seconds)[ticks]
    arrays = {
        "tokens": tokens,
        "time": time,
        "place": _places(tokens, ticks, [*bars, end]),
        "tempo": np.clip([score.tempo_map.bpm(tick) for tick in ticks], 20, 300),
        "affect": affect_at(time, windows),
    }
    return name, (arrays, Piece(name, 0, len(tokens), float(time[-1]), len(chords), len(notes)))


def _places(tokens: np.ndarray, ticks: np.ndarray, lines: Sequence[int]) -> np.ndarray:
    """Return the place in the bar after each token; a bar lasts until its successor's BAR token."""
    current = np.maximum(np.cumsum(tokens == tok.BAR) - 1, 0)
    edges = np.array(lines)
    return conditions.place_in_bar(ticks - edges[current], edges[np.minimum(current + 1, len(lines) - 1)] - ticks)


def _write_split(folder: Path, found: Sequence[_Tokenised]) -> SplitStatistics:
    folder.mkdir(parents=True, exist_ok=True)
    starts = np.cumsum([0, *(piece.length for _, piece in found)])
    total = int(starts[-1])
    for name, kind in _FIELDS.items():
        shape = (total, *_COLUMNS.get(name, ()))
        if total == 0:
            np.save(folder / f"{name}.npy", np.zeros(shape, kind), allow_pickle=False)
            continue
        store = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, shape)
        for (arrays, piece), start in zip(found, starts, strict=False):
            store[start : start + piece.length] = arrays[name]
        store.flush()
    pieces = [replace(piece, start=int(start)) for (_, piece), start in zip(found, starts, strict=False)]
    (folder / "pieces.json").write_text(json.dumps([asdict(piece) for piece in pieces]), encoding="utf-8")
    hours = sum(piece.seconds for piece in pieces) / 3600
    return SplitStatistics(
        pieces=len(pieces),
        hours=round(hours, 2),
        tokens=total,
        notes=sum(piece.notes for piece in pieces),
        long_chords_per_minute=round(sum(piece.chords for piece in pieces) / max(hours * 60, 1e-9), 2),
    )
