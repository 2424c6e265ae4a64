"""Licence text beside the music, from the model card of the generator that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
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
    from emsync_bridge.music.network import checkpoint as checkpoints

    try:
        card, name = checkpoints.read_card(checkpoint)
    except CheckpointError:
        card, name = {}, ""
    path.write_text(rights_text(cue, card if name in cue.take.model.split(" + ") else {}), encoding="utf-8")


def rights_text(cue: Cue, card: Mapping[str, Any]) -> str:
    """Return the text.

    Arguments:
        cue: The music.
        card: What is said of the generator that wrote it; empty when it is not at hand.
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
