"""Choice of a corpus's pieces and of each one's split: works stay together, the same on every machine."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.training.corpus import duplicates
from emsync_bridge.training.corpus.catalogue import CatalogueEntry
from emsync_bridge.training.corpus.dataset import SPLITS, source_of

HELD_OUT = 0.05
"""Share of the pieces of a source that goes to ``valid``, and as much to ``test``."""


@dataclass(frozen=True)
class SplitAssignment:
    """The split of every piece, and the reason for every piece that is left out as a second edition."""

    splits: Mapping[str, str]
    left_out: Mapping[str, str]


def assign(
    music: Sequence[tuple[str, Path]],
    catalogue: Mapping[str, CatalogueEntry],
    given: Mapping[str, str] | None = None,
    *,
    jobs: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> SplitAssignment:
    """Return the split of every piece, and which to leave out since their work stands in the music already.

    Arguments:
        music: Names and files, those of the preferred collections first.
        catalogue: Catalogue of pieces; only those in it are compared and split by work.
        given: Splits that are settled besides those of the catalogue, by piece.
        jobs: Processes.
        progress: Function called with a step's name and the share of it that is done.
    """
    tell = progress or (lambda _step, _share: None)
    settled = {name: entry.split for name, entry in catalogue.items() if entry.split} | dict(given or {})
    works = {name: catalogue[name].work for name, _ in music if name in catalogue}
    left_out: dict[str, str] = {}
    if works:
        listed = [(name, file) for name, file in music if name in works]
        runs = duplicates.all_runs(listed, jobs, lambda done, total: tell("Looking for duplicates", done / total))
        alike = duplicates.likenesses(runs)
        left_out = duplicates.left_out(alike, runs, works, kept=frozenset(settled))
        works = duplicates.join_works({name: work for name, work in works.items() if name not in left_out}, alike)
    found = splits_by_work(works, settled)
    splits = {name: found.get(name) or settled.get(name) or split_of(name) for name, _ in music}
    unknown = [name for name, _ in music if name not in found and name not in settled]
    if set(splits.values()) != set(SPLITS):
        splits |= piece_by_piece(unknown)
    return SplitAssignment(splits, left_out)


def split_of(name: str) -> str:
    """Return the split of a piece that no table knows: 5% valid, 5% test, by a hash of its folder."""
    digest = hashlib.sha256(name.rpartition("/")[0].encode() or name.encode()).digest()[0]
    return "valid" if digest < 13 else "test" if digest < 26 else "train"


def piece_by_piece(names: Collection[str]) -> dict[str, str]:
    """Return the split of each piece of a collection that its folders do not divide: 5 % valid and test, one at least.

    Arguments:
        names: Names of the pieces: three at least, for fewer cannot be divided.
    """
    if len(names) < len(SPLITS):
        return {}
    held = max(1, round(HELD_OUT * len(names)))
    ordered = sorted(names, key=_digest)
    return {
        name: ("valid", "test")[place // held] if place < 2 * held else "train" for place, name in enumerate(ordered)
    }


def splits_by_work(works: Mapping[str, str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the split of every piece.

    Within each source works are taken in the order of a hash of their name and fill ``valid`` and ``test`` up to 5 % of
    the pieces each; a work too large for what is left goes to ``train``. A work of which one piece's split is given
    goes there as a whole.

    Arguments:
        works: The work of each piece.
        given: Splits that are settled, by piece.
    """
    members: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, work in works.items():
        members[source_of(name)][work].append(name)
    settled = {works[name]: split for name, split in (given or {}).items() if name in works}
    found: dict[str, str] = {}
    for held in members.values():
        room = dict.fromkeys(("valid", "test"), round(HELD_OUT * sum(map(len, held.values()))))
        for work, names in held.items():
            if settled.get(work) in room:
                room[settled[work]] -= len(names)
        for work in sorted(held, key=_digest):
            split = settled.get(work)
            if split is None:
                split = next((one for one, left in room.items() if len(held[work]) <= left), "train")
                if split in room:
                    room[split] -= len(held[work])
            found |= dict.fromkeys(held[work], split)
    return found | {name: split for name, split in (given or {}).items() if name in works}


def _digest(work: str) -> str:
    return hashlib.sha256(work.encode()).hexdigest()
