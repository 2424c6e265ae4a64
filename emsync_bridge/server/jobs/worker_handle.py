"""The bridge's end of a worker process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from emsync_bridge.server.jobs.processes import GRACE, detached_options, family_lives, finish_family, kill_family
from emsync_bridge.server.paths import Home, private_opener

_MAX_LINE_LENGTH = 1 << 20
_MAX_LOG = 1 << 20
_LOOKS = 20
_log = logging.getLogger(__name__)


class Worker:
    """A running worker process.

    Arguments:
        process: The process.
        scratch: Its folder for temporary files.
    """

    def __init__(self, process: asyncio.subprocess.Process, scratch: Path) -> None:
        self._process = process
        self._scratch = scratch
        self.pid = process.pid
        self._born = time.monotonic()
        self.rest: asyncio.Task[None] | None = None

    @property
    def dead(self) -> bool:
        """True once it has ended."""
        return self._process.returncode is not None

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._born

    async def ended(self) -> None:
        """Wait for its end."""
        await self._process.wait()

    @classmethod
    async def start(cls, home: Home, *, warm: bool) -> Worker:
        """Start a worker.

        Arguments:
            home: The bridge's folder, for temporary files and complaints.
            warm: Whether it loads what scoring needs at once.
        """
        scratch = home.scratch / secrets.token_hex(4)
        scratch.mkdir(mode=0o700)
        environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
        with open(_complaints(home), "ab", opener=private_opener) as complaints:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "emsync_bridge.server.jobs.worker",
                *(["--warm"] if warm else []),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=complaints,
                cwd=home.root,
                env=environment,
                limit=_MAX_LINE_LENGTH,
                **detached_options(),
            )
        return cls(process, scratch)

    def tell(self, **order: Any) -> None:
        """Send an order; one to a dead worker is lost, as its end is reported anyway."""
        assert self._process.stdin is not None  # noqa: S101  asked for above
        with suppress(OSError, RuntimeError):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def answers(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what the worker says until it ends."""
        assert self._process.stdout is not None  # noqa: S101  asked for above
        with suppress(OSError, ValueError):
            async for line in self._process.stdout:
                yield json.loads(line)

    def kill(self) -> None:
        """Kill the worker and what it has started."""
        kill_family(self.pid)

    async def bury(self) -> int:
        """Wait for the worker's end, see that nothing is left of it, and return its exit code."""
        kill_family(self.pid)
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        self.rest = asyncio.create_task(self._finish())
        return self._process.returncode if self._process.returncode is not None else -1

    async def _finish(self) -> None:
        """Give what the worker has started time to let go, such as of sounding notes, before it is killed too."""
        for _ in range(_LOOKS):
            if not family_lives(self.pid):
                return
            await asyncio.sleep(GRACE / _LOOKS)
        finish_family(self.pid)


def _complaints(home: Home) -> Path:
    """Return the file for what workers complain about; a large one is started again."""
    path = home.log.with_name("worker.log")
    with suppress(OSError):
        if path.stat().st_size > _MAX_LOG:
            path.replace(path.with_name("worker.log.1"))
    return path


def clear_rooms(out: Path, worker: int) -> None:
    """Remove what a worker that was killed has left half-done in a folder.

    Arguments:
        out: Folder of results.
        worker: Number of the process, which is part of the names of what it had not finished.
    """
    for pattern in (f".emsync-{worker}-*", f".*.{worker}.part"):
        for left in out.glob(pattern):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with suppress(OSError):
                    left.unlink()
