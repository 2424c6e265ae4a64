"""Reading SoundFont 2 and 3 files: presets, instruments, zones and samples, without loading the samples.

Layout of chunks and records: SoundFont Technical Specification 2.04, sections 4 to 8. A SoundFont 3 file is the same
with each sample as an Ogg Vorbis stream (bit 4 of the sample type).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError

Records = npt.NDArray[Any]
Pcm = npt.NDArray[np.int16]

INSTRUMENT = 41  # generator that ends a preset zone
SAMPLE = 53  # generator that ends an instrument zone
KEY_RANGE = 43
VELOCITY_RANGE = 44
COMPRESSED = 16  # bit of the sample type
_MAX_CHUNKS = 1000

_GENERATOR = np.dtype([("kind", "<u2"), ("amount", "<i2")])
_MODULATOR = np.dtype([("source", "<u2"), ("target", "<u2"), ("amount", "<i2"), ("by", "<u2"), ("transform", "<u2")])
_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_LAYOUTS = {
    "phdr": np.dtype(
        [("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("_", "V12")],
    ),
    "pbag": _BAG,
    "pmod": _MODULATOR,
    "pgen": _GENERATOR,
    "inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    "ibag": _BAG,
    "imod": _MODULATOR,
    "igen": _GENERATOR,
    "shdr": np.dtype(
        [
            ("name", "S20"),
            ("start", "<u4"),
            ("end", "<u4"),
            ("loop_start", "<u4"),
            ("loop_end", "<u4"),
            ("rate", "<u4"),
            ("key", "u1"),
            ("cents", "i1"),
            ("link", "<u2"),
            ("type", "<u2"),
        ]
    ),
}


@dataclass(frozen=True)
class Zone:
    """One zone of a preset or an instrument.

    Arguments:
        generators: Kind to amount, as a signed number; ranges as 16 bits, the low bound in the lower byte.
        modulators: Records with the fields source, target, amount, by, transform.
    """

    generators: dict[int, int]
    modulators: tuple[Any, ...]


class SoundFont:
    """A soundfont on disk.

    Arguments:
        path: SF2 or SF3 file.

    Raises:
        RenderError: It cannot be opened, is cut off, or its tables contradict each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or problem
            raise RenderError(f"The soundfont cannot be opened: {why}", where=path) from None
        tables, self.info, self._samples = self._chunks()
        self.presets: Records = self._table(tables, "phdr")
        self.instruments: Records = self._table(tables, "inst")
        self.samples: Records = self._table(tables, "shdr")
        self._bags = {level: self._table(tables, f"{level}bag") for level in "pi"}
        self._generators = {level: self._table(tables, f"{level}gen") for level in "pi"}
        self._modulators = {level: self._table(tables, f"{level}mod") for level in "pi"}

    @property
    def compressed(self) -> bool:
        """True for a SoundFont 3 file: samples are Ogg Vorbis streams."""
        return bool((self.samples["type"][:-1] & COMPRESSED).any())

    def preset_index(self, bank: int, program: int) -> int | None:
        """Return the index of a preset, or None."""
        found = np.flatnonzero((self.presets["bank"][:-1] == bank) & (self.presets["program"][:-1] == program))
        return int(found[0]) if len(found) else None

    def preset_zones(self, index: int) -> list[Zone]:
        """Return the zones of a preset; one without an instrument, at the beginning, holds for all."""
        return list(self._zones("p", self.presets["bag"], index))

    def instrument_zones(self, index: int) -> list[Zone]:
        """Return the zones of an instrument; one without a sample, at the beginning, holds for all."""
        if not 0 <= index < len(self.instruments) - 1:
            raise self._broken("names an instrument that is not there")
        return list(self._zones("i", self.instruments["bag"], index))

    def data(self, index: int) -> bytes:
        """Return the stored bytes of a sample: 16-bit PCM, or an Ogg stream where it is compressed."""
        record = self.samples[index]
        unit = 1 if record["type"] & COMPRESSED else 2
        first, last = (self._samples[0] + unit * int(record[name]) for name in ("start", "end"))
        if not self._samples[0] <= first <= last <= self._samples[1]:
            raise self._broken(f"places the sample {index} outside the file")
        return self._bytes[first:last]

    def pcm(self, index: int) -> Pcm:
        """Return an uncompressed sample."""
        return np.frombuffer(self.data(index), "<i2")

    def loop(self, index: int) -> tuple[int, int]:
        """Return where the loop of a sample begins and ends, counted from the sample's own start."""
        record = self.samples[index]
        origin = 0 if record["type"] & COMPRESSED else int(record["start"])
        return int(record["loop_start"]) - origin, int(record["loop_end"]) - origin

    def _zones(self, level: str, starts: Records, index: int) -> Iterator[Zone]:
        bags, generators, modulators = self._bags[level], self._generators[level], self._modulators[level]
        first, last = int(starts[index]), int(starts[index + 1])
        if not 0 <= first <= last < len(bags):
            raise self._broken("has zones outside its tables")
        for bag in range(first, last):
            here, after = bags[bag], bags[bag + 1]
            rows = generators[int(here["generator"]) : int(after["generator"])]
            ranged = {int(row["kind"]): int(row["amount"]) for row in rows}
            yield Zone(ranged, tuple(modulators[int(here["modulator"]) : int(after["modulator"])]))

    def _chunks(self) -> tuple[dict[str, tuple[int, int]], dict[str, bytes], tuple[int, int]]:
        data = self._bytes
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            raise RenderError("This is not an SF2 or SF3 soundfont", where=self.path, hint="Give another file")
        if int.from_bytes(data[4:8], "little") + 8 > len(data):
            raise RenderError("This soundfont is cut off", where=self.path, hint="Copy or download it again")
        tables: dict[str, tuple[int, int]] = {}
        info: dict[str, bytes] = {}
        samples = (0, 0)
        for name, start, end in self._walk(12, len(data)):
            if name != b"LIST":
                continue
            kind = data[start : start + 4]
            for inner, first, last in self._walk(start + 4, end):
                if kind == b"INFO":
                    info[inner.decode("latin-1")] = data[first:last]
                elif inner == b"smpl":
                    samples = (first, last)
                elif kind == b"pdta":
                    tables[inner.decode("latin-1")] = (first, last)
        return tables, info, samples

    def _walk(self, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        data = self._bytes
        for _ in range(_MAX_CHUNKS):
            if position + 8 > end:
                return
            name = data[position : position + 4]
            length = int.from_bytes(data[position + 4 : position + 8], "little")
            first = position + 8
            if not name.strip().isalnum():
                raise self._broken("has a chunk without a name")
            if first + length > end:
                raise self._broken("has a chunk that reaches past its end")
            yield name, first, first + length
            position = first + length
            # some writers leave the pad byte out
            if length & 1 and not data[position : position + 4].isalnum():
                position += 1
        raise self._broken(f"has more than {_MAX_CHUNKS} chunks")

    def _table(self, tables: dict[str, tuple[int, int]], name: str) -> Records:
        layout = _LAYOUTS[name]
        if name not in tables or (tables[name][1] - tables[name][0]) % layout.itemsize:
            raise self._broken(f"has no whole table {name}")
        first, last = tables[name]
        table = np.frombuffer(self._bytes[first:last], layout)
        if not len(table):
            raise self._broken(f"has an empty table {name}")
        return table

    def _broken(self, what: str) -> RenderError:
        return RenderError(f"This soundfont {what}", where=self.path, hint="Check it in another program")
