"""Streams of a media file, read from ffmpeg's own description of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from emsync_bridge.errors import MediaError
from emsync_bridge.ffmpeg import FfmpegPipe, banner, open_input
from emsync_bridge.files.portable import is_undecodable
from emsync_bridge.timecode import exact_rate

COMMON_RATES = tuple(exact_rate(text) for text in ("23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60"))
"""Frame rates that editors work in; a variable rate is conformed to one of them."""

_STREAM = re.compile(r"^\s+Stream #0:\d+\S*: (Video|Audio|Data): (.*)$")


@dataclass(frozen=True)
class MediaInfo:
    """Streams and properties of a media file.

    Arguments:
        path: The file.
        duration: Seconds; 0 for a still picture.
        rate: Frames per second, exact; for a variable rate the one to conform to; None without moving picture.
        width: Pixels as shown, after rotation; 0 without picture.
        height: Pixels as shown, after rotation; 0 without picture.
        has_picture: Whether there is a picture that is no cover art.
        has_sound: Whether there is sound.
        start_time: Seconds of the file's own clock at its first frame.
        picture_offset: Seconds from the file's first sample of anything to its first frame.
        timecode: Start timecode that the file carries.
        audio_rate: Sound samples per second; None without sound.
        variable_rate: Whether frames last differently long.
        still: Whether it is a single picture.
        indexed: Whether the container knows where its key frames are, so that a seek is exact.
    """

    path: Path
    duration: float
    rate: Fraction | None = None
    width: int = 0
    height: int = 0
    has_picture: bool = False
    has_sound: bool = False
    start_time: float = 0.0
    picture_offset: float = 0.0
    timecode: str | None = None
    audio_rate: int | None = None
    variable_rate: bool = False
    still: bool = False
    indexed: bool = True


def probe(path: Path) -> MediaInfo:
    """Return what a media file holds.

    Arguments:
        path: A movie, sound or picture file.

    Raises:
        MediaError: It does not exist, is empty, or holds neither picture nor sound.
    """
    path = Path(path)
    try:
        found = path.stat()
    except OSError as problem:
        raise MediaError(f"The file cannot be opened: {problem.strerror or problem}", where=path) from None
    if not path.is_file():
        raise MediaError("This is not a file", where=path)
    if is_undecodable(path):
        raise MediaError("Its path holds bytes that are not UTF-8 text", where=path, hint="Rename the file or folder")
    if found.st_size == 0:
        raise MediaError("The file is empty", where=path, hint="Copy or export it again")
    return _probed(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1024)
def _probed(path: Path, _size: int, _changed: int) -> MediaInfo:
    """Return what a media file holds; ffmpeg is asked once for each state of a file."""
    info = _parse(path, banner(path))
    if not (info.has_picture or info.has_sound):
        raise MediaError("The file holds neither picture nor sound", where=path)
    return info


def _parse(path: Path, text: str) -> MediaInfo:
    header = re.search(r"^Input #0, (\S+), from", text, re.MULTILINE)
    container = header[1] if header else ""
    streams = [match for line in text.splitlines() if (match := _STREAM.match(line))]
    picture = next((s[2] for s in streams if s[1] == "Video" and "(attached pic)" not in s[2]), None)
    sound = next((s[2] for s in streams if s[1] == "Audio"), None)
    still = picture is not None and (container.endswith("_pipe") or container == "image2")

    start = _number(r"Duration: .*?, start: (-?[\d.]+)", text) or 0.0
    offset = 0.0
    width, height = 0, 0
    rate, variable = None, False
    if picture is not None:
        offset = max(0.0, (_number(r", start (-?[\d.]+)", picture) or start) - start)
        if size := re.search(r", (\d{1,5})x(\d{1,5})\b", picture):
            width, height = int(size[1]), int(size[2])
        if abs(_number(r"rotation of (-?[\d.]+) degrees", text) or 0.0) % 180 in (90.0, -90.0):
            width, height = height, width
        if not still:
            rate, variable = _rate(picture)
    timecode = re.search(r"^\s+timecode\s*: (\d\d:\d\d:\d\d[:;.]\d\d)", text, re.MULTILINE)
    return MediaInfo(
        path=path,
        duration=0.0 if still else _duration(path, text),
        rate=rate,
        width=width,
        height=height,
        has_picture=picture is not None and width > 0,
        has_sound=sound is not None and re.search(r"\d+ Hz", sound) is not None,
        start_time=start + offset,
        picture_offset=offset,
        timecode=timecode[1] if timecode else None,
        audio_rate=int(_number(r"(\d+) Hz", sound) or 0) or None if sound else None,
        variable_rate=variable,
        still=still,
        indexed=container.startswith(("mov", "matroska", "mxf", "asf")),
    )


def _number(pattern: str, text: str) -> float | None:
    match = re.search(pattern, text)
    return float(match[1]) if match else None


def _rate(stream: str) -> tuple[Fraction | None, bool]:
    """Return the exact rate and whether it varies, from the average and the base rate that ffmpeg prints."""
    average, base = (
        float(match[1]) * (1000 if match[2] else 1) if (match := re.search(rf"([\d.]+)(k?) {word}", stream)) else None
        for word in ("fps", "tbr")
    )
    if average is None:
        return (exact_rate(base), False) if base is not None and base <= 240 else (None, False)
    if base is None or abs(average - base) <= 0.005 * base or abs(2 * average - base) <= 0.005 * base:
        return exact_rate(average), False  # a base of twice the rate is interlaced picture
    conformed = exact_rate(base) if base <= 60 else min(COMMON_RATES, key=lambda common: abs(common - average))
    return conformed, True


def _duration(path: Path, text: str) -> float:
    clock = re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", text)
    if clock:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    # no length in the header (a broken recording, a bare stream): add up the packets
    stream = open_input(path).output("pipe:", format="framecrc", c="copy")
    times = {"0": 0.0}
    bases: dict[str, Fraction] = {}
    with FfmpegPipe(stream, path) as decoder:
        rest = b""
        while data := decoder.read(65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                words = line.decode("ascii", "replace").replace(",", " ").split()
                if line.startswith(b"#tb"):
                    bases[words[1].rstrip(":")] = Fraction(words[2])
                elif not line.startswith(b"#") and len(words) >= 4:
                    end = float((int(words[2]) + int(words[3])) * bases.get(words[0], Fraction(0)))
                    times[words[0]] = max(times.get(words[0], 0.0), end)
    return max(times.values())
