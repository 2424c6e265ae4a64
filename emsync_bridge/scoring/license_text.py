"""Licence text beside the music, from the model card of the generator that wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emsync_bridge.cue import Cue
from emsync_bridge.errors import CheckpointError

_WIDTH = 100


def write_license_text(cue: Cue, checkpoint: Path | None, path: Path) -> None:
    """Write what the training data's licences let people do with a cue's music.

    Arguments:
        cue: The music.
        checkpoint: Folder of the generator; the shipped one when None.
        path: The text file.
    """
    path.write_text(rights_text(cue, _joined_card(cue.take.model.split(" + "), checkpoint)), encoding="utf-8")


def _joined_card(names: Sequence[str], checkpoint: Path | None) -> Mapping[str, Any]:
    """Return rights and data of all generators that wrote a take; empty where those of one are not at hand.

    Arguments:
        names: Names of the generators, in the order in which they wrote.
        checkpoint: Folder of a generator beside the shipped one.
    """
    from emsync_bridge.music.network import checkpoint as checkpoints

    cards: dict[str, Mapping[str, Any]] = {}
    for folder in (None, checkpoint):
        try:
            card, name = checkpoints.read_card(folder)
        except CheckpointError:
            continue
        cards[name] = card
    rights = [cards.get(name, {}).get("rights") for name in names]
    told = [text for text in rights if isinstance(text, str)]
    if len(told) < len(names):
        return {}
    joined = " ".join(dict.fromkeys(told))
    return {"rights": joined, "data": [source for name in names for source in cards[name].get("data", ())]}


def rights_text(cue: Cue, card: Mapping[str, Any]) -> str:
    """Return the text.

    Arguments:
        cue: The music.
        card: Model card of the generator that wrote it; empty when it is not at hand.
    """
    from textwrap import fill

    lines = [
        f"Music for: {cue.spotting.name}",
        f"Composed by: emsync-bridge with the generator {cue.take.model}, seed {cue.take.seed}, {cue.take.key}",
        "",
    ]
    said = card.get("rights")
    if not isinstance(said, str):
        unknown = "The generator's model card is missing or does not state rights: ask its author."
        return "\n".join([*lines, fill(unknown, _WIDTH), ""])
    lines += [fill(said, _WIDTH), "", "The generator learned from:"]
    for source in card.get("data", ()):
        if isinstance(source, Mapping):
            where = ", ".join(str(source[key]) for key in ("source", "revision") if key in source)
            lines.append(f"- {source.get('name', '?')} ({where}): {source.get('licence', 'licence not stated')}")
    return "\n".join([*lines, "", fill(_sounds(cue), _WIDTH), ""])


def _sounds(cue: Cue) -> str:
    """Return what is true of the recording's sounds."""
    from emsync_bridge.render.bank.sounds import BANK_NAME

    replaced = ""
    if instruments := cue.settings.get("sfz"):
        replaced = f"Of your own instruments sound {instruments}: their licences say what may be done with them. "
    if own := cue.settings.get("soundfont"):
        said = f"The recording is made of the sounds of {own}, whose own licence says what may be done with it."
        return replaced + said
    return replaced + (
        f"Sounds: {BANK_NAME} (MIT; strings and crash cymbals CC0, grand piano public domain). These licences let you "
        "publish and sell the recording; the samples' notices are in MuseScore_General.LICENSE in the package."
    )
