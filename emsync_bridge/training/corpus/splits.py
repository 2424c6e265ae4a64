"""Which split every piece goes to: pieces of one work together, the same on every machine."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from emsync_bridge.training.corpus.dataset import source_of

HELD_OUT = 0.05
"""Share of the pieces of a source that goes to ``valid``, and as much to ``test``."""


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
