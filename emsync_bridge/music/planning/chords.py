"""Chords: their names, their tones, and Roman numerals as progressions are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass

TONES: dict[str, tuple[int, ...]] = {
    "M": (0, 4, 7),
    "m": (0, 3, 7),
    "d": (0, 3, 6),
    "+": (0, 4, 8),
    "s": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "M7": (0, 4, 7, 11),
    "h7": (0, 3, 6, 10),
    "o7": (0, 3, 6, 9),
    "9": (0, 4, 7, 14),
}
"""Semitones above the root by quality: major, minor, diminished, augmented, suspended fourth, sevenths, added ninth."""

_STEPS = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_MINOR_STEPS = {"i": 0, "ii": 2, "iii": 3, "iv": 5, "v": 7, "vi": 8, "vii": 10}
_SUFFIXES = {
    "": "", "7": "7", "maj7": "M7", "sus4": "s", "o": "d", "o7": "o7", "h7": "h7", "+": "+", "add9": "9",
}  # fmt: skip
_NUMERAL = re.compile(r"([b#]?)(t?)([ivIV]+)(maj7|sus4|add9|o7|h7|o|\+|7)?(?:/?(6/4|4/2|6))?(?:/([ivIV]+))?")


@dataclass(frozen=True)
class Chord:
    """A chord in a key.

    Arguments:
        root: Semitones above the tonic, 0 to 11.
        quality: One of ``TONES``.
        bass: Semitones above the tonic of its lowest note; the root's where None.
    """

    root: int
    quality: str
    bass: int | None = None

    @property
    def lowest(self) -> int:
        """Semitones above the tonic of the lowest note."""
        return self.root if self.bass is None else self.bass

    @property
    def tones(self) -> tuple[int, ...]:
        """Semitones above the tonic of its tones, 0 to 11, from the root up."""
        return tuple((self.root + tone) % 12 for tone in TONES[self.quality])

    @property
    def dominant(self) -> bool:
        """True for a chord that leads home: one built on the fifth degree or the leading tone."""
        return (self.root == 7 and self.quality in ("M", "7", "+", "s")) or (
            self.root == 11 and self.quality in ("d", "o7", "h7")
        )


def parse_numeral(numeral: str, *, minor: bool) -> Chord:
    """Return the chord that a Roman numeral names.

    Upper case is major, lower case minor; ``b`` and ``#`` lower and raise the major scale's degree; ``7 maj7 sus4 add9
    o o7 h7 +`` name the quality, ``6 6/4 4/2`` the inversion, and ``V7/V`` a dominant of another degree. In a minor key
    III, VI and VII are those of its natural scale; ``t`` before a numeral means the tritone above the tonic.

    Arguments:
        numeral: Numeral, such as ``I``, ``V7/V`` or ``bII6``.
        minor: Mode of the key.

    Raises:
        ValueError: It names no chord.
    """
    found = _NUMERAL.fullmatch(numeral)
    if found is None or found[3].lower() not in _STEPS:
        raise ValueError(f"no chord: {numeral}")
    accidental, tritone, name, suffix, inversion, target = found.groups()
    steps = _STEPS if accidental or not minor or (suffix or "").startswith(("o", "h")) else _MINOR_STEPS
    root = 6 if tritone else steps[name.lower()] + {"b": -1, "#": 1, "": 0}[accidental]
    if target:
        root += (_MINOR_STEPS if minor else _STEPS)[target.lower()]
    quality = _SUFFIXES[suffix or ("7" if inversion == "4/2" else "")]
    if not quality:
        quality = "M" if name.isupper() else "m"
    elif quality == "7" and name.islower():
        quality = "m7"
    root %= 12
    tones = TONES[quality]
    index = {None: 0, "6": 1, "6/4": 2, "4/2": len(tones) - 1}[inversion]
    return Chord(root, quality, (root + tones[index]) % 12 if index else None)
