"""Choice of one of a document's sequences, by name or because only one can be meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.errors import TimelineError


@dataclass(frozen=True)
class SequenceCandidate:
    """A sequence that could be read.

    Arguments:
        name: Name as the document names it.
        top: Whether nothing else in the document contains it.
        filled: Whether anything is in it.
        group: Name of the event or collection that holds it.
    """

    name: str
    top: bool = True
    filled: bool = True
    group: str = ""


def choose(candidates: Sequence[SequenceCandidate], wanted: str | None, path: Path) -> tuple[int, list[str]]:
    """Return the index of the sequence to read, and what to tell the user about the choice.

    Arguments:
        candidates: All sequences in document order.
        wanted: The name or label (see ``labels``) that the user gave, compared without case when none fits exactly;
            None to choose the only one that is nested in no other, empty ones last.
        path: The file, for messages.

    Raises:
        TimelineError: The file has none, none of that name, or several that fit.
    """
    if not candidates:
        raise TimelineError("The file holds no sequence", where=path, hint="Export a timeline, not a bin or a clip")
    everything = range(len(candidates))
    if wanted is None:
        if len(candidates) == 1:
            return 0, []
        found = _narrowed(candidates, [index for index in everything if candidates[index].top] or list(everything))
        if len(found) > 1:
            raise TimelineError(
                f"The file holds {len(candidates)} sequences: {_listing(candidates)}",
                where=path,
                hint="Name the sequence to use",
                setting="sequence",
                choices=labels(candidates),
            )
        return found[0], [f"Of {len(candidates)} sequences in the file, '{candidates[found[0]].name}' was read"]
    names = [candidate.name for candidate in candidates]
    for spellings in (names, labels(candidates)):
        found = [index for index in everything if spellings[index] == wanted]
        found = found or [index for index in everything if spellings[index].casefold() == wanted.casefold()]
        if found:
            break
    else:
        raise TimelineError(
            f"No sequence is named '{wanted}'; the file holds {_listing(candidates)}",
            where=path,
            hint="Name one of these sequences",
            setting="sequence",
            choices=labels(candidates),
        )
    narrowed = _narrowed(candidates, [index for index in found if candidates[index].top] or found)
    if len(narrowed) == 1:
        return narrowed[0], []
    others = ", ".join(f"'{labels(candidates)[index]}'" for index in narrowed[1:5])
    return narrowed[0], [
        f"{len(narrowed)} sequences are named '{names[narrowed[0]]}'; the first was read (the others are {others})"
    ]


def labels(candidates: Sequence[SequenceCandidate]) -> list[str]:
    """Return names by which each sequence can be told apart.

    It is the plain name where that is unique, else ``EVENT/NAME`` where that is, else ``NAME #2`` for the second of a
    name.

    Arguments:
        candidates: All sequences in document order.
    """
    names = Counter(candidate.name for candidate in candidates)
    grouped = Counter((candidate.group, candidate.name) for candidate in candidates)
    seen: Counter[str] = Counter()
    found = []
    for candidate in candidates:
        seen[candidate.name] += 1
        if names[candidate.name] == 1:
            found.append(candidate.name)
        elif candidate.group and grouped[candidate.group, candidate.name] == 1:
            found.append(f"{candidate.group}/{candidate.name}")
        else:
            found.append(f"{candidate.name} #{seen[candidate.name]}")
    return found


def _narrowed(candidates: Sequence[SequenceCandidate], found: list[int]) -> list[int]:
    return [index for index in found if candidates[index].filled] or found


def _listing(candidates: Sequence[SequenceCandidate]) -> str:
    names = labels(candidates)
    return ", ".join(f"'{name}'" for name in names[:20]) + (", ..." if len(names) > 20 else "")
