"""Soundfonts: where one is, whether it is sound, and a louder edition for engines that round to 16 bits."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import numpy as np

from emsync_bridge.errors import RenderError

DEFAULT_NAME = "TimGM6mb.sf2"
"""The General MIDI soundfont that comes with pretty_midi (Tim Brechbill 2004, David Bolton 2010; GPL-2)."""

_HINT = "Give an SF2 soundfont, or reinstall pretty_midi, which carries one"
_ATTENUATION = 48  # generator initialAttenuation in centibels, SoundFont 2.04 section 8.1.2
_INSTRUMENT = 41  # generator that ends a preset zone; a zone without it is the preset's global zone
_RECORD = {b"phdr": 38, b"pbag": 4, b"pgen": 4}  # bytes
_CENTIBELS_PER_DECIBEL = 25
"""Units of initialAttenuation that rustysynth takes for one decibel: it weighs them by 0.4, as the EMU8000 did."""


def find_soundfont(given: Path | None = None) -> Path:
    """Return the soundfont to play with.

    Arguments:
        given: The user's choice; None for the General MIDI soundfont that pretty_midi carries.

    Raises:
        RenderError: It does not exist or is no complete SF2 file.
    """
    if given is None:
        package = importlib.util.find_spec("pretty_midi")  # does not import it
        folders = [Path(place) for place in (package.submodule_search_locations or [])] if package else []
        given = next((path for folder in folders if (path := folder / DEFAULT_NAME).is_file()), None)
        if given is None:
            raise RenderError("There is no soundfont to play the music with", hint=_HINT)
    check_soundfont(given)
    return given


def check_soundfont(path: Path) -> None:
    """Make sure that a file is a whole SoundFont 2 file with presets.

    Arguments:
        path: The file.

    Raises:
        RenderError: It is not; the message says why.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"sfbk":
                raise RenderError("This is no SF2 soundfont", where=path, hint=_HINT)
            if int.from_bytes(head[4:8], "little") + 8 > size:
                raise RenderError("This soundfont is cut off", where=path, hint="Copy or download it again")
            lists = set()
            position = 12
            while position + 12 <= size:
                file.seek(position)
                name, length, kind = struct.unpack("<4sI4s", file.read(12))
                if name == b"LIST" and position + 8 + length <= size:
                    lists.add(kind)
                position += 8 + length + length % 2
    except OSError as problem:
        raise RenderError(
            f"The soundfont cannot be opened: {problem.strerror or problem}", where=path, hint=_HINT
        ) from None
    if not lists >= {b"sdta", b"pdta"}:
        raise RenderError("This soundfont holds no samples or no presets", where=path, hint=_HINT)


def louder(font: bytes, decibels: float) -> bytes:
    """Return a soundfont whose presets all play louder by some decibels.

    The change is made where the format provides for it, as the attenuation of every preset zone, so the samples stay
    as they are. Formula and chunk layout: SoundFont Technical Specification 2.04, sections 7.2 to 7.5.

    Arguments:
        font: A whole SF2 file.
        decibels: Gain as rustysynth will apply it; negative for softer.

    Returns:
        The changed file; the same bytes for 0 dB or when the file has no room for more generators.
    """
    places = {name: _chunk(font, name) for name in (b"phdr", b"pbag", b"pgen")}
    if not decibels or any((end - start) % _RECORD[name] for name, (start, end) in places.items()):
        return font
    tables = {name: np.frombuffer(font[start:end], np.uint8) for name, (start, end) in places.items()}
    starts = tables[b"pbag"].view("<u2").reshape(-1, 2)
    values = tables[b"pgen"].view("<i2").reshape(-1, 2)
    first_bags = set(tables[b"phdr"].reshape(-1, 38)[:, 24:26].copy().view("<u2").flat)

    step = round(-decibels * _CENTIBELS_PER_DECIBEL)
    changed: list[tuple[int, int]] = []
    new_starts = starts.copy()
    shared = 0
    for bag in range(len(starts) - 1):
        zone = [(int(kind), int(amount)) for kind, amount in values[starts[bag, 0] : starts[bag + 1, 0]]]
        new_starts[bag, 0] = len(changed) & 0xFFFF
        own = next((amount for kind, amount in zone if kind == _ATTENUATION), None)
        if bag in first_bags:
            shared = 0
        if zone and zone[-1][0] == _INSTRUMENT:
            # inserted before the instrument, which must come last; a zone's own value replaces the global one
            rest = [pair for pair in zone[:-1] if pair[0] != _ATTENUATION]
            softer = max(-0x8000, min((shared if own is None else own) + step, 0x7FFF))
            changed += [*rest, (_ATTENUATION, softer), zone[-1]]
        else:
            shared = own or 0
            changed += zone
    if not changed or len(changed) > 0xFFFF:
        return font
    new_starts[-1, 0] = len(changed)
    changed += [(0, 0)]
    font = _replaced(font, b"pgen", np.array(changed, "<i2").tobytes())
    return _replaced(font, b"pbag", new_starts.tobytes())


def _chunk(font: bytes, name: bytes) -> tuple[int, int]:
    """Return where the data of one of the preset chunks begins and ends; an empty place when there is none."""
    hydra = font.rfind(b"pdta")
    position = hydra + 4
    while hydra >= 0 and position + 8 <= len(font):
        length = int.from_bytes(font[position + 4 : position + 8], "little")
        if font[position : position + 4] == name:
            return position + 8, position + 8 + length
        position += 8 + length + length % 2
    return 0, 0


def _replaced(font: bytes, name: bytes, data: bytes) -> bytes:
    start, end = _chunk(font, name)
    growth = len(data) - (end - start)
    hydra = font.rfind(b"pdta")
    result = bytearray(font[:start] + data + font[end:])
    result[start - 4 : start] = len(data).to_bytes(4, "little")
    for size_at in (4, hydra - 4):
        result[size_at : size_at + 4] = (int.from_bytes(font[size_at : size_at + 4], "little") + growth).to_bytes(
            4, "little"
        )
    return bytes(result)
