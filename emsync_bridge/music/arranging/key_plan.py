"""Keys of a piece: the home key, and the keys of its scenes."""

from __future__ import annotations

from collections.abc import Sequence

from emsync_bridge.cue import Spotting
from emsync_bridge.music.analysis.keys import parse_key
from emsync_bridge.music.planning.scenes import Scene
from emsync_bridge.music.random_streams import cut_fingerprint, stream
from emsync_bridge.options import MusicOptions

_TONICS = (0, 2, 3, 4, 5, 7, 9, 10)
"""Pitch classes that a home key is drawn from."""


def home_tonic(spotting: Spotting, options: MusicOptions, seed: int, *, minor: bool) -> int:
    """Return the pitch class of the home key: what is asked for, else drawn from the cut and the seed together.

    Arguments:
        spotting: The cut.
        options: Key and transposition.
        seed: Seed of the take.
        minor: Mode of the first scene.
    """
    shift = None
    if options.key is not None:
        shift = parse_key(options.key)[0]
    elif options.transpose is not None:
        shift = options.transpose
    if shift is not None:
        return (shift + (9 if minor else 0)) % 12
    return stream(seed, "key", cut_fingerprint(spotting)).choice(_TONICS)


def keys_of(scenes: Sequence[Scene], tonic: int, seed: int, *, fixed: bool = False) -> tuple[int, ...]:
    """Return the tonic of each scene: home at both ends, elsewhere sometimes a third or a fourth away.

    Arguments:
        scenes: Scenes in order.
        tonic: Pitch class of the home key.
        seed: Seed of what is drawn.
        fixed: Whether a key was asked for that holds throughout.
    """
    found = []
    for index, scene in enumerate(scenes):
        rng = stream(seed, "key", index)
        away = rng.random() < 0.4 and 0 < index < len(scenes) - 1 and not fixed and not scene.silent
        shift = rng.choice((3, -3, -4, 5) if scene.minor else (3, -4, 5, 2)) if away else 0
        found.append((tonic + shift) % 12)
    return tuple(found)
