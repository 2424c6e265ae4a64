"""Catalogue of a collection's pieces, read from a table: work, licence, title, composer, editor, split."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.dataset import SPLITS, CorpusPiece, Credit, source_of

_NAMES = ("path_in_zip", "path", "file")
_LICENCES = ("licence_spdx", "licence", "license", "rights")
_WORKS = ("work_group", "work", "piece")
_EDITORS = ("maintainer", "editor", "arranger")
_MOVEMENT = re.compile(r"[-_ .]+(?:(?:mvt|mov|no|m)[-_ .]?)?\d+(?:[,-]\d+)*[a-z]?(?:[-_][A-Za-z]+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class CatalogueEntry:
    """One piece.

    Arguments:
        work: Name of the work; pieces of one work are always in one split.
        licence: Licence as the table has it; empty when unknown.
        title: Title of the piece or its work.
        composer: Composer of the piece.
        editor: Maker of the edition.
        split: ``train``, ``valid`` or ``test`` where the table decides; else empty.
    """

    work: str
    licence: str = ""
    title: str = ""
    composer: str = ""
    editor: str = ""
    split: str = ""


def read_catalogues(tables: Sequence[Path]) -> dict[str, CatalogueEntry]:
    """Return what some CSV files say of pieces, by name.

    A piece's name stands in ``path_in_zip``, ``path`` or ``file``; its licence in ``licence_spdx``, ``licence`` or
    ``rights``; its work in ``work_group``, ``work`` or ``piece``, or else it is read off the name; its editor in
    ``maintainer``, ``editor`` or ``arranger``; ``title``, ``composer`` and ``split`` are called so.

    Raises:
        CorpusError: A table has no column of names, names an unknown split, or is not a table.
    """
    found: dict[str, CatalogueEntry] = {}
    for table in tables:
        try:
            with table.open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
        except (csv.Error, UnicodeDecodeError) as problem:
            raise CorpusError(f"This is not a table ({problem})", where=table) from None
        columns = list(rows[0]) if rows else []
        name = next((one for one in _NAMES if one in columns), None)
        if name is None:
            raise CorpusError(f"The table has no column {' or '.join(_NAMES)}", where=table)
        for number, row in enumerate(rows, start=2):
            split = row.get("split") or ""
            if split and split not in SPLITS:
                raise CorpusError(f"Line {number} names the unknown split {split!r}", where=table)
            found[row[name]] = CatalogueEntry(
                work=_work(row, row[name]),
                licence=plain_licence(_first(row, _LICENCES)),
                title=row.get("title") or "",
                composer=row.get("composer") or "",
                editor=_first(row, _EDITORS),
                split=split,
            )
    return found


def plain_licence(text: str) -> str:
    """Return the licence of the notes that a statement of rights gives.

    Editions state several at once, as ``Score: CC0 1.0 Universal; Annotations: CC-By-SA``: what is said of the score
    counts, since nothing but notes is read.
    """
    of_score = [part.strip()[len("score:") :] for part in text.split(";") if part.strip().lower().startswith("score:")]
    said = (of_score or [text])[0].strip()
    if re.match(r"cc[- ]?0\b", said, re.IGNORECASE):
        return "CC0-1.0"
    return "public domain" if said.lower() in ("pd", "public domain") else said


def work_of(name: str) -> str:
    """Return the work that a piece belongs to by its name: the path without suffix and number of the movement."""
    path = PurePosixPath(name)
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    return (path.parent / (_MOVEMENT.sub("", stem) or stem)).as_posix()


def credits_for(pieces: Iterable[CorpusPiece], catalogue: Mapping[str, CatalogueEntry]) -> list[Credit]:
    """Return who is to be credited for some pieces, by source and licence."""
    groups: dict[tuple[str, str], list[tuple[CorpusPiece, CatalogueEntry]]] = {}
    for piece in pieces:
        entry = catalogue.get(piece.name, CatalogueEntry(""))
        groups.setdefault((source_of(piece.name), entry.licence), []).append((piece, entry))
    return [
        Credit(
            source,
            licence,
            len(held),
            round(sum(piece.seconds for piece, _ in held) / 3600, 2),
            _editors([entry for _, entry in held]) if asks_for_credit(licence) else (),
        )
        for (source, licence), held in sorted(groups.items())
    ]


def asks_for_credit(licence: str) -> bool:
    """Tell whether a licence is one of those that ask for attribution (Creative Commons BY and its kin)."""
    return bool(re.match(r"cc[- ]?by\b", licence, re.IGNORECASE))


def _editors(entries: Iterable[CatalogueEntry]) -> tuple[str, ...]:
    """Return one line an editor: the name and what was edited."""
    titles: dict[str, list[str]] = {}
    for entry in entries:
        work = f"{entry.title} ({entry.composer})" if entry.composer else entry.title
        held = titles.setdefault(entry.editor or "unnamed editor", [])
        if work not in held:
            held.append(work)
    return tuple(f"{editor}: {', '.join(sorted(works))}" for editor, works in sorted(titles.items()))


def _work(row: Mapping[str, str], name: str) -> str:
    said = _first(row, _WORKS)
    if not said:
        return work_of(name)
    # a path names composer, catalogue number and piece: all that stands under one number is one work
    parts = said.split("/")
    in_catalogue = "/".join(parts[:2]) if len(parts) > 2 else said
    return f"{source_of(name)}/{in_catalogue}" if not said.startswith(f"{source_of(name)}/") else said


def _first(row: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((row[column] for column in columns if row.get(column)), "")
