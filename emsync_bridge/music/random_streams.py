"""Named random streams: one for each purpose, the same in every process and on every machine."""

from __future__ import annotations

import hashlib
import random

from emsync_bridge.cue import Spotting


def stream(seed: int, *name: str | int) -> random.Random:
    """Return the stream of random numbers that belongs to a seed and a name.

    Arguments:
        seed: Seed of the take or of a section.
        name: Name of what is drawn, such as ``"section", 3``.
    """
    text = "/".join(str(part) for part in (seed, *name))
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def cut_fingerprint(spotting: Spotting) -> str:
    """Return what tells one cut from another, as part of a stream's name: name, duration and hits."""
    hits = " ".join(str(hit.frame) for hit in spotting.hits)
    return f"{spotting.name}/{round(spotting.duration * 1000)}/{hits}"
