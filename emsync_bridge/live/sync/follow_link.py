"""Following an Ableton Link session: its tempo, and its start and stop; Link shares no position.

The package is under the GPL, version 2 or later, unlike this project, and comes only with the extra ``link``. Link
finds its peers by multicast on every network device, which is why nothing here happens unless it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from emsync_bridge.cue import TICKS_PER_QUARTER, TempoMap
from emsync_bridge.errors import LiveError
from emsync_bridge.live.clock import ClockLine
from emsync_bridge.live.sync.base import Clock, Follower, SyncReader

_QUANTUM = 4.0
"""Beats of a bar, to which peers align when they start."""


@dataclass(frozen=True)
class LinkSource:
    """An Ableton Link session.

    Arguments:
        tempo_map: Tempo map that ties quarter notes to seconds.
        begin: Seconds of the timeline at which each start begins.
    """

    tempo_map: TempoMap = field(default_factory=TempoMap)
    begin: float = 0.0

    def open(self, clock: Clock) -> Follower:
        """Return the follower, which joins the session.

        Raises:
            LiveError: The package is missing.
        """
        try:
            link = import_module("link")
        except ImportError:
            raise LiveError(
                "Ableton Link needs the package LinkPython-extern",
                hint='Install it with: pip install "emsync-bridge[link]"; it is under the GPL',
            ) from None
        return LinkFollower(self, link.Link(self.tempo_map.bpm(0)), clock)


class LinkReader:
    """Turns a session's beats into a position and a rate: a beat of the session is a quarter note of the music.

    Arguments:
        source: Settings of the session that is followed.
    """

    def __init__(self, source: LinkSource) -> None:
        self._tempo_map, self._begin = source.tempo_map, source.begin
        self._line: ClockLine | None = None
        self.warning = ""
        self.begin: float | None = None

    def observe(self, time: float, *, playing: bool, beats: float, bpm: float) -> None:
        """Take in what the session shows.

        Arguments:
            time: Seconds of the sender's clock.
            playing: Whether the session plays.
            beats: Beats since it started; below 0 while the start lies ahead.
            bpm: Its tempo.
        """
        if not playing:
            self._line = self.begin = None
            return
        tick = self._tempo_map.tick(self._begin) + beats * TICKS_PER_QUARTER
        rate = bpm / self._tempo_map.bpm(max(0.0, tick))
        self._line, self.begin = ClockLine(time, self._tempo_map.seconds(tick), max(0.01, rate)), self._begin

    def line(self, now: float) -> ClockLine | None:  # noqa: ARG002  the interface's signature
        """Return the line to follow; None while the session stands still."""
        return self._line

    def take_locate(self) -> float | None:
        """Return None: a session has no position."""
        return None

    def retime(self, tempo_map: TempoMap) -> None:
        """Take in another tempo map."""
        self._tempo_map = tempo_map


class LinkFollower:
    """A peer of a Link session that leaves tempo and transport to the others.

    Arguments:
        source: Settings of the session that is followed.
        peer: A ``link.Link``.
        clock: Clock that gives the time.
    """

    def __init__(self, source: LinkSource, peer: Any, clock: Clock) -> None:
        self._reader, self._peer, self._clock = LinkReader(source), peer, clock
        self.name = "Ableton Link"
        peer.enabled = peer.startStopSyncEnabled = True

    @property
    def reader(self) -> SyncReader:
        """Reader of the session's time."""
        return self._reader

    def attend(self, now: float) -> None:  # noqa: ARG002  the two clocks are read together
        """Look at the session."""
        state, micros, time = self._peer.captureSessionState(), self._peer.clock().micros(), self._clock()
        started = state.beatAtTime(state.timeForIsPlaying(), _QUANTUM)
        beats = state.beatAtTime(micros, _QUANTUM) - started
        self._reader.observe(time, playing=state.isPlaying(), beats=beats, bpm=state.tempo())
        alone = self._peer.numPeers() == 0
        self._reader.warning = "Nobody else is in the Link session yet" if alone else ""

    def close(self) -> None:
        """Leave the session."""
        self._peer.enabled = False
