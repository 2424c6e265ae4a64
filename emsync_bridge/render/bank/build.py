"""Building the bank that ships: ``python -m emsync_bridge.render.bank.build SOUNDFONT.sf2``.

The source is the lossless edition of MuseScore_General 0.2.1, which Debian packages as
musescore-general-soundfont-lossless. What is written replaces the package data in ``render/bank/data``.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from emsync_bridge.errors import EmsyncError, RenderError
from emsync_bridge.ffmpeg import find_ffmpeg
from emsync_bridge.files.atomic import staging_folder
from emsync_bridge.render.bank.catalog import SOUNDS, BankSound
from emsync_bridge.render.bank.files import DATA, MANIFEST, TABLE
from emsync_bridge.render.bank.modulators import BakedZone, bake
from emsync_bridge.render.bank.soundfont import SoundFont
from emsync_bridge.render.bank.zones import table_of

QUALITY = 4
"""Of libvorbis for large streams, about 128 kbit/s for stereo at 44.1 kHz."""

FINE_QUALITY = 7
"""For small ones: short loops, in which errors of the codec would become a tone."""

SMALL = 5_000_000
"""Bytes of PCM up to which a stream is small."""

GAP = 2048
"""Frames of silence between two samples: one long block of Vorbis, so that none is heard in its neighbour."""

_PAN, _RELEASE, _ROOT_KEY = 17, 38, 58
_STEREO_TYPES = (2, 4)  # right, left
_NOMINAL_RATE = 44_100  # of the streams: samples of all rates lie in them as they are


def build(source: Path, folder: Path = DATA) -> dict[str, int]:
    """Write the bank.

    Arguments:
        source: The SF2 file.
        folder: Destination.

    Returns:
        Bytes of each file.

    Raises:
        EmsyncError: A preset is missing, or ffmpeg fails.
    """
    font = SoundFont(source)
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {name: _zones(font, sound) for name, sound in SOUNDS.items()}
    rows: list[tuple[int, ...]] = []
    place: dict[int, int] = {}
    names: list[str] = []
    streams: list[list[tuple[int, ...]]] = []
    for name, baked in sounds.items():
        mine = sorted({zone.sample for zone in baked} - place.keys())
        pairs = list(_pairs(font, mine))
        for channels, kind in ((2, "stereo"), (1, "mono")):
            together = [pair for pair in pairs if len(pair) == channels]
            if together:
                position = GAP
                for pair in together:
                    for channel, sample in enumerate(pair):
                        place[sample] = len(rows)
                        rows.append(_row(font, sample, len(streams), channel, position))
                    position += max(len(font.pcm(sample)) for sample in pair) + GAP
                names.append(f"{name}-{kind}")
                streams.append(together)
    moved = {name: [replace(zone, sample=place[zone.sample]) for zone in baked] for name, baked in sounds.items()}
    with staging_folder(folder) as room, ThreadPoolExecutor(2) as pool:
        targets = [room / f"{name}.ogg" for name in names]
        files = list(pool.map(lambda group, path: _encode(font, group, path), streams, targets))
        table_of(moved, np.array(rows, np.int32), tuple(names)).save(room / TABLE)
        described = {
            name: {"frames": frames, "channels": len(group[0]), **_seal(room / f"{name}.ogg")}
            for name, group, frames in zip(names, streams, files, strict=True)
        }
        manifest = {
            "source": "MuseScore_General 0.2.1",
            "table": _seal(room / TABLE),
            "streams": described,
        }
        (room / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        for old in [*folder.glob("*.ogg")]:
            old.unlink()
        for path in sorted(room.iterdir()):
            path.replace(folder / path.name)
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())}


def _zones(font: SoundFont, sound: BankSound) -> list[BakedZone]:
    zones: list[BakedZone] = []
    for source in sound.sources:
        preset = font.preset_index(source.bank, source.program)
        if preset is None:
            raise RenderError(f"There is no preset {source.bank}:{source.program}", where=font.path)
        low, high = (key + source.move for key in source.keys)
        if zones:
            zones = [zone for zone in zones if zone.keys[1] < low or zone.keys[0] > high]
        for zone in bake(font, preset):
            if zone.keys[1] >= source.keys[0] and zone.keys[0] <= source.keys[1]:
                zones.append(_moved(font, zone, source.move, source.keys, sound))
    return zones


def _moved(font: SoundFont, zone: BakedZone, move: int, keys: tuple[int, int], sound: BankSound) -> BakedZone:
    values = dict(zone.generators)
    if _PAN in values:
        values[_PAN] = round(values[_PAN] * sound.width)
    if sound.release:
        values[_RELEASE] = max(-12000, values.get(_RELEASE, -12000) + sound.release)
    if move:
        root = values.get(_ROOT_KEY, -1)
        values[_ROOT_KEY] = (int(font.samples["key"][zone.sample]) if root < 0 else root) + move
    low, high = max(zone.keys[0], keys[0]) + move, min(zone.keys[1], keys[1]) + move
    return replace(zone, keys=(low, high), generators=values)


def _pairs(font: SoundFont, samples: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield left and right samples together, others alone."""
    left = set(samples)
    for sample in samples:
        if sample not in left:
            continue
        left.remove(sample)
        record = font.samples[sample]
        other = int(record["link"])
        if int(record["type"]) in _STEREO_TYPES and other in left and int(font.samples["link"][other]) == sample:
            left.remove(other)
            yield (sample, other) if int(record["type"]) == 4 else (other, sample)
        else:
            yield (sample,)


def _row(font: SoundFont, sample: int, stream: int, channel: int, position: int) -> tuple[int, ...]:
    record = font.samples[sample]
    place = (stream, channel, position, len(font.pcm(sample)))
    return (*place, *font.loop(sample), int(record["rate"]), int(record["key"]), int(record["cents"]))


def _encode(font: SoundFont, group: list[tuple[int, ...]], path: Path) -> int:
    """Write a stream and return its frames."""
    channels = len(group[0])
    frames = GAP + sum(max(len(font.pcm(sample)) for sample in pair) + GAP for pair in group)
    data = np.zeros((frames, channels), "<i2")
    position = GAP
    for pair in group:
        for channel, sample in enumerate(pair):
            sound = font.pcm(sample)
            data[position : position + len(sound), channel] = sound
        position += max(len(font.pcm(sample)) for sample in pair) + GAP
    quality = FINE_QUALITY if data.nbytes <= SMALL else QUALITY
    given = ["-f", "s16le", "-ar", str(_NOMINAL_RATE), "-ac", str(channels), "-i", "pipe:0"]
    coded = ["-c:a", "libvorbis", "-q:a", str(quality), "-map_metadata", "-1", "-fflags", "+bitexact", "-y", str(path)]
    done = subprocess.run(  # noqa: S603
        [find_ffmpeg(), "-hide_banner", "-loglevel", "error", *given, *coded],
        input=data.tobytes(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RenderError(f"ffmpeg cannot encode: {done.stderr.decode('utf-8', 'replace').strip()}", where=path)
    return frames


def _seal(path: Path) -> dict[str, int | str]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


if __name__ == "__main__":
    try:
        sizes = build(Path(sys.argv[1]), *map(Path, sys.argv[2:3]))
    except EmsyncError as problem:
        raise SystemExit(str(problem)) from None
    for file, size in sizes.items():
        print(f"{size:>10} {file}")  # noqa: T201
    print(f"{sum(sizes.values()):>10} bytes together")  # noqa: T201
