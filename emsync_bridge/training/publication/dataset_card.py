"""The README of a published data set: what it is, where it is from, and the head by which ``datasets`` loads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emsync_bridge.training.publication.validation import Agreement

_NAME = "Symbolic music with valence and arousal"

_LABELS = """\
Valence and arousal are computed from the notes of each window of about 20 s, by no listener and no trained model:
valence from how well a major key fits, how much better than a minor one, and short notes; arousal from onsets and notes
a second, tempo and velocity; velocity and note length are compared within a source. `valence` and `arousal` fill
[-1, 1]; `valence_rank` and `arousal_rank` are ranks among all windows here, from -1 to 1. Times are seconds in the MIDI
file. Against the mean ratings of the 200 piano pieces of VGMIDI (Ferreira and Whitehead 2019; about thirty listeners a
piece), which are not part of this data set, the recipe reaches r 0.61 for valence and 0.81 for arousal. It was not
checked on music with drums, guitars, strings or voices, and it explains less than half of what people say of valence.
"""


@dataclass(frozen=True)
class CardFacts:
    """Facts of a dataset card.

    Arguments:
        said: Name, description, and sources with revisions, as a model card has them under ``data``.
        licences: Licences of the music.
        splits: Pieces and windows by public name of the split.
        sources: Pieces and hours by source and licence.
        editors: Names to be credited.
        left_out: Pieces by reason.
        agreement: Agreement with people's ratings, by axis.
    """

    said: Mapping[str, Any]
    licences: tuple[str, ...]
    splits: Mapping[str, tuple[int, int]]
    sources: Mapping[str, tuple[int, float]]
    editors: tuple[str, ...]
    left_out: Mapping[str, int]
    agreement: Mapping[str, Agreement]


def card_text(facts: CardFacts) -> str:
    """Return the README in Markdown with a YAML head."""
    name = str(facts.said.get("name") or _NAME)
    lines = [
        *_head(name, facts),
        f"# {name}",
        "",
        str(facts.said.get("what") or "MIDI files with valence and arousal for every window of about 20 s."),
        "",
        *_table(("split", "pieces", "windows"), [(s, str(p), str(w)) for s, (p, w) in facts.splits.items()]),
        *_table(("source", "pieces", "hours"), [(s, str(p), f"{h:.1f}") for s, (p, h) in facts.sources.items()]),
        "## Labels",
        "",
        _LABELS,
        *_agreement(facts.agreement),
        "## Splits",
        "",
        "All pieces of one work are in one split, and works that stand in several collections are here once.",
        "",
        "## Licences and sources",
        "",
        f"The music is under {', '.join(facts.licences)}; the licence of each piece stands in `pieces/`, texts lie in",
        "`licences/`. The tables are under CC0-1.0.",
        "",
        *[_source(one) for one in facts.said.get("data", [])],
    ]
    if facts.editors:
        lines += ["", f"Edited by {', '.join(facts.editors)}."]
    if facts.left_out:
        lines += ["", "Left out, by reason (each piece in `left_out.json`):", ""]
        lines += [f"- {reason}: {count} pieces" for reason, count in sorted(facts.left_out.items())]
    lines += [
        "",
        "## Reading and checking it",
        "",
        "```python",
        "from datasets import load_dataset",
        'windows = load_dataset("path/to/this/folder", "windows")',
        "```",
        "",
        "`sha256sum --check SHA256SUMS` verifies every file. `emsync corpus publish` makes the same bytes from the",
        "same collections.",
        "",
    ]
    return "\n".join(lines)


def _head(name: str, facts: CardFacts) -> list[str]:
    lines = ["---", f"pretty_name: {json.dumps(name)}", "license:"]
    lines += [f"- {_identifier(licence)}" for licence in facts.licences]
    lines += ["tags:", "- music", "- midi", "- emotion", "configs:"]
    for config in ("windows", "pieces"):
        lines += [f"- config_name: {config}"]
        lines += ["  default: true"] if config == "windows" else []
        lines += ["  data_files:"]
        for split in _filled(facts, config):
            lines += [f"  - split: {split}", f"    path: {config}/{split}.csv"]
    return [*lines, "---", ""]


def _filled(facts: CardFacts, config: str) -> list[str]:
    """Return the splits that hold rows of a table: ``datasets`` refuses to load an empty one."""
    column = ("pieces", "windows").index(config)
    return [split for split, counts in facts.splits.items() if counts[column]]


def _identifier(licence: str) -> str:
    """Return a licence as hubs of data sets call it."""
    plain = licence.lower().replace(" ", "-")
    return "cc0-1.0" if plain == "public-domain" else plain


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def _agreement(found: Mapping[str, Agreement]) -> list[str]:
    if not found:
        return []
    rows = [(axis, str(one.pieces), f"{one.pearson:.2f}", f"{one.spearman:.2f}") for axis, one in found.items()]
    told = ["Measured for this data set, over pieces that people rated:", ""]
    return [*told, *_table(("axis", "pieces", "Pearson", "Spearman"), rows)]


def _source(one: Mapping[str, Any]) -> str:
    told = [str(one.get("name", "")), str(one.get("source", "")), str(one.get("licence", ""))]
    if one.get("revision"):
        told.append(f"revision {one['revision']}")
    return f"- {', '.join(part for part in told if part)}"
