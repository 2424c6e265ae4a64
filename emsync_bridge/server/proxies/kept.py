"""Proxies by the movies they were made of: made one after the other while a page waits, and kept within bounds."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from emsync_bridge.errors import EmsyncError, OutputError
from emsync_bridge.files.atomic import publish
from emsync_bridge.server.proxies.encoding import MAX_BYTES, encode

MAX_KEPT = 16 * 10**9
"""Bytes of all proxies together; those that were not asked for longest go first."""

MIN_FREE = 2 * 10**9
"""Bytes that must be free on the disk before a proxy is made."""

PATIENCE = 90.0
"""Seconds without a question after which a proxy that is being made counts as unwanted: browsers let a page in the
background ask once a minute."""

_AFTER_LEAVING = 5.0
"""Seconds for another page to say that it waits as well."""

_log = logging.getLogger(__name__)


@dataclass
class _Making:
    source: Path
    until: float
    state: Literal["waiting", "making", "failed"] = "waiting"
    share: float = 0.0
    what: str = ""
    task: asyncio.Task[None] | None = None

    def tell(self, share: float) -> None:
        self.share = share

    def wanted(self) -> bool:
        return time.monotonic() < self.until


class Proxies:
    """The proxies in a folder.

    Arguments:
        root: The folder; what an earlier process left unfinished in it is removed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._making: dict[str, _Making] = {}
        self._turn = asyncio.Lock()
        for left in root.glob("*.part"):
            with suppress(OSError):
                left.unlink()

    def ready(self, source: Path) -> Path | None:
        """Return the proxy of a movie; None where it is not made."""
        path = self._path(source)
        if not path.is_file():
            return None
        with suppress(OSError):
            os.utime(path)
        return path

    def ask(self, source: Path) -> dict[str, Any]:
        """Tell how far the proxy of a movie is; begin it where it has not been.

        Arguments:
            source: The movie.

        Returns:
            ``state``, one of waiting, making, ready and failed; ``share`` that is done; ``what`` went wrong.
        """
        if self.ready(source) is not None:
            return {"state": "ready", "share": 1.0, "what": ""}
        key = self._path(source).name
        made = self._making.get(key)
        if made is None or (made.state != "failed" and made.task is not None and made.task.done()):
            made = self._making[key] = _Making(source, 0.0)
            made.task = asyncio.create_task(self._make(key, made))
        made.until = time.monotonic() + PATIENCE
        return {"state": made.state, "share": made.share, "what": made.what}

    def leave(self, source: Path) -> None:
        """Take note that a page does not wait any more; a proxy that no other page asks for is given up."""
        made = self._making.get(self._path(source).name)
        if made is not None and made.state == "failed":  # the next question tries again
            del self._making[self._path(source).name]
        elif made is not None:
            made.until = min(made.until, time.monotonic() + _AFTER_LEAVING)

    def forget(self, source: Path) -> None:
        """Remove the proxy of a movie."""
        self.leave(source)
        with suppress(OSError):
            self._path(source).unlink(missing_ok=True)

    async def close(self) -> None:
        """Give up what is being made."""
        tasks = [made.task for made in self._making.values() if made.task is not None and not made.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, key: str, made: _Making) -> None:
        target = self._root / key
        draft = target.with_suffix(".part")
        try:
            async with self._turn:
                if not made.wanted():
                    return
                made.state = "making"
                await asyncio.to_thread(self._make_room)
                if await encode(made.source, draft, made.tell, made.wanted):
                    publish(draft, target)
        except (EmsyncError, OSError) as problem:
            made.state = "failed"
            made.what = problem.what if isinstance(problem, EmsyncError) else f"{problem.strerror or problem}"
            _log.warning("no proxy of %r: %s", str(made.source), made.what)
        finally:  # ffmpeg may have begun just when it was called off
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        if made.state != "failed":
            self._making.pop(key, None)

    def _make_room(self) -> None:
        kept = sorted(self._root.glob("*.mp4"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in kept)
        while kept and total + MAX_BYTES > MAX_KEPT:
            oldest = kept.pop(0)
            total -= oldest.stat().st_size
            oldest.unlink(missing_ok=True)
        if shutil.disk_usage(self._root).free < MIN_FREE:
            raise OutputError(f"Less than {MIN_FREE // 10**9} GB are free on the disk", where=str(self._root))

    def _path(self, source: Path) -> Path:
        try:
            found = source.stat()
            mark = f"{source.absolute()}\0{found.st_size}\0{found.st_mtime_ns}"
        except OSError:
            mark = str(source.absolute())
        return self._root / f"{hashlib.sha256(mark.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.mp4"
