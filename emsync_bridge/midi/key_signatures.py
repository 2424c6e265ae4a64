"""Key signatures of a take: its key at the start, and each change of key where a section of the form begins."""

from __future__ import annotations

import mido

from emsync_bridge.cue import Take

# keys whose signature would have eight accidentals or more, which Standard MIDI Files cannot write
_SPELLINGS = {
    "D# major": "Eb", "G# major": "Ab", "A# major": "Bb", "E# major": "F", "B# major": "C", "Fb major": "E",
    "Db minor": "C#m", "Gb minor": "F#m", "Cb minor": "Bm", "Fb minor": "Em", "E# minor": "Fm", "B# minor": "Cm",
}  # fmt: skip


def key_signatures(take: Take) -> list[tuple[int, mido.MetaMessage]]:
    """Return tick and message of every key signature, in order; none where the key is unknown.

    Arguments:
        take: Music whose short score, where it has one, names the key of each section.
    """
    found: list[tuple[int, mido.MetaMessage]] = []
    before = ""
    for tick, key in [(0, take.key), *_keys_of_sections(take)]:
        spelled = _spelled(key)
        if spelled and spelled != before:
            if found and found[-1][0] == tick:
                found.pop()
            found.append((tick, mido.MetaMessage("key_signature", key=spelled)))
            before = spelled
    return found


def _keys_of_sections(take: Take) -> list[tuple[int, str]]:
    return [(section.start, section.key) for section in take.score.sections if section.key] if take.score else []


def _spelled(key: str) -> str:
    """Return a key such as ``F# minor`` as Standard MIDI Files spell it, ``F#m``; empty where it is none."""
    tonic, _, mode = key.partition(" ")
    name = _SPELLINGS.get(key, f"{tonic}m" if mode == "minor" else tonic if mode == "major" else "")
    try:
        mido.MetaMessage("key_signature", key=name)
    except ValueError:
        return ""
    return name
