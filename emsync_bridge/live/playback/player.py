"""Client of the sender process: starts it, sends it commands, reads its status."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Sequence
from ctypes import c_uint
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from emsync_bridge.errors import LiveError
from emsync_bridge.live.playback.part import LivePart, split_part
from emsync_bridge.live.playback.sender_process import SenderAssignment, run
from emsync_bridge.live.playback.watchdog import CHANNELS, PITCHES, watch_sender

_START_WITHIN = 30.0
_ANSWER_WITHIN = 5.0
_CLOSE_WITHIN = 3.0


@dataclass(frozen=True)
class Status:
    """Status of the player.

    Arguments:
        rolling: Whether time passes.
        position: Seconds of the timeline that are heard now.
        sounding: Notes that sound.
        epoch: Number of the stretch that is played; every start, stop, locate and loop begins a new one.
        notes: Notes begun so far.
        dropped: Notes left out because they would have come too late.
        failed: Events that could not be sent.
        wraps: Number of times that the loop went round.
        lateness_ms: p50, p95, p99 and max of how late notes left the sender.
        xruns: Number of times that the receiver's sound system could not keep up, as far as it says so.
        warning: A sentence for the user about the DAW that is followed, or empty.
        sent: Messages sent since the last status, as they are on the wire, where they were asked for.
    """

    rolling: bool
    position: float
    sounding: int
    epoch: int
    notes: int
    dropped: int
    failed: int
    wraps: int
    lateness_ms: dict[str, float]
    xruns: int = 0
    warning: str = ""
    sent: Sequence[str] = ()


class ProcessPlayer:
    """A part that is played by a process of its own; a context manager that leaves no note sounding.

    Arguments:
        assignment: Part to play, and its destination.

    Raises:
        EmsyncError: The receiver cannot be opened.
    """

    def __init__(self, assignment: SenderAssignment) -> None:
        # Spawned, not forked: a forked child would hold this end of the pipe too and never notice our death.
        context = multiprocessing.get_context("spawn")
        self._orders, far = context.Pipe()
        cells = context.RawArray(c_uint, CHANNELS * PITCHES)
        self._process = context.Process(target=run, args=(far, assignment, cells), name="emsync sender", daemon=True)
        self._process.start()
        far.close()
        self._released: int | None = None
        self._watched = threading.Event()
        watch_sender(self._process, assignment.target, cells, self._take_released)
        try:
            kind, told = self._receive(_START_WITHIN)
        except BaseException:
            self.close()
            raise
        if kind == "failed":
            self.close()
            what, where, hint = told
            raise LiveError(what, where=where, hint=hint)
        self.output: str = told["output"]
        self.source: str = told["source"]
        self.priority: str = told["priority"]

    @property
    def pid(self) -> int | None:
        """Number of the sender process."""
        return self._process.pid

    def play(self, position: float | None = None, rate: float = 1.0) -> None:
        """Begin to play from a position in seconds, or from where the timeline stands."""
        self._order("play", position=position, rate=rate)

    def stop(self) -> None:
        """Stop, and release everything that sounds."""
        self._order("stop")

    def locate(self, position: float) -> None:
        """Go to a position in seconds; what was playing goes on from there."""
        self._order("locate", position=position)

    def replace(self, part: LivePart, position: float) -> None:
        """Play another part from a position in seconds on, without a break; what began before goes on to its end.

        Arguments:
            part: Part that is played from there, given as the whole timeline or as what lies behind the position; its
                tempo map holds for the whole timeline and agrees with the present one before the position.
            position: A bar line by preference; where it has passed, the rest of the new part is played.
        """
        for piece, begin in split_part(part, position):
            self._order("part", part=piece, position=begin)

    def status(self) -> Status:
        """Return how playing goes.

        Raises:
            LiveError: The sender has died or does not answer.
        """
        self._order("status")
        return Status(**self._receive(_ANSWER_WITHIN)[1])

    def close(self) -> None:
        """Release everything that sounds and end the sender."""
        with contextlib.suppress(OSError):
            self._orders.send(("close", {}))
        self._process.join(_CLOSE_WITHIN)
        for end in (self._process.terminate, self._process.kill):
            if self._process.is_alive():
                end()
                self._process.join(_CLOSE_WITHIN)
        self._watched.wait(_CLOSE_WITHIN)
        self._orders.close()

    def __enter__(self) -> ProcessPlayer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _order(self, name: str, **arguments: Any) -> None:
        try:
            self._orders.send((name, arguments))
        except OSError:
            raise self._dead() from None

    def _receive(self, within: float) -> tuple[str, Any]:
        try:
            if not self._orders.poll(within):
                raise LiveError("The process that sends the notes does not answer")
            answer: tuple[str, Any] = self._orders.recv()
        except (EOFError, OSError):
            raise self._dead() from None
        return answer

    def _take_released(self, notes: int) -> None:
        self._released = notes
        self._watched.set()

    def _dead(self) -> LiveError:
        self._process.join(_CLOSE_WITHIN)
        self._watched.wait(_CLOSE_WITHIN)
        return LiveError(
            f"The process that sends the notes has ended (exit code {self._process.exitcode}); "
            f"{self._released or 'no'} notes that it left sounding were released",
            hint="Start again; if notes hang in the receiver, stop them there",
        )
