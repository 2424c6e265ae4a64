"""The console: each section's dry sound in, its sound in the room and the mix out, in fast convolution.

All that the console does to a section is linear and does not change over time: high-pass, equaliser, mono bass, early
reflections and hall. So it is one matrix of four impulse responses a section, applied by overlap-add, and the sections
are added up before the transform back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from emsync_bridge.midi.players import Family
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.mix import filters
from emsync_bridge.render.mix.rooms import LONGEST, ROOMS, Impulse, RoomName, early_reflections, late_field
from emsync_bridge.render.mix.sections import SECTIONS, FamilyMix

HOP = 120_000
"""Samples that are transformed at once: 24 of them in a minute."""

_SIZE = 1 << 18
_TAIL = _SIZE - HOP
_MONO_BELOW = 120.0  # Hz: what lies below is in the middle, as on records and in cinemas
_REVERB_BAND = (140.0, 9000.0)
_OWN_SIDE, _OTHER_SIDE = 0.8, 0.45  # how much of a channel reaches the late field on its side and across
_MIX = "mix"

DRY = ".dry"
"""Ending of the name of a section without the room."""

_WEIGHTED = "weighted"

Spectrum = npt.NDArray[np.complex64]
Matrix = tuple[filters.Response, filters.Response, filters.Response, filters.Response]


@dataclass(frozen=True)
class Mixed:
    """A stretch of sound after the console.

    Arguments:
        mix: Shape (samples, 2).
        weighted: The mix as a loudness meter hears it.
        stems: Stems by family, where they were asked for.
    """

    mix: Audio
    weighted: Audio
    stems: Mapping[str, Audio]


class Console:
    """A mix that is fed stretch after stretch.

    Arguments:
        room: Name of the room.
        stems: Whether each section is returned alone too.
        dry: Whether each section is returned without the room too, under its name and ``DRY``.
    """

    def __init__(self, room: RoomName = "hall", *, stems: bool = False, dry: bool = False) -> None:
        self._room = room
        self._stems = stems
        self._dry = dry
        self._matrices: dict[tuple[Family, RoomName], Matrix] = {}
        self._weighting = filters.k_weighting(_SIZE)
        self._carried: dict[str, Audio] = {}

    def feed(self, dry: Iterable[tuple[Family, Audio]], samples: int) -> Mixed:
        """Return what the next stretch sounds like.

        Arguments:
            dry: Each family of the piece and its sound of shape (samples, 2); every family at every call.
            samples: Length of the stretch.
        """
        starts = range(0, samples, HOP)
        total: list[Spectrum | None] = [None] * len(starts)
        stems: dict[str, Audio] = {}
        for family, sound in dry:
            if self._stems:
                stems[family] = np.zeros((samples, 2), np.float32)
            if self._dry:
                stems[family + DRY] = np.zeros((samples, 2), np.float32)
            for number, start in enumerate(starts):
                piece = sound[start : start + HOP]
                spectrum = self._through(family, piece, self._room) if piece.any() else None
                if self._stems:
                    stems[family][start : start + HOP] = self._next(family, spectrum, len(piece))
                if self._dry:
                    alone = self._through(family, piece, "dry") if spectrum is not None else None
                    stems[family + DRY][start : start + HOP] = self._next(family + DRY, alone, len(piece))
                if spectrum is not None:
                    before = total[number]
                    total[number] = spectrum if before is None else before + spectrum
        mix, weighted = np.zeros((samples, 2), np.float32), np.zeros((samples, 2), np.float32)
        for number, start in enumerate(starts):
            spectrum, total[number] = total[number], None
            length = min(HOP, samples - start)
            mix[start : start + length] = self._next(_MIX, spectrum, length)
            heard = None if spectrum is None else spectrum * self._weighting
            weighted[start : start + length] = self._next(_WEIGHTED, heard, length)
        return Mixed(mix, weighted, stems)

    def _through(self, family: Family, sound: Audio, room: RoomName) -> Spectrum:
        ll, lr, rl, rr = self._matrix(family, room)
        left, right = (np.fft.rfft(sound[:, channel], _SIZE).astype(np.complex64) for channel in (0, 1))
        return np.stack([ll * left + rl * right, lr * left + rr * right])

    def _next(self, name: str, spectrum: Spectrum | None, length: int) -> Audio:
        """Return the next samples of an output and keep what reaches beyond them."""
        carried = self._carried.get(name)
        if carried is None:
            carried = np.zeros((_SIZE, 2), np.float32)
        if spectrum is not None:
            carried += np.fft.irfft(spectrum, _SIZE, axis=1).T.astype(np.float32)
        ready: Audio = carried[:length].copy()
        kept = np.zeros((_SIZE, 2), np.float32)
        kept[: _SIZE - length] = carried[length:]
        self._carried[name] = kept
        return ready

    def _matrix(self, family: Family, room: RoomName) -> Matrix:
        if (family, room) not in self._matrices:
            self._matrices[family, room] = _matrix_of(SECTIONS[family], room)
        return self._matrices[family, room]


def _matrix_of(section: FamilyMix, name: RoomName) -> Matrix:
    """Return the responses from left to left, left to right, right to left and right to right."""
    tone = filters.high_pass(section.low, _SIZE) * np.float32(10 ** (section.trim / 20))
    for band in section.bells:
        tone = tone * filters.bell(band, _SIZE)
    side = tone * filters.high_pass(_MONO_BELOW, _SIZE) ** 2
    same, across = (tone + side) / 2, (tone - side) / 2
    room = ROOMS[name]
    if room is None:
        return _bounded((same, across, across, same))
    wet = tone * _reverb_band()
    late = _late_spectra(name) * np.float32(10 ** ((section.send + room.send) / 20))
    early = _spectra(early_reflections(name, section.distance))
    own, other = wet * (_OWN_SIDE * late + early), wet * (_OTHER_SIDE * late + 0.5 * early)
    return _bounded((same + own[0], across + other[1], across + other[0], same + own[1]))


@lru_cache(maxsize=1)
def _reverb_band() -> filters.Response:
    passed: filters.Response = filters.high_pass(_REVERB_BAND[0], _SIZE) * filters.low_pass(_REVERB_BAND[1], _SIZE)
    return passed


@lru_cache(maxsize=1)
def _late_spectra(name: RoomName) -> Spectrum:
    return _spectra(late_field(name))


def _spectra(impulse: Impulse) -> Spectrum:
    """Return the spectra of both channels of an impulse response, shape (2, frequencies)."""
    found: Spectrum = np.stack([np.fft.rfft(np.ascontiguousarray(side), _SIZE) for side in impulse.T])
    return found


def _bounded(matrix: tuple[npt.NDArray[np.complexfloating], ...]) -> Matrix:
    """Return the responses with impulses short enough for overlap-add without wrapping."""
    result = []
    for response in matrix:
        impulse = np.fft.irfft(response, _SIZE)
        fade = 2048
        impulse[_TAIL - fade : _TAIL] *= np.linspace(1, 0, fade)
        impulse[_TAIL:] = 0
        result.append(np.fft.rfft(impulse).astype(np.complex64))
    return (result[0], result[1], result[2], result[3])


if LONGEST > _TAIL:
    raise RuntimeError("a room is longer than the convolution")
