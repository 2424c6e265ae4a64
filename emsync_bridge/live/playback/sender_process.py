"""The sender process: it does nothing but keep time, and finishes alone whatever happens to its parent.

Deadlines are absolute times of ``time.perf_counter``, reached by sleeping and at most 0.2 ms of spinning; a longer
spin makes the operating system take the time back on a busy machine. Memory is frozen before playing begins, so that
the garbage collector never stops the music.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.events import Event, NoteOn
from emsync_bridge.live.outputs.base import OutputPort, OutputTarget
from emsync_bridge.live.playback.engine import PlaybackEngine
from emsync_bridge.live.playback.lateness import Lateness
from emsync_bridge.live.playback.part import LivePart
from emsync_bridge.live.playback.priority import raise_priority
from emsync_bridge.live.playback.watchdog import Cells, SharedNotes
from emsync_bridge.live.sync.base import Clock, Follower, SyncSource
from emsync_bridge.live.sync.send import SyncOut

_SLICE = 0.005
_SPIN = 0.0002
_GAP = 0.002
_ATTEND_EVERY = 0.02
_SHOWN = 500


@dataclass(frozen=True)
class SenderAssignment:
    """Assignment of the sender process at its start.

    Arguments:
        target: Output that events go to.
        part: Part that is played.
        sync: Sync messages by which a DAW follows.
        source: Source that is followed.
        latency: Seconds that the receiver takes to sound.
        send_programs: Whether to choose the receiver's sounds.
        loop: Seconds from where to where to repeat.
        show: Whether to keep what is sent, for ``Status.sent``.
    """

    target: OutputTarget
    part: LivePart
    sync: SyncOut | None = None
    source: SyncSource | None = None
    latency: float = 0.0
    send_programs: bool = True
    loop: tuple[float, float] | None = None
    show: bool = False


class _Timed:
    """An output that takes note of how late notes left, and of which sound."""

    def __init__(self, output: OutputPort, mirror: SharedNotes, *, show: bool) -> None:
        self._output = output
        self.name, self.lookahead, self.clock = output.name, output.lookahead, output.clock
        self.lateness = Lateness()
        self.describe, self.close = output.describe, output.close
        self._mirror = mirror
        self._sent: deque[str] | None = deque(maxlen=_SHOWN) if show else None

    @property
    def xruns(self) -> int:
        return self._output.xruns

    def send(self, when: float, events: Sequence[Event]) -> None:
        if self._sent is not None:
            # Before it is sent, for a message may depend on the one before.
            self._sent.extend(text for event in events for text in self.describe(event))
        self._mirror.before(events)
        self._output.send(when, events)
        self._mirror.after(when, events)
        if any(isinstance(event, NoteOn) for event in events):
            self.lateness.add(self.clock() - (when - self.lookahead))

    def poll(self, now: float) -> bool:
        self._mirror.tidy(now)
        return self._output.poll(now)

    def take_sent(self) -> list[str]:
        """Return, once, what was sent lately, as it is on the wire."""
        sent = list(self._sent or ())
        if self._sent:
            self._sent.clear()
        return sent


def run(orders: Connection, assignment: SenderAssignment, cells: Cells) -> None:
    """Play until told to close, until the parent is gone, or until a signal; the target of the sender process.

    Arguments:
        orders: The end of a duplex pipe whose other end only the parent holds.
        assignment: Part to play, and its destination.
        cells: Shared memory in which to keep what sounds.
    """
    for number in (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGINT)):
        signal.signal(number, signal.SIG_IGN)
    # A flag instead of an exception, which could strike between taking a release off the books and sending it.
    told_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: told_to_stop.set())
    parent = os.getppid()
    output: _Timed | None = None
    follower: Follower | None = None
    try:
        opened = assignment.target.open()
        output = _Timed(opened, SharedNotes(cells, opened.lookahead), show=assignment.show)
        follower = assignment.source.open(output.clock) if assignment.source else None
        obtained = raise_priority()
        orders.send(
            ("ready", {"output": output.name, "source": follower.name if follower else "", "priority": obtained})
        )
        _play(orders, assignment, output, follower, lambda: told_to_stop.is_set() or os.getppid() != parent)
    except EmsyncError as problem:
        orders.send(("failed", (problem.what, problem.where, problem.hint)))
    except (EOFError, ConnectionError):
        pass
    except OSError as problem:
        orders.send(("failed", (f"This cannot be opened ({problem.strerror or problem})", problem.filename or "", "")))
    finally:
        for end in (follower, output):
            if end is not None:
                end.close()


def _play(
    orders: Connection,
    assignment: SenderAssignment,
    output: _Timed,
    follower: Follower | None,
    must_stop: Callable[[], bool],
) -> None:
    engine = PlaybackEngine(
        output,
        assignment.part,
        sync=assignment.sync,
        latency=assignment.latency,
        send_programs=assignment.send_programs,
        loop=assignment.loop,
    )
    clock = output.clock
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        engine.open(clock())
        attend_at = 0.0
        while True:
            now = clock()
            due = engine.step(now)
            # Everything else waits for a gap between two deadlines, but not for long.
            if due is None or due - now > _GAP or now >= attend_at:
                attend_at = now + _ATTEND_EVERY
                if must_stop():
                    return
                if orders.poll() and not _obey(orders, engine, output, follower):
                    return
                if follower:
                    _follow(engine, follower, now)
                _attend(engine, output, now)
                due = engine.step(clock())
            _wait(due, clock)
    finally:
        engine.close(clock())


def _attend(engine: PlaybackEngine, output: _Timed, now: float) -> None:
    """Let the output do its chores while there is time."""
    try:
        if output.poll(now):
            engine.rejoin(now)
    except OSError:
        engine.counts.failed += 1


def _wait(due: float | None, clock: Clock) -> None:
    """Sleep until something is due, but never so long that an order would have to wait."""
    now = clock()
    if due is None or due - now > _SLICE + _SPIN:
        time.sleep(_SLICE)
        return
    if due - now > _SPIN:
        time.sleep(due - now - _SPIN)
    while clock() < due:
        pass


def _follow(engine: PlaybackEngine, follower: Follower, now: float) -> None:
    try:
        follower.attend(now)
    except OSError:
        engine.counts.failed += 1
    reader = follower.reader
    located, line = reader.take_locate(), reader.line(now)
    if line is None:
        engine.stop(now)
    else:
        engine.chase(now, line, reader.begin)
    if located is not None and line is None:
        engine.locate(now, max(0.0, located))


def _obey(orders: Connection, engine: PlaybackEngine, output: _Timed, follower: Follower | None) -> bool:
    """Carry out one order; return False when it was the last."""
    order, arguments = orders.recv()
    now = output.clock()
    if order == "play":
        engine.play(now, **arguments)
    elif order == "stop":
        engine.stop(now)
    elif order == "locate":
        engine.locate(now, **arguments)
    elif order == "part":
        engine.replace(now, **arguments)
        if follower:
            follower.reader.retime(engine.part.tempo_map)
    elif order == "status":
        orders.send(("status", _status(engine, output, follower, now)))
    return bool(order != "close")


def _status(engine: PlaybackEngine, output: _Timed, follower: Follower | None, now: float) -> dict[str, Any]:
    return {
        "rolling": engine.rolling,
        "position": engine.position(now),
        "sounding": engine.sounding,
        "epoch": engine.epoch,
        "lateness_ms": output.lateness.milliseconds(),
        "xruns": output.xruns,
        "sent": output.take_sent(),
        "warning": follower.reader.warning if follower else "",
        **asdict(engine.counts),
    }
