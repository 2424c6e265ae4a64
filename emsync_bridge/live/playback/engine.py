"""The player without a clock of its own: told what time it is, it sends what is due.

Nothing in here waits or reads a clock, so that every behaviour can be tested in virtual time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.live.clock import ClockLine
from emsync_bridge.live.events import Midi, NoteOff, NoteOn, SoundingNotes, StateMessage, silence_messages
from emsync_bridge.live.outputs.base import OutputPort
from emsync_bridge.live.playback.channels import program_messages
from emsync_bridge.live.playback.feed import Feed, Item
from emsync_bridge.live.playback.output import EventSender, OutputCounts
from emsync_bridge.live.playback.part import EPSILON, LivePart, PartNote, join_parts, standing_marks
from emsync_bridge.live.playback.schedule import Rank, Schedule
from emsync_bridge.live.sync.send import SyncOut

PREROLL = 0.05
"""Seconds between the order to play and the first note, in which locates and programs reach the receiver."""

_ASLEEP = 1.0
"""Seconds overdue after which the computer must have slept."""

_MIN_SOUNDING_SECONDS = 0.001
"""Seconds between a beginning that was sent ahead and its release."""

_JOIN_LATE = 0.012
"""Seconds by which the followed clock may have passed a note for it to be begun on joining; one that has passed by more
would be heard late by half a frame, so it is taken up in its middle if it is long, and left out if not."""

_JUMP = 0.1
"""Seconds off course beyond which the clock that is followed has jumped."""


@dataclass
class PlaybackEngine:
    """Plays a part into an output, with transport.

    Arguments:
        output: Output that events go to.
        part: Part that is played.
        sync: Sync messages by which a DAW follows.
        latency: Seconds that the receiver takes to sound; everything goes out that much earlier.
        late: Seconds after which a note that could not be begun in time is left out.
        send_programs: Whether to choose the receiver's sounds.
        loop: Seconds from where to where to repeat, at least a twentieth of a second.
    """

    output: OutputPort
    part: LivePart
    sync: SyncOut | None = None
    latency: float = 0.0
    late: float = 0.03
    send_programs: bool = True
    loop: tuple[float, float] | None = None
    counts: OutputCounts = field(default_factory=OutputCounts)

    def __post_init__(self) -> None:
        if self.loop and self.loop[1] - self.loop[0] < 0.05:
            raise ValueError("This loop is too short")
        self._schedule: Schedule[Item] = Schedule()
        self._feed = Feed(self._schedule)
        self._registry = SoundingNotes()
        self._line: ClockLine | None = None
        self._position = 0.0
        self._begun = self._join = 0.0
        self._reached = -math.inf
        self._idents = 0
        self._out = EventSender(self.output, self.counts)

    @property
    def rolling(self) -> bool:
        """True while time passes."""
        return self._line is not None

    @property
    def sounding(self) -> int:
        """Number of notes that sound."""
        return len(self._registry)

    @property
    def epoch(self) -> int:
        """Number of the stretch that is played; every locate, start and stop begins a new one."""
        return self._schedule.epoch

    def position(self, now: float) -> float:
        """Return the timeline position in seconds that is heard at a time."""
        return self._line.position_at(now) if self._line else self._position

    def open(self, now: float) -> None:
        """Tell the receiver, when it is new, what sounds are wanted and where the timeline stands."""
        if self.send_programs:
            self._out.say(now, *program_messages(self.part.channels))
        if self._line is None:
            self._announce(now)

    def rejoin(self, now: float) -> None:
        """Tell a receiver that is back everything again, and release what may have hung on while it was away."""
        self._out.say(now, *self._registry.silent())
        self.open(now)

    def play(self, now: float, *, position: float | None = None, rate: float = 1.0) -> None:
        """Begin to play from a position, or from where the timeline stands."""
        start = self.position(now) if position is None else position
        self._halt(now)
        self._position = start
        if self.sync:
            self._out.say(now, *map(Midi, self.sync.locate(start)))
        self._roll(ClockLine(now + PREROLL + self.latency + self.output.lookahead, start, rate), start)

    def chase(self, now: float, line: ClockLine, begin: float | None = None) -> None:
        """Follow another clock: begin to play where it is, correct the course while playing, or go where it jumped.

        Arguments:
            now: The time.
            line: The course of the other clock.
            begin: Seconds at which it began to roll, if known. What it has passed by some milliseconds is still played,
                but nothing from before this position.
        """
        if self._line is not None:
            if abs(line.position_at(now) - self._line.position_at(now)) <= _JUMP:
                self._line = line
                return
            self._halt(now)
        if line.position_at(now) < self.part.duration:
            just_passed = line.position_at(now - min(self.late, _JOIN_LATE))
            self._position = just_passed if begin is None else max(begin, just_passed)
            self._roll(line, self._position, line.position_at(now))

    def stop(self, now: float) -> None:
        """Stop, and release everything that sounds."""
        if self._line is None:
            return
        self._position = max(0.0, self.position(now))
        self._halt(now)
        self._announce(now)

    def locate(self, now: float, position: float) -> None:
        """Go to a position; what was playing goes on from there."""
        if self._line is not None:
            self.play(now, position=position, rate=self._line.rate)
        else:
            self._position = position
            self._announce(now)

    def replace(self, now: float, part: LivePart, position: float) -> None:
        """Play another part from a position on, without a break.

        What began before the position goes on to its own end, and so does what has been sent already.

        Arguments:
            now: The time.
            part: Part that is played from there; its tempo map has to agree with the present one before the position.
            position: Seconds, a bar line by preference; where it has passed, the rest of the new part is played.
        """
        self.step(now)
        before, self.part = self.part, join_parts(self.part, part, position)
        if self.send_programs:
            self._out.say(now, *program_messages(self.part.channels[len(before.channels) :]))
        retimed = self.part.tempo_map != before.tempo_map
        if self.sync and retimed:
            self.sync = self.sync.retimed(self.part.tempo_map)
        if self._line is None:
            return
        self._schedule.drop((Rank.MARK, Rank.STRIKE, Rank.END))
        if self._reached == -math.inf:
            self._load(self._begun - EPSILON, chasing=True)
        else:
            passed = self._line.position_at(now + self.latency + self.output.lookahead - self.late)
            first = max(self._reached + EPSILON, passed)
            self._out.say(now, *standing_marks(self.part.marks, position, first))
            self._load(first, chasing=False)
        if self.sync and retimed:
            self._schedule.drop((Rank.SYNC,))
            self._feed.sync(self.sync.rolling(self._begun, self._reached))

    def close(self, now: float) -> None:
        """Release everything, for good."""
        self._position = self.position(now)
        self._halt(now)
        self._announce(now)

    def step(self, now: float) -> float | None:
        """Send all that is due.

        Returns:
            The time at which to come back, or None while nothing is scheduled.
        """
        ahead = self.latency + self.output.lookahead
        while self._line is not None:
            entry = self._schedule.first()
            if entry is None:
                break
            heard = self._line.time_at(entry.position)
            if heard - ahead > now:
                self._out.flush()
                return heard - ahead
            if now - (heard - ahead) > _ASLEEP:
                self._wake(now, self._line)
                continue
            self._schedule.take()
            self._reached = entry.position
            self._do(entry.rank, entry.item, heard - self.latency, now)
        self._out.flush()
        return None

    def _wake(self, now: float, line: ClockLine) -> None:
        """Go on at the right place after this process was kept from running, instead of catching up in a burst."""
        position = line.position_at(now)
        if self.loop and position >= self.loop[1]:
            position = self.loop[0] + (position - self.loop[0]) % (self.loop[1] - self.loop[0])
        self.play(now, position=position, rate=line.rate)

    def _do(self, rank: Rank, item: Item, when: float, now: float) -> None:
        """Carry out one entry that is to reach the receiver at ``when``."""
        self._feed.next(rank)
        if isinstance(item, PartNote):
            self._strike(item, when, now)
        elif isinstance(item, NoteOff):
            begun = self._registry.release(item)
            if begun is not None:
                self._out.add(max(when, begun + _MIN_SOUNDING_SECONDS), item)
        elif item is not None:
            self._out.add(when, item)
        elif rank is Rank.WRAP:
            self._wrap(when)
        else:
            self._out.flush()
            self.stop(max(now, when))

    def _strike(self, strike: PartNote, when: float, now: float) -> None:
        if now > when + self.late or self._line is None:
            self.counts.dropped += 1
            return
        self._idents += 1
        note = NoteOn(
            strike.channel,
            strike.pitch,
            strike.velocity,
            self._idents,
            max(0.0, strike.end - strike.start) / self._line.rate,
        )
        before = self._registry.strike(note, when)
        if before:
            self._out.add(when, before)
        self._out.add(when, note)
        self.counts.notes += 1
        end = NoteOff(strike.channel, strike.pitch, self._idents)
        self._schedule.put(self.epoch, strike.end, Rank.RELEASE, end)

    def _wrap(self, when: float) -> None:
        """Go back to the loop's beginning without losing time."""
        line, loop = self._line, self.loop
        if line is None or loop is None:
            return
        self.counts.wraps += 1
        self._out.flush()
        self._release(when, silence=False)
        if self.sync:
            self._out.say(when, *map(Midi, self.sync.jump(loop[0])))
        self._roll(ClockLine(line.time_at(loop[1]), loop[0], line.rate), loop[0])

    def _roll(self, line: ClockLine, start: float, join: float | None = None) -> None:
        """Fill a new epoch's schedule from a position on and let time pass along a line.

        Arguments:
            line: The course.
            start: Seconds from which on everything is played.
            join: Seconds at which notes that began earlier are taken up, if later than ``start``.
        """
        self._line, epoch = line, self._schedule.renew()
        self._begun, self._reached = start, -math.inf
        self._join = start if join is None else max(start, join)
        self._schedule.put(epoch, start, Rank.STATE, self._transport(1, start, line.rate))
        self._load(start - EPSILON, chasing=True)
        if self.sync:
            self._feed.sync(self.sync.rolling(start))
        if self.loop and start < self.loop[1]:
            self._schedule.put(epoch, self.loop[1], Rank.WRAP, None)

    def _load(self, first: float, *, chasing: bool) -> None:
        """Put the part's notes, marks and end into the schedule.

        Arguments:
            first: Seconds; what begins earlier is not played from its beginning.
            chasing: Whether notes in whose middle playing begins are struck there.
        """
        self._feed.play(self.part, first, self._join if chasing else None)
        if not (self.loop and self._begun < self.loop[1]):
            self._schedule.put(self.epoch, max(self._begun, first, self.part.duration), Rank.END, None)

    def _halt(self, now: float) -> None:
        self._out.flush()
        self._line = None
        self._schedule.renew()
        self._release(now)

    def _release(self, now: float, *, silence: bool = True) -> None:
        """Release all notes, those that were sent ahead after they begin."""
        latest = now
        for begun, note in self._registry.release_all():
            when = max(now, begun + _MIN_SOUNDING_SECONDS)
            latest = max(latest, when)
            self._out.say(when, note)
        if silence and self._registry.channels:
            self._out.say(latest, *silence_messages(self._registry.channels))

    def _announce(self, now: float) -> None:
        """Say that the timeline stands still, and where."""
        if self.sync:
            self._out.say(now, *map(Midi, self.sync.locate(max(0.0, self._position))))
        self._out.say(now, self._transport(0, self._position, 0.0))

    def _transport(self, rolling: int, position: float, rate: float) -> StateMessage:
        position = max(0.0, position)
        return StateMessage(
            "transport", (rolling, position, rate, self.part.tempo_map.tick(position) / TICKS_PER_QUARTER)
        )
