"""Building the tokenised corpus: piece by piece to disk, so that it may be larger than memory and be continued."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.files.atomic import publish_all, staging_folder
from emsync_bridge.midi.loading import open_midi
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.tokenizer import codec, conditions
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.appender import CorpusAppender, TokenisedPiece
from emsync_bridge.training.corpus.catalogue import CatalogueEntry, credits_for
from emsync_bridge.training.corpus.dataset import SPLITS, CorpusPiece, Statistics
from emsync_bridge.training.corpus.labels import Labels, LabelWindow, affect_at, rank_labels
from emsync_bridge.training.corpus.sources import music_in, read_score
from emsync_bridge.training.corpus.splits import assign
from emsync_bridge.training.instruments.store import arrays_of

MIN_TOKENS = 64

_HALF_DONE = ".building"


@dataclass(frozen=True)
class BuildOptions:
    """Options of building a corpus.

    Arguments:
        labels: Affect per window, ranked here over the windows in use; splits where the file gives them.
        catalogue: Entries of the pieces, by name. Pieces in it are split by work, and works that stand in the
            music more than once are left out but for one edition.
        within_source: Share of a label that is its rank within its source (``source_of``); the rest is its rank among
            all. A source that sits in one corner of the plane, as band music does, is so spread over the plane: calm
            band music and excited chamber music exist relative to their own kind.
        exclude: Beginnings of piece names to leave out.
        jobs: Processes.
    """

    labels: Labels | None = None
    catalogue: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    within_source: float = 0.5
    exclude: Sequence[str] = ()
    jobs: int = 1


@dataclass(frozen=True)
class _Work:
    """One file with all that a process needs to tokenise it; ``twin`` says why it is left out."""

    name: str
    file: Path
    windows: tuple[LabelWindow, ...]
    split: str
    twin: str = ""


def build(
    places: Sequence[Path],
    out: Path,
    options: BuildOptions | None = None,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> Statistics:
    """Write the tokenised corpus of all music in some places.

    A build that was cut off is continued where it stopped. Pieces with the same notes in another key count once.

    Arguments:
        places: Folders, searched recursively for MIDI files and Lakh piano rolls, and zip archives of them; a piece's
            name is its path below one of them. Of two collections that hold a work, the one that is named first here
            keeps it.
        out: Folder to fill, one sub-folder a split.
        options: Settings of the build.
        progress: Function called with a step's name and the share of it that is done.

    Returns:
        What each split holds, what was left out and why, and who is to be credited; also written as
        ``statistics.json``.

    Raises:
        CorpusError: There is no music.
    """
    options = options or BuildOptions()
    tell = progress or (lambda _step, _share: None)
    with music_in(places, options.exclude) as music:
        work = _planned(music, options, tell)
        out.mkdir(parents=True, exist_ok=True)
        mark = _fingerprint(work, options.within_source)
        with CorpusAppender(out / _HALF_DONE, mark) as appender, ProcessPoolExecutor(options.jobs) as pool:
            waiting = work[appender.done :]
            for one, result in zip(waiting, pool.map(_tokenise, waiting, chunksize=8), strict=True):
                appender.add(result, one.split)
                tell("Tokenising", appender.done / len(work))
    kept = [piece for split in SPLITS for piece in appender.pieces[split]]
    if not kept:
        first = next(iter(appender.left_out.items()), ("", ""))
        raise CorpusError(
            f"None of the {len(work)} pieces can be used; {first[0]}: {first[1]}",
            where=", ".join(map(str, places)),
            hint="Give MIDI files that were written on a beat grid and last a minute or longer",
        )
    with staging_folder(out) as room:
        splits = {split: appender.finish(split, room / split) for split in SPLITS}
        statistics = Statistics(splits, appender.left_out, credits_for(kept, options.catalogue))
        (room / "statistics.json").write_text(json.dumps(asdict(statistics), indent=1), encoding="utf-8")
        moves = {path: out / path.relative_to(room) for path in sorted(room.rglob("*")) if path.is_file()}
        for target in moves.values():
            target.parent.mkdir(exist_ok=True)
        publish_all(moves)
    shutil.rmtree(out / _HALF_DONE)
    return statistics


def _planned(
    music: Sequence[tuple[str, Path]], options: BuildOptions, tell: Callable[[str, float], None]
) -> list[_Work]:
    """Return what is to be tokenised: each piece with its labels, its split and the reason to leave it out."""
    given = options.labels.splits if options.labels else {}
    assignment = assign(music, options.catalogue, given, jobs=options.jobs, progress=tell)
    twins = assignment.left_out
    kept = {name for name, _ in music if name not in twins}
    labelled = rank_labels(kept, options.labels, options.within_source) if options.labels else {}
    return [
        _Work(name, file, labelled.get(name, ()), assignment.splits[name], twins.get(name, "")) for name, file in music
    ]


def _fingerprint(work: Sequence[_Work], within_source: float) -> str:
    """Return a mark that changes with whatever would change the corpus."""
    digest = hashlib.sha256(repr(within_source).encode())
    for one in work:
        digest.update(repr((one.name, one.file.stat().st_size, one.windows, one.split, one.twin)).encode())
    return digest.hexdigest()


def _tokenise(work: _Work) -> TokenisedPiece:
    if work.twin:
        return TokenisedPiece(work.name, reason=work.twin)
    try:
        opened = None if work.file.suffix.lower() == ".npz" else open_midi(work.file)
        score = read_score(work.file, opened)
        shift = keys.shift_to_white_keys(score.notes)
        notes_of_parts, parts = arrays_of(opened, score, shift)
    except (EmsyncError, OSError) as problem:
        return TokenisedPiece(work.name, reason=str(problem))
    notes = codec.playable(keys.transpose(score.notes, shift))
    if not notes:
        return TokenisedPiece(work.name, reason="no notes")
    end = max(note.end for note in notes)
    bars = score.tempo_map.bar_lines(end)
    seconds = [score.tempo_map.seconds(tick) for tick in range(end + 1)]
    chords = codec.long_chords(notes, seconds)
    encoded = codec.encode(notes, bars, end, set(chords))
    if len(encoded.tokens) < MIN_TOKENS:
        return TokenisedPiece(work.name, reason=f"fewer than {MIN_TOKENS} tokens")
    tokens, ticks = np.array(encoded.tokens), np.array(encoded.ticks)
    time = np.array(seconds)[ticks]
    arrays = {
        "tokens": tokens,
        "time": time,
        "place": places_of(tokens, ticks, [*bars, end]),
        "tempo": np.clip([score.tempo_map.bpm(tick) for tick in ticks], 20, 300),
        "affect": affect_at(time, work.windows),
        **notes_of_parts,
    }
    piece = CorpusPiece(work.name, 0, len(tokens), float(time[-1]), len(chords), len(notes))
    return TokenisedPiece(work.name, arrays, piece, parts=parts)


def places_of(tokens: np.ndarray, ticks: np.ndarray, lines: Sequence[int]) -> np.ndarray:
    """Return the place in the bar after each token, shape (n, 3); a bar lasts until its successor's BAR token.

    Arguments:
        tokens: (n,) event tokens.
        ticks: (n,) clock after each.
        lines: Ticks of all bar lines, and of the end.
    """
    current = np.maximum(np.cumsum(tokens == tok.BAR) - 1, 0)
    edges = np.array(lines)
    return conditions.place_in_bar(ticks - edges[current], edges[np.minimum(current + 1, len(lines) - 1)] - ticks)
