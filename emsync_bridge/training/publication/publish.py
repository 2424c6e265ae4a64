"""A folder of music with valence and arousal per window that may be given to anybody."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.training.corpus.catalogue import CatalogueEntry
from emsync_bridge.training.corpus.dataset import SPLITS, source_of
from emsync_bridge.training.corpus.labels import Labels, LabelWindow, rank_labels
from emsync_bridge.training.corpus.sources import music_in, read_score
from emsync_bridge.training.corpus.splits import assign
from emsync_bridge.training.publication.dataset_card import CardFacts, card_text
from emsync_bridge.training.publication.validation import Agreement

FREE = ("CC0-1.0", "BSD-3-Clause")
"""Licences that are published unless others are asked for."""

PUBLIC_NAMES = {"train": "train", "valid": "validation", "test": "test"}
"""Splits as data sets call them."""

WINDOW_COLUMNS = (
    "path",
    "start_s",
    "end_s",
    "valence",
    "arousal",
    "valence_rank",
    "arousal_rank",
    "source",
    "licence",
)
PIECE_COLUMNS = ("path", "source", "title", "composer", "editor", "work", "licence", "seconds", "notes", "sha256")

_TEXT = re.compile(r"licen[cs]e|credit|copying|notice", re.IGNORECASE)
_MAX_TEXT_BYTES = 2**20


@dataclass(frozen=True)
class Publication:
    """Labels and facts that are published with the music.

    Arguments:
        labels: Valence and arousal per window.
        catalogue: Licence, work and credits of pieces; a piece that is not in it is not published.
        licences: Licences that may be published.
        said: Name, description and sources for the card, as a model card has them.
        agreement: Agreement of the labels with people's ratings, by axis, where that was measured.
        jobs: Processes.
    """

    labels: Labels
    catalogue: Mapping[str, CatalogueEntry]
    licences: Sequence[str] = FREE
    said: Mapping[str, Any] = field(default_factory=dict)
    agreement: Mapping[str, Agreement] = field(default_factory=dict)
    jobs: int = 1


@dataclass(frozen=True)
class PublicationResult:
    """Result of a publication: pieces and windows by split, and the reason for every piece that was left out."""

    pieces: dict[str, int]
    windows: dict[str, int]
    left_out: dict[str, str]


@dataclass(frozen=True)
class _Piece:
    name: str
    entry: CatalogueEntry
    split: str
    windows: tuple[tuple[LabelWindow, LabelWindow], ...]
    seconds: float
    notes: int
    sha256: str


def publish(
    places: Sequence[Path],
    out: Path,
    publication: Publication,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> PublicationResult:
    """Write the free part of some labelled music as a data set: MIDI files, tables by split, card and checksums.

    The same input gives the same bytes.

    Arguments:
        places: Folders and zip archives, as for ``build.build``; licence texts that lie beside the music go along.
        out: Folder to write; one that a publication wrote is replaced when the new one is whole.
        publication: Labels and facts that go with the music.
        progress: Function called with a step's name and the share of it that is done.

    Raises:
        CorpusError: Nothing may be published, or the folder holds something else.
    """
    out = out.resolve()
    if out.exists() and not (out / "SHA256SUMS").is_file() and any(out.iterdir()):
        raise CorpusError("This folder holds something else", where=out, hint="Choose a new folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with music_in(places) as music, replacing(out) as folder:
        files = dict(music)
        pieces, left_out = _chosen(music, publication, progress)
        if not pieces:
            raise CorpusError(
                f"None of this music is under {' or '.join(publication.licences)} and labelled",
                hint="Give a catalogue with licences, and labels by `emsync corpus label`",
            )
        folder.mkdir()
        for piece in pieces:
            target = folder / "midi" / piece.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(files[piece.name], target)
        withheld = {entry.licence for entry in publication.catalogue.values()} - set(publication.licences) - {""}
        for name, content in sorted(licence_texts(places, withheld).items()):
            target = folder / "licences" / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        counts = _write_tables(folder, pieces)
        left = dict(sorted(left_out.items()))
        (folder / "left_out.json").write_text(json.dumps(left, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        facts = CardFacts(
            said=publication.said,
            licences=tuple(sorted({piece.entry.licence for piece in pieces})),
            splits={PUBLIC_NAMES[split]: counts[split] for split in SPLITS},
            sources=_sources(pieces),
            editors=tuple(sorted({piece.entry.editor for piece in pieces if piece.entry.editor})),
            left_out=dict(Counter(_kind(reason) for reason in left.values())),
            agreement=publication.agreement,
        )
        (folder / "README.md").write_text(card_text(facts), encoding="utf-8")
        _write_checksums(folder)
    pieces_by_split = {split: counts[split][0] for split in SPLITS}
    return PublicationResult(pieces_by_split, {split: counts[split][1] for split in SPLITS}, left)


def licence_texts(places: Sequence[Path], withheld: Collection[str] = ()) -> dict[str, bytes]:
    """Return the texts of licences and credits that lie beside the music, by file name.

    A text is known by its name or by that of its folder.

    Arguments:
        places: Folders and zip archives.
        withheld: Licences of music that is left out; texts that are named after one of them are left out as well.
    """
    found: dict[str, bytes] = {}
    for place in places:
        if place.is_dir():
            for file in sorted(place.rglob("*")):
                told = file.is_file() and _is_text(file.relative_to(place).as_posix())
                if told and file.stat().st_size <= _MAX_TEXT_BYTES:
                    found.setdefault(file.name, file.read_bytes())
            continue
        with zipfile.ZipFile(place) as archive:
            for member in archive.infolist():
                if _is_text(member.filename) and member.file_size <= _MAX_TEXT_BYTES:
                    found.setdefault(PurePosixPath(member.filename).name, archive.read(member))
    other = re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9-])" for name in withheld) or r"(?!)")
    return {name: content for name, content in found.items() if not other.search(name)}


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    told = _TEXT.search(path.name) or _TEXT.search(path.parent.name)
    return path.suffix.lower() in ("", ".txt", ".md") and bool(told) and "\\" not in name


def _chosen(
    music: Sequence[tuple[str, Path]],
    publication: Publication,
    progress: Callable[[str, float], None] | None,
) -> tuple[list[_Piece], dict[str, str]]:
    """Return the pieces that may be published and can be read, and why the others are left out."""
    left_out: dict[str, str] = {}
    free: list[tuple[str, Path]] = []
    for name, file in music:
        licence = publication.catalogue.get(name, CatalogueEntry("")).licence
        if licence in publication.licences:
            free.append((name, file))
        else:
            left_out[name] = f"licence: {licence or 'unknown'}"
    settled = publication.labels.splits
    assignment = assign(free, publication.catalogue, settled, jobs=publication.jobs, progress=progress)
    left_out |= assignment.left_out
    kept = [(name, file) for name, file in free if name not in assignment.left_out]
    ranks = rank_labels([name for name, _ in kept], publication.labels, 0.0)
    pieces: list[_Piece] = []
    for done, (name, file) in enumerate(kept, start=1):
        if progress:
            progress("Reading", done / len(kept))
        if name not in ranks:
            left_out[name] = "no label"
            continue
        try:
            score = read_score(file)
        except EmsyncError as problem:
            left_out[name] = problem.what
            continue
        windows = tuple(zip(publication.labels.windows[name], ranks[name], strict=True))
        pieces.append(
            _Piece(
                name,
                publication.catalogue[name],
                assignment.splits[name],
                windows,
                score.tempo_map.seconds(score.end),
                len(score.notes),
                hashlib.sha256(file.read_bytes()).hexdigest(),
            )
        )
    return sorted(pieces, key=lambda piece: piece.name), left_out


def _write_tables(folder: Path, pieces: Sequence[_Piece]) -> dict[str, tuple[int, int]]:
    """Write windows and pieces, a table a split; return how many of each by split."""
    counts: dict[str, tuple[int, int]] = {}
    for split in SPLITS:
        held = [piece for piece in pieces if piece.split == split]
        windows: list[tuple[str, ...]] = []
        for piece in held:
            for raw, rank in piece.windows:
                end = min(raw.end, piece.seconds)
                numbers = (raw.start, end, raw.valence, raw.arousal, rank.valence, rank.arousal)
                told = (f"{value:.4f}" for value in numbers)
                windows.append((f"midi/{piece.name}", *told, source_of(piece.name), piece.entry.licence))
        rows = [
            (
                f"midi/{piece.name}",
                source_of(piece.name),
                piece.entry.title,
                piece.entry.composer,
                piece.entry.editor,
                piece.entry.work,
                piece.entry.licence,
                f"{piece.seconds:.3f}",
                str(piece.notes),
                piece.sha256,
            )
            for piece in held
        ]
        _write_csv(folder / "windows" / f"{PUBLIC_NAMES[split]}.csv", WINDOW_COLUMNS, windows)
        _write_csv(folder / "pieces" / f"{PUBLIC_NAMES[split]}.csv", PIECE_COLUMNS, rows)
        counts[split] = (len(held), len(windows))
    return counts


def _write_csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(head)
        table.writerows(rows)


def _write_checksums(folder: Path) -> None:
    """Write what ``sha256sum --check`` reads."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _sources(pieces: Sequence[_Piece]) -> dict[str, tuple[int, float]]:
    """Return pieces and hours by source and licence."""
    found: dict[str, tuple[int, float]] = {}
    for piece in pieces:
        name = f"{source_of(piece.name)}, {piece.entry.licence}"
        count, hours = found.get(name, (0, 0.0))
        found[name] = (count + 1, hours + piece.seconds / 3600)
    return dict(sorted(found.items()))


def _kind(reason: str) -> str:
    """Return a reason without what it says of one piece alone."""
    kinds = (("licence:", reason), ("its work stands", "second editions"), ("of its lines stand", "second editions"))
    return next((kind for mark, kind in kinds if mark in reason), reason.partition(":")[0])
