"""The zones of many sounds as one table of numbers, and the selection of those that some notes need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError
from emsync_bridge.render.bank.modulators import BakedZone

Column = npt.NDArray[np.int32]

SAMPLE_FIELDS = ("stream", "channel", "offset", "length", "loop_start", "loop_end", "rate", "key", "cents")


@dataclass(frozen=True)
class ZoneTable:
    """The zones of a bank.

    Arguments:
        sounds: Names of the sounds.
        streams: Names of the streams that hold the samples.
        zones: Shape (zones, 6): sound, lowest and highest key, lowest and highest velocity, sample.
        starts: Shape (zones + 1,): where the generators of each zone begin.
        generators: Shape (generators, 2): kind and amount.
        samples: Shape (samples, 9), in the order of ``SAMPLE_FIELDS``: stream, channel in it, frames from the stream's
            start, length, loop, rate in Hz, root key, correction in cents.
    """

    sounds: tuple[str, ...]
    streams: tuple[str, ...]
    zones: Column
    starts: Column
    generators: Column
    samples: Column

    def chosen(self, sound: str, notes: Iterable[tuple[int, int]]) -> list[int]:
        """Return the indices of a sound's zones that some notes sound with.

        Arguments:
            sound: Name of the sound.
            notes: Key and velocity of each.
        """
        if sound not in self.sounds:
            return []
        mine = np.flatnonzero(self.zones[:, 0] == self.sounds.index(sound))
        played = np.zeros((128, 128), bool)
        for key, velocity in notes:
            played[key, velocity] = True
        # a summed-area table answers for each zone whether any played note lies in its rectangle
        area = np.zeros((129, 129), np.int64)
        area[1:, 1:] = played.cumsum(0).cumsum(1)
        low, high, soft, loud = (self.zones[mine, column] for column in (1, 2, 3, 4))
        heard = area[high + 1, loud + 1] - area[low, loud + 1] - area[high + 1, soft] + area[low, soft]
        return [int(index) for index in mine[heard > 0]]

    def generators_of(self, zone: int) -> list[tuple[int, int]]:
        """Return kind and amount of a zone's generators."""
        rows = self.generators[self.starts[zone] : self.starts[zone + 1]]
        return [(int(kind), int(amount)) for kind, amount in rows]

    def streams_of(self, sounds: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the streams that hold the samples of some sounds."""
        numbers = [self.sounds.index(sound) for sound in sounds if sound in self.sounds]
        samples = np.unique(self.zones[np.isin(self.zones[:, 0], numbers), 5])
        return tuple(self.streams[number] for number in np.unique(self.samples[samples, 0]))

    def save(self, path: Path) -> None:
        """Write the table as arrays without pickle."""
        values: dict[str, Any] = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        with path.open("wb") as file:
            np.savez_compressed(file, **values)

    @classmethod
    def load(cls, path: Path) -> ZoneTable:
        """Read a table.

        Arguments:
            path: The file.

        Raises:
            RenderError: It is missing, damaged or contradicts itself.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {field.name: file[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, NotImplementedError) as problem:
            raise _damaged(path, problem) from None
        except Exception as problem:  # noqa: BLE001 (zipfile and zlib have errors of their own)
            raise _damaged(path, problem) from None
        sounds, streams = (tuple(str(each) for each in arrays[name]) for name in ("sounds", "streams"))
        numbers = {name: arrays[name].astype(np.int32) for name in ("zones", "starts", "generators", "samples")}
        return cls(sounds, streams, **numbers)


def table_of(sounds: Mapping[str, Sequence[BakedZone]], samples: Column, streams: tuple[str, ...]) -> ZoneTable:
    """Return the table of some sounds.

    Arguments:
        sounds: Zones by name of the sound; their ``sample`` is a row of ``samples``.
        samples: Samples as ``ZoneTable`` describes them.
        streams: Names of the streams.
    """
    zones, starts, generators = [], [0], []
    for number, baked in enumerate(sounds.values()):
        for zone in baked:
            zones.append((number, *zone.keys, *zone.velocities, zone.sample))
            generators += list(zone.generators.items())
            starts.append(len(generators))
    return ZoneTable(
        tuple(sounds),
        streams,
        np.array(zones, np.int32).reshape(-1, 6),
        np.array(starts, np.int32),
        np.array(generators, np.int32).reshape(-1, 2),
        samples,
    )


def _damaged(path: Path, problem: Exception) -> RenderError:
    return RenderError(
        f"The table of the instruments cannot be read ({type(problem).__name__})",
        where=path,
        hint="Reinstall emsync-bridge",
    )
