"""Music that stands in a corpus twice: other editions, arrangements, parts of a score beside the score.

Two pieces are compared by the runs of intervals in their top and bottom lines, so that key, tempo, note lengths and
inner voices do not count. Over three collections of 2,964 pieces, runs of ten intervals set editions of one work apart
(7 to 97 % shared) from different works (under 7 %).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import Note
from emsync_bridge.errors import EmsyncError
from emsync_bridge.training.corpus.dataset import source_of
from emsync_bridge.training.corpus.sources import read_score

RUN = 10
"""Intervals in a run."""

MIN_RUNS = 20
"""Runs that two pieces share at least to be called alike."""

EDITIONS = 0.08
"""Share of the runs of the shorter of two pieces from which on they are editions of one work."""

CONTAINED = 0.5
"""Share from which on the shorter of two pieces of one source is left out."""

_COMMON = 40
"""Pieces that hold a run above which it is a formula and tells nothing."""

_KINDS = 3
"""Different sizes of interval that a run has at least; scales, trills and arpeggios have fewer."""


@dataclass(frozen=True)
class DuplicatePair:
    """Two pieces that share runs.

    Arguments:
        pieces: Their names in order.
        share: Shared runs over those of the piece that has fewer.
    """

    pieces: tuple[str, str]
    share: float


def runs_of(notes: Sequence[Note]) -> frozenset[int]:
    """Return hashes of the interval runs in the top and bottom lines of some music, drums left out."""
    onsets: dict[int, list[int]] = defaultdict(list)
    for note in notes:
        if note.instrument != "drums":
            onsets[note.start].append(note.pitch)
    found: set[int] = set()
    for pick in (max, min):
        line = [pick(onsets[tick]) for tick in sorted(onsets)]
        moves = [step for step in (after - before for before, after in pairwise(line)) if step]
        for begin in range(len(moves) - RUN + 1):
            run = moves[begin : begin + RUN]
            if len({abs(step) for step in run}) >= _KINDS:
                coded = bytes(step % 256 for step in run)
                found.add(int.from_bytes(hashlib.blake2b(coded, digest_size=8).digest(), "big"))
    return frozenset(found)


def all_runs(
    music: Sequence[tuple[str, Path]], jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> dict[str, frozenset[int]]:
    """Return the runs of every piece that can be read, by name.

    Arguments:
        music: Names and files.
        jobs: Processes.
        progress: Function called with pieces done and pieces in all.
    """
    found: dict[str, frozenset[int]] = {}
    with ProcessPoolExecutor(jobs) as pool:
        results = pool.map(_runs_in, [file for _, file in music], chunksize=8)
        for done, ((name, _), runs) in enumerate(zip(music, results, strict=True), start=1):
            if runs is not None:
                found[name] = runs
            if progress:
                progress(done, len(music))
    return found


def likenesses(runs: Mapping[str, frozenset[int]]) -> list[DuplicatePair]:
    """Return all pairs of pieces that are editions of one work, the most alike first."""
    holders: dict[int, list[str]] = defaultdict(list)
    for name, held in runs.items():
        for run in held:
            holders[run].append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        if 1 < len(names) <= _COMMON:
            ordered = sorted(names)
            shared.update((a, b) for place, a in enumerate(ordered) for b in ordered[place + 1 :])
    found = [
        DuplicatePair(pair, count / min(len(runs[pair[0]]), len(runs[pair[1]])))
        for pair, count in shared.items()
        if count >= MIN_RUNS
    ]
    return sorted((one for one in found if one.share >= EDITIONS), key=lambda one: (-one.share, one.pieces))


def left_out(
    alike: Sequence[DuplicatePair],
    runs: Mapping[str, frozenset[int]],
    works: Mapping[str, str],
    *,
    kept: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Return which pieces to leave out so that no work stands in a corpus twice, and why.

    Of two sources that hold a work the first, in the order of ``works``, keeps it, and the other loses every piece of
    it. Within one source the shorter of two pieces that share most of their lines goes.

    Arguments:
        alike: Pairs, as ``likenesses`` returns them.
        runs: Runs as ``all_runs`` returns them.
        works: The work of every piece, pieces of the preferred sources first.
        kept: Pieces that stay whatever they are like.
    """
    order = {source: place for place, source in enumerate(dict.fromkeys(map(source_of, works)))}
    members: dict[str, list[str]] = defaultdict(list)
    for name, work in works.items():
        members[work].append(name)
    found: dict[str, str] = {}
    for one in alike:
        first, second = sorted(one.pieces, key=lambda name: order[source_of(name)])
        if source_of(first) != source_of(second) and second not in kept and first not in found:
            for name in members[works[second]]:
                found.setdefault(name, f"its work stands in the corpus already, as {first}")
    for one in alike:
        first, second = one.pieces
        if source_of(first) != source_of(second) or one.share < CONTAINED or first in found or second in found:
            continue
        shorter, longer = sorted(one.pieces, key=lambda name: (len(runs[name]), name))
        if shorter not in kept:
            found[shorter] = f"{one.share:.0%} of its lines stand in {longer}"
    return found


def join_works(works: Mapping[str, str], alike: Sequence[DuplicatePair]) -> dict[str, str]:
    """Return the work of every piece, works that share music counted as one, so that they come to the same split."""
    head: dict[str, str] = {work: work for work in works.values()}

    def root(work: str) -> str:
        while head[work] != work:
            work = head[work]
        return work

    for one in alike:
        pair = [works[name] for name in one.pieces if name in works]
        if len(pair) == len(one.pieces):
            low, high = sorted(map(root, pair))
            head[high] = low
    return {name: root(work) for name, work in works.items()}


def _runs_in(file: Path) -> frozenset[int] | None:
    try:
        return runs_of(read_score(file).notes)
    except (EmsyncError, OSError):
        return None
