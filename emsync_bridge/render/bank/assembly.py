"""A SoundFont 2 file in memory with nothing but the zones that a piece plays.

Layout: SoundFont Technical Specification 2.04, sections 4 to 8. An engine copies the whole font at every call, so a
font of the needed zones saves most of the time and memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.render.bank.modulators import ATTENUATION, WEIGHT
from emsync_bridge.render.bank.soundfont import INSTRUMENT, KEY_RANGE, SAMPLE, VELOCITY_RANGE, Pcm
from emsync_bridge.render.bank.zones import ZoneTable

MAX_ATTENUATION = 0x7FFF
_EFFECTS = (15, 16)  # sends to the engine's own chorus and reverb, which midirenderer would add to loud notes alone
_GUARD = 46  # zeros that section 7.10 asks for behind each sample
_MONO = 1  # type of a sample; stereo is two zones with their own pans
_EXCLUSIVE_CLASS = 57
_LAST = {_EXCLUSIVE_CLASS: 1}
_MOST = 0xFFFF  # generators in one font: their indices have 16 bits


class SampleSource(Protocol):
    """A source of samples by their row in the table."""

    def frames(self, sample: int) -> int:
        """Return the length of a sample."""
        ...

    def pcm(self, sample: int) -> Pcm:
        """Return a sample, loop included."""
        ...


@dataclass(frozen=True)
class FontFile:
    """A soundfont that is read sample by sample while it is written somewhere, since it may have a hundred megabytes.

    Arguments:
        size: Bytes.
        head: Bytes before the samples.
        samples: Source of the samples.
        rows: The samples that it holds, in order.
        tables: Bytes after them.
    """

    size: int
    head: bytes
    samples: SampleSource
    rows: Sequence[int]
    tables: bytes

    def blocks(self) -> Iterator[bytes | memoryview]:
        """Yield the file in pieces."""
        yield self.head
        for row in self.rows:
            yield np.ascontiguousarray(self.samples.pcm(row), "<i2").data.cast("B")
            yield bytes(2 * _GUARD)
        yield self.tables

    def __bytes__(self) -> bytes:
        return b"".join(self.blocks())


def assemble(
    table: ZoneTable, samples: SampleSource, zones: Mapping[int, Sequence[int]], *, boost: float = 0.0
) -> FontFile:
    """Return a font with one preset per program.

    Arguments:
        table: All zones.
        samples: Source of the table's samples.
        zones: Indices of zones by MIDI program.
        boost: Decibels by which everything plays louder.

    Raises:
        RenderError: More zones are asked for than a font can hold.
    """
    rows = sorted({int(table.zones[zone, 5]) for chosen in zones.values() for zone in chosen})
    place = {row: number for number, row in enumerate(rows)}
    size, headers = _headers(table, samples, rows)
    presets, preset_bags, preset_generators = b"", b"", b""
    instruments = b""
    bags: list[int] = []
    generators: list[tuple[int, int]] = []
    step = round(-10 * boost / WEIGHT)
    for number, (program, chosen) in enumerate(sorted(zones.items())):
        presets += struct.pack("<20sHHH12x", f"sound {program}".encode(), program, 0, number)
        preset_bags += struct.pack("<HH", number, 0)
        preset_generators += struct.pack("<Hh", INSTRUMENT, number)
        instruments += struct.pack("<20sH", f"sound {program}".encode(), len(bags))
        for zone in chosen:
            bags.append(len(generators))
            generators += _generators(table, zone, place[int(table.zones[zone, 5])], step)
    if len(generators) > _MOST or len(bags) > _MOST:
        raise RenderError(
            f"{len(bags)} zones with {len(generators)} generators do not fit one soundfont of {_MOST}",
            hint="Render the piece with fewer players",
        )
    count = len(zones)
    presets += struct.pack("<20sHHH12x", b"EOP", 0, 0, count)
    preset_bags += struct.pack("<HH", count, 0)
    instruments += struct.pack("<20sH", b"EOI", len(bags))
    zone_bags = np.zeros((len(bags) + 1, 2), "<u2")
    zone_bags[:, 0] = [*bags, len(generators)]
    hydra = (
        (b"phdr", presets),
        (b"pbag", preset_bags),
        (b"pmod", bytes(10)),
        (b"pgen", preset_generators + bytes(4)),
        (b"inst", instruments),
        (b"ibag", zone_bags.tobytes()),
        (b"imod", bytes(10)),
        (b"igen", np.array([*generators, (0, 0)], "<i2").tobytes()),
        (b"shdr", headers),
    )
    info = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"emsync\0\0")
    tables = _list(b"pdta", b"".join(_chunk(name, data) for name, data in hydra))
    samples_head = struct.pack("<4sI4s4sI", b"LIST", size + 12, b"sdta", b"smpl", size)
    about = _list(b"INFO", info)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(about) + len(samples_head) + size + len(tables), b"sfbk")
    before = head + about + samples_head
    return FontFile(len(before) + size + len(tables), before, samples, rows, tables)


def _headers(table: ZoneTable, samples: SampleSource, rows: Iterable[int]) -> tuple[int, bytes]:
    """Return the bytes that the samples take, and the records of where they lie."""
    headers, position = b"", 0
    for number, row in enumerate(rows):
        _, _, _, _, loop_start, loop_end, rate, key, cents = (int(value) for value in table.samples[row])
        end = position + samples.frames(row)
        places = (position, end, position + loop_start, position + loop_end)
        headers += struct.pack("<20sIIIIIBbHH", f"s{number}".encode(), *places, rate, key, cents, 0, _MONO)
        position = end + _GUARD
    headers += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return 2 * position, headers


def _generators(table: ZoneTable, zone: int, sample: int, step: int) -> list[tuple[int, int]]:
    _, low, high, soft, loud, _ = (int(value) for value in table.zones[zone])
    own = {kind: amount for kind, amount in table.generators_of(zone) if kind not in _EFFECTS}
    # negative values are beyond the specification, but both engines take them for a gain
    attenuation = max(-0x8000, min(own.pop(ATTENUATION, 0) + step, MAX_ATTENUATION))
    ranges = [(KEY_RANGE, _signed(low | high << 8)), (VELOCITY_RANGE, _signed(soft | loud << 8))]
    ordered = sorted(own.items(), key=lambda pair: (pair[0] in _LAST, pair[0]))
    return [*ranges, *ordered, (ATTENUATION, attenuation), (SAMPLE, sample)]


def _signed(value: int) -> int:
    return value - 0x10000 if value > 0x7FFF else value


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)
