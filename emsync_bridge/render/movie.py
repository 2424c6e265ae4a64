"""The picture with the music: a movie to look at, its video stream untouched."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from emsync_bridge.errors import OutputError, RenderError
from emsync_bridge.ffmpeg import find_ffmpeg, input_url, meaningful_line
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.picture.probe import MediaInfo, probe

OriginalSound = Literal["drop", "mix", "keep"]

_AAC = ["-c:a", "aac", "-b:a", "256k", "-ar", "48000"]
_FULL_DISK = "No space left on device"


@dataclass(frozen=True)
class Movie:
    """A written movie.

    Arguments:
        path: The movie.
        duration: Seconds.
        copied: Whether the video stream is the original one; False where the container could not hold it.
        original_sound: The treatment of the picture's own sound; ``drop`` where it has none.
    """

    path: Path
    duration: float
    copied: bool
    original_sound: OriginalSound


@dataclass(frozen=True)
class SoundBalance:
    """Levels of a movie's two sounds.

    Arguments:
        original: ``mix`` plays it with the music, ``keep`` puts it on a second track, ``drop`` leaves it out.
        music_gain_db: Gain of the music in decibels.
        original_gain_db: Gain of the original sound in decibels.
    """

    original: OriginalSound = "mix"
    music_gain_db: float = 0.0
    original_gain_db: float = 0.0


def mux(
    picture: Path,
    audio: Path,
    out: Path,
    *,
    balance: SoundBalance | None = None,
    start: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Movie:
    """Write the picture with the music under it, as long as the picture.

    Video is copied bit by bit; only where the new container cannot hold it, such
    as ProRes in MP4, it is encoded as H.264.

    Arguments:
        picture: Movie of the whole cut.
        audio: The music.
        out: The movie to write; its suffix, ``.mp4`` or ``.mov``, chooses the container.
        balance: Levels of the music and of the original sound; both unchanged and mixed when None.
        start: Seconds of the picture after which the music begins.
        progress: Function called with the share of work done, from 0 to 1.

    Raises:
        MediaError: A file cannot be read.
        RenderError: The picture holds no moving picture, or ffmpeg fails.
        OutputError: The movie cannot be written; nothing is left behind then.
    """
    info = probe(picture)
    if not info.has_picture or info.still:
        raise RenderError("This file holds no moving picture", where=picture)
    if not probe(audio).has_sound:
        raise RenderError("This file holds no sound", where=audio)
    if out.suffix.lower() not in (".mp4", ".mov", ".m4v"):
        raise OutputError("A movie can be written as .mp4 or .mov", where=out)
    if out.exists() and any(out.samefile(source) for source in (picture, audio)):
        raise OutputError("The movie would replace a file that it is made from", where=out, hint="Choose another name")
    balance = balance or SoundBalance()
    used: OriginalSound = balance.original if info.has_sound else "drop"
    inputs = _inputs(info, audio, start)
    sound = _sound(info, replace(balance, original=used))

    with staging_folder(out.parent) as room:
        finished = room / f"movie{out.suffix}"
        target = ["-map_metadata", "0", "-movflags", "+faststart", input_url(finished)]
        tell = _teller(info.duration, progress)
        problem = _run([*inputs, "-map", "0:v:0", *sound, "-c:v", "copy", *target], room, tell)
        copied = not problem
        if problem and _FULL_DISK not in problem:
            encoded = ["-c:v", "libx264", "-crf", "18", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
            problem = _run([*inputs, "-map", "0:v:0", *sound, *encoded, *target], room, tell)
        if _FULL_DISK in problem:
            raise OutputError("The disk is full", where=out.parent, hint="Make room there or choose another folder")
        if problem:
            raise RenderError(f"The movie cannot be made: {problem}", where=picture)
        publish(finished, out)
    if progress is not None:
        progress(1.0)
    return Movie(out, info.duration, copied, used)


def _inputs(info: MediaInfo, audio: Path, start: float) -> list[str]:
    local = ["-protocol_whitelist", "file,pipe", "-i"]
    # times count from the file's first sample of anything, which the first frame may follow
    offset = ["-itsoffset", f"{info.picture_offset + start:.6f}"]
    return [*local, input_url(info.path), *offset, *local, input_url(audio)]


def _sound(info: MediaInfo, balance: SoundBalance) -> list[str]:
    """Return the options for filters, mapping and encoding of the sound, cut and padded to the picture's length."""
    end = info.duration
    fitted = f"aresample=48000:first_pts=0,apad=whole_dur={end:.6f},atrim=end={end:.6f}"
    music = f"[1:a:0]volume={balance.music_gain_db:.2f}dB,{fitted}[music]"
    own = f"[0:a:0]volume={balance.original_gain_db:.2f}dB,{fitted},aformat=channel_layouts=stereo[own]"
    titles = ["-metadata:s:a:0", "title=Music", "-metadata:s:a:1", "title=Original sound"]
    if balance.original == "mix":
        # the limiter only acts where both together would pass full scale
        graph = f"{music};{own};[music][own]amix=inputs=2:normalize=0,alimiter=limit=0.891:level=0:latency=1[both]"
        return ["-filter_complex", graph, "-map", "[both]", *_AAC]
    if balance.original == "keep":
        return ["-filter_complex", f"{music};{own}", "-map", "[music]", "-map", "[own]", *titles, *_AAC]
    return ["-filter_complex", music, "-map", "[music]", *titles[:2], *_AAC]


def _teller(duration: float, progress: Callable[[float], None] | None) -> Callable[[bytes], None]:
    """Return what turns ffmpeg's lines of progress into shares of the work."""

    def tell(line: bytes) -> None:
        name, _, value = line.strip().partition(b"=")
        if progress is not None and name == b"out_time_us" and value.isdigit() and duration > 0:
            progress(min(0.99, int(value) / 1e6 / duration))

    return tell


def _run(arguments: list[str], room: Path, tell: Callable[[bytes], None]) -> str:
    """Run ffmpeg and return why it failed, or nothing."""
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y"]
    messages = room / "messages"
    with messages.open("wb") as complaints:
        process = subprocess.Popen(  # noqa: S603
            [*command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        with process:
            try:
                for line in process.stdout or ():
                    tell(line)
            except BaseException:
                process.kill()  # an interruption must not wait for the whole movie
                raise
    if not process.returncode:
        return ""
    lines = messages.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line for line in lines if _FULL_DISK in line), "") or meaningful_line(lines)
