"""The ffmpeg program: finding it, and reading what it decodes through a pipe."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from emsync_bridge.errors import MediaError
from emsync_bridge.files.host_slots import DECODES_VARIABLE, HostSlot

OLDEST = (5, 1)
"""The first release with ``-fps_mode``."""

PATIENCE = 60.0
"""Seconds without a byte after which a decoder counts as stuck."""

AHEAD = 2**20
"""Bytes that a decoder may be ahead of its reader: what Linux grants to any program."""

_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows a program without a console would flash a new one for every ffmpeg."""

_DECODING = HostSlot("decode", DECODES_VARIABLE)

_CAMERA_ENDINGS = "braw r3d crm ari arx cine nev"

CAMERA_FILES = frozenset(f".{ending}" for ending in _CAMERA_ENDINGS.split())
"""Endings of camera files that ffmpeg cannot decode."""

_QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error"]
_GENERIC = re.compile(r"^(Error opening input|Error opening output|Conversion failed|At least one output|Exiting)")


@lru_cache(maxsize=1)
def find_ffmpeg() -> str:
    """Return the path of the ffmpeg program: a recent one of the system, otherwise imageio-ffmpeg's.

    Raises:
        MediaError: There is none.
    """
    on_path = shutil.which("ffmpeg")
    if on_path and Path(on_path).resolve().parent != Path.cwd() and _release(on_path) >= OLDEST:
        return on_path
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise MediaError(
            "No ffmpeg program was found, which reads pictures and sound",
            hint="Install ffmpeg 5.1 or later, or reinstall imageio-ffmpeg from a wheel",
        ) from None


def _release(program: str) -> tuple[int, int]:
    try:
        done = subprocess.run(  # noqa: S603
            [program, "-version"], capture_output=True, timeout=20, check=True, creationflags=_NO_WINDOW
        )
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    words = done.stdout.decode("utf-8", "replace").split("\n", 1)[0]
    number = re.search(r"version n?(\d+)\.(\d+)", words)
    if number:
        return int(number[1]), int(number[2])
    # builds from the development branch are named after a commit: "version N-118000-g1a2b3c"
    return (99, 0) if re.search(r"version N-\d+", words) else (0, 0)


def input_url(path: Path) -> str:
    """Return a file's name such that ffmpeg takes no part of it for a protocol, an option or a pattern."""
    return f"file:{path.absolute()}"


def open_input(path: Path, **options: Any) -> Any:
    """Return an ffmpeg-python input for a file that can reach nothing but files.

    Arguments:
        path: The file.
        options: Options of ffmpeg that stand before ``-i``.
    """
    import ffmpeg

    return ffmpeg.input(input_url(path), protocol_whitelist="file,pipe", **options)


def cheap_decoding_options(size: tuple[int, int], wanted: tuple[int, int]) -> dict[str, str]:
    """Return options that make decoding cheaper where nobody will see the difference.

    Frames that no other frame refers to need no deblocking when they are made much smaller anyway: 11 % less to do
    for H.264 at 1080 lines, and a mean difference of 0.006 of 255.

    Arguments:
        size: Width and height of the picture.
        wanted: Width and height to which it will be brought.
    """
    return {"skip_loop_filter": "noref"} if all(a >= 3 * b for a, b in zip(size, wanted, strict=True)) else {}


def banner(path: Path, *, timeout: float = 30.0) -> str:
    """Return what ffmpeg says about a file.

    Arguments:
        path: The file.
        timeout: Seconds to wait for it.

    Raises:
        MediaError: The file cannot be opened as picture or sound.
    """
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-protocol_whitelist", "file,pipe", "-i", input_url(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, check=False, creationflags=_NO_WINDOW)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise MediaError(f"ffmpeg could not open this file within {timeout:g} s", where=path) from None
    text = done.stderr.decode("utf-8", "replace")
    if "Input #0" not in text:
        raise MediaError(
            f"ffmpeg cannot read this file as picture or sound: {meaningful_line(text.splitlines())}",
            where=path,
            hint="Export it as ProRes, DNxHR or H.264"
            if path.suffix.lower() in CAMERA_FILES
            else "Check that the file is complete and plays elsewhere",
        )
    return text


def meaningful_line(lines: Sequence[str]) -> str:
    """Return the line of ffmpeg's messages that says most, without its prefix in brackets."""
    bare = [re.sub(r"^(\[[^\]]*\] ?)+", "", line).strip() for line in lines]
    telling = [line for line in bare if line and not _GENERIC.match(line)]
    return (telling or [line for line in bare if line] or ["it gave no reason"])[-1].rstrip(".")


def _widen(pipe: IO[bytes]) -> None:
    """Make room for several frames in a pipe, where the system lets us, so that decoding goes on while we look."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, AHEAD)


class FfmpegPipe:
    """A running ffmpeg whose output is read through a pipe; it ends with the ``with`` block.

    Arguments:
        stream: An ffmpeg-python output to ``pipe:``.
        path: The file it decodes, for messages.
        patience: Seconds without a byte after which it counts as stuck.
    """

    def __init__(self, stream: Any, path: Path, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._lines: deque[str] = deque(maxlen=40)
        self._waiting_since: float | None = None
        self._stuck = False
        command = stream.compile(cmd=[find_ffmpeg(), *_QUIET])
        _DECODING.take()
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=_NO_WINDOW,
            )
        except OSError as problem:
            _DECODING.give_back()
            raise MediaError(f"ffmpeg does not start: {problem.strerror}", where=command[0]) from None
        self._closed = False
        self._output, self._messages = cast("IO[bytes]", self._process.stdout), cast("IO[bytes]", self._process.stderr)
        _widen(self._output)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> FfmpegPipe:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end.

        Raises:
            MediaError: Nothing came for too long.
        """
        self._waiting_since = time.monotonic()
        data = self._output.read(size)
        self._waiting_since = None
        if self._stuck:
            raise MediaError(f"ffmpeg produced no output for {self._patience:g} s", where=self._path)
        return data

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield whole blocks of ``size`` bytes until the end; a torn last one is dropped."""
        while len(block := self.read(size)) == size:
            yield block

    def complaint(self) -> str:
        """Return why the decoder ended, once it has; empty when it ended well."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return ""
        self._listener.join(timeout=5)
        return meaningful_line(self._lines) if code else ""

    def close(self) -> None:
        """End the program, whether it has finished or not."""
        process = self._process
        if not self._closed:
            self._closed = True
            _DECODING.give_back()
        if process.poll() is None:
            process.kill()
        process.wait()
        self._listener.join(timeout=5)
        self._output.close()
        self._messages.close()

    def _listen(self) -> None:
        for line in self._messages:
            self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _watch(self) -> None:
        while self._process.poll() is None:
            since = self._waiting_since
            if since is not None and time.monotonic() - since > self._patience:
                self._stuck = True
                self._process.kill()
                return
            time.sleep(min(0.25, self._patience / 4))
