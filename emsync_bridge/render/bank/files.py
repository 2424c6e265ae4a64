"""The files of the bank: Ogg streams that ship with the package, and their sound, decoded once into the user's cache.

Each stream holds the samples of one instrument, so a piece decodes only the instruments that play in it. Decoded
streams lie in a folder named after the bank's own digest; each has a seal beside it with
length, time of change and checksum.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import EmsyncError, RenderError
from emsync_bridge.ffmpeg import find_ffmpeg, input_url, meaningful_line
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.render.bank.older import clear_older

DATA = Path(__file__).parent / "data"
MANIFEST = "bank.json"
TABLE = "zones.npz"

_REINSTALL = "Reinstall emsync-bridge"
_PIECE = 1 << 24  # bytes that are summed up at once
_SPARE = 1 << 14  # bytes by which ffmpeg may decode a very short stream too long
_PATIENCE = 300.0  # seconds that another process may take to decode the same


@dataclass(frozen=True)
class SampleFile:
    """One file of samples.

    Arguments:
        path: The Ogg file.
        frames: Its length.
        channels: 1 or 2.
        bytes: Size of the file.
        sha256: Its digest.
    """

    path: Path
    frames: int
    channels: int
    bytes: int
    sha256: str


@lru_cache(maxsize=4)
def streams_in(folder: Path = DATA) -> Mapping[str, SampleFile]:
    """Return the streams of a bank by name.

    Arguments:
        folder: Folder of the bank.

    Raises:
        RenderError: The bank is missing or its list is damaged.
    """
    path = folder / MANIFEST
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["streams"]
        return {name: SampleFile(folder / f"{name}.ogg", **values) for name, values in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise RenderError(
            f"The instruments that come with the package cannot be found ({type(problem).__name__})",
            where=path,
            hint=_REINSTALL,
        ) from None


def checked_bank(folder: Path = DATA) -> int:
    """Make sure that every file of the bank is whole, and return their bytes together.

    Arguments:
        folder: Folder of the bank.

    Raises:
        RenderError: A file is missing or damaged.
    """
    for stream in streams_in(folder).values():
        _check(stream)
    return sum(path.stat().st_size for path in folder.iterdir())


def cache_folder(folder: Path = DATA) -> Path:
    """Return where the decoded streams of a bank lie."""
    import platformdirs

    try:
        digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:16]
    except OSError as problem:
        raise RenderError(
            f"The instruments cannot be read: {problem.strerror}", where=folder / MANIFEST, hint=_REINSTALL
        ) from None
    return Path(platformdirs.user_cache_dir("emsync-bridge", appauthor=False)) / "instruments" / digest


def decoded_streams(
    names: Iterable[str],
    *,
    folder: Path = DATA,
    cache: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, npt.NDArray[np.int16]]:
    """Return the samples of some streams, decoding what is not in the cache yet.

    Two processes may ask at once: one decodes, the other waits.

    Arguments:
        names: Names of the streams.
        folder: Folder of the bank.
        cache: Folder of decoded streams; the user's when None.
        progress: Function called with the share of the decoding that is done, from 0 to 1, if anything is decoded.

    Returns:
        Shape (frames, channels) by name, mapped from disk.

    Raises:
        RenderError: A stream is damaged, the cache cannot be written, or the disk is full.
    """
    import filelock

    streams = {name: streams_in(folder)[name] for name in names}
    cache = cache or cache_folder(folder)
    found = {name: _opened(cache, name, stream) for name, stream in streams.items()}
    clear_older(cache)
    if all(sound is not None for sound in found.values()):
        return {name: sound for name, sound in found.items() if sound is not None}
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / "lock", timeout=_PATIENCE):
            missing = {name: stream for name, stream in streams.items() if _opened(cache, name, stream) is None}
            _decode_all(missing, cache, progress)
    except (filelock.Timeout, OSError) as problem:
        raise RenderError(
            f"The instruments cannot be unpacked into the cache: {getattr(problem, 'strerror', None) or problem}",
            where=cache,
            hint="Make the folder writable, or set XDG_CACHE_HOME or LOCALAPPDATA to another one",
        ) from None
    result = {}
    for name, stream in streams.items():
        sound = _opened(cache, name, stream)
        if sound is None:
            raise RenderError("The unpacked instruments change on the disk", where=cache, hint="Check the disk")
        result[name] = sound
    return result


def _opened(cache: Path, name: str, stream: SampleFile) -> npt.NDArray[np.int16] | None:
    """Return a decoded stream; None when it is missing or damaged."""
    path, seal = cache / f"{name}.pcm", cache / f"{name}.json"
    size = stream.frames * stream.channels * 2
    try:
        said = json.loads(seal.read_text(encoding="utf-8"))
        found = path.stat()
        if found.st_size != size or said.get("bytes") != size:
            return None
        # summing up a whole orchestra takes half a second, so only what was written to since is looked at
        if said.get("changed") != found.st_mtime_ns:
            if not _verified(path, found.st_mtime_ns, said.get("crc32")):
                return None
            _write_seal(seal, {**said, "changed": found.st_mtime_ns})
        return np.memmap(path, "<i2", mode="r", shape=(stream.frames, stream.channels))
    except (OSError, ValueError, AttributeError):
        return None


@lru_cache(maxsize=256)
def _verified(path: Path, _changed: int, crc: int | None) -> bool:
    """Tell whether a file has the checksum that was noted; asked once a process for each state of a file."""
    now = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            now = zlib.crc32(piece, now)
    return now == crc


def _write_seal(seal: Path, said: dict[str, Any]) -> None:
    """Replace the seal of a file that was copied or touched, as far as the folder can be written to."""
    with suppress(EmsyncError, OSError), staging_folder(seal.parent) as room:
        new = room / seal.name
        new.write_text(json.dumps(said), encoding="utf-8")
        publish(new, seal)


def _decode_all(streams: Mapping[str, SampleFile], cache: Path, progress: Callable[[float], None] | None) -> None:
    total = sum(stream.frames for stream in streams.values()) or 1
    done = 0
    with ThreadPoolExecutor(2) as pool:
        for frames in pool.map(lambda item: _decode(item[0], item[1], cache), streams.items()):
            done += frames
            if progress is not None:
                progress(done / total)


def _decode(name: str, stream: SampleFile, cache: Path) -> int:
    _check(stream)
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", "-i", input_url(stream.path)]
    size = stream.frames * stream.channels * 2
    try:
        with staging_folder(cache) as room:
            path, seal = room / f"{name}.pcm", room / f"{name}.json"
            target = ["-f", "s16le", "-y", input_url(path)]
            run = subprocess.run([*command, *target], capture_output=True, check=False)  # noqa: S603
            if run.returncode or not size <= path.stat().st_size <= size + _SPARE:
                lines = run.stderr.decode("utf-8", "replace").splitlines()
                said = meaningful_line(lines) if run.returncode else "it has another length"
                full = "space" in said
                raise RenderError(
                    f"An instrument cannot be unpacked: {said}",
                    where=cache if full else stream.path,
                    hint="Make room on that disk" if full else _REINSTALL,
                )
            with path.open("r+b") as file:
                file.truncate(size)
            seal.write_text(json.dumps(_seal(path)), encoding="utf-8")
            publish(path, cache / path.name)
            publish(seal, cache / seal.name)
    except RenderError:
        raise
    except EmsyncError as problem:
        raise RenderError(
            f"The instruments cannot be unpacked: {problem.what}", where=cache, hint=problem.hint
        ) from None
    return stream.frames


def _seal(path: Path) -> dict[str, Any]:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    found = path.stat()
    return {"bytes": found.st_size, "changed": found.st_mtime_ns, "crc32": crc}


def _check(stream: SampleFile) -> None:
    """Make sure that a file of the package is whole."""
    try:
        data = stream.path.read_bytes()
    except OSError as problem:
        raise RenderError(
            f"An instrument of the package cannot be read: {problem.strerror}", where=stream.path, hint=_REINSTALL
        ) from None
    if len(data) != stream.bytes or hashlib.sha256(data).hexdigest() != stream.sha256:
        raise RenderError(
            f"This file of the package is damaged: {len(data)} of {stream.bytes} bytes",
            where=stream.path,
            hint=_REINSTALL,
        )
