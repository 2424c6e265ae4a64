"""Composition while it plays: ahead of the playhead, and again from the next bar when mood or hits change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting, Take, TempoMap
from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.playback.channels import ChannelPlan
from emsync_bridge.live.playback.part import LivePart, part_of
from emsync_bridge.music.arranged_stream import ArrangedStream
from emsync_bridge.music.arranging.themes.motifs import motif_bank
from emsync_bridge.music.generation.request import for_network, plan_for
from emsync_bridge.music.generation.stream import TokenStream
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.replan import replan_from
from emsync_bridge.options import EmotionOptions, ReadOptions
from emsync_bridge.scoring import steps
from emsync_bridge.timeline.source import Source, open_source

if TYPE_CHECKING:
    from emsync_bridge.music.network.checkpoint import Checkpoint
    from emsync_bridge.options import MusicOptions

AHEAD = 10.0
"""Seconds that music is composed ahead of what is heard."""

AT_FIRST = 3.0
"""Seconds that are composed before playing begins."""

MARGIN = 0.8
"""Seconds between a changed setting and the first bar line that it can move: the time to compose that bar."""

LOST = 8.0
"""Seconds that the playhead may be past what is composed before composing jumps there instead of catching up."""

PATIENCE = 0.25
"""Seconds between changes of mood that come one after another, as from a controller that is being turned."""

ENDLESS = 24 * 3600.0
"""Seconds of an improvisation, unless it is stopped."""

_NOTICEABLE = 0.02

Deliver = Callable[[LivePart, float], None]
"""Called with what is to be played and the position in seconds from which it is."""


@dataclass(frozen=True)
class MoodOverride:
    """A mood set by a controller; an axis that is None is left to the curve."""

    valence: float | None = None
    arousal: float | None = None

    def over(self, affect: Affect) -> Affect:
        """Return an affect with the axes that are set."""
        return Affect(
            affect.valence if self.valence is None else self.valence,
            affect.arousal if self.arousal is None else self.arousal,
        ).clipped()


def improvisation(affect: Affect, rate: Fraction = Fraction(25)) -> tuple[Spotting, EmotionCurve]:
    """Return a cut without a picture, hits or an end in sight, and its mood."""
    return Spotting("improvisation", ENDLESS, rate), EmotionCurve((EmotionSpan(0.0, ENDLESS, affect, confidence=1.0),))


@dataclass
class BackgroundEmotion:
    """Results of the estimation in the background: curves as they come, and warnings about them."""

    curves: SimpleQueue[EmotionCurve] = field(default_factory=SimpleQueue)
    warnings: list[str] = field(default_factory=list)


def prepare(source: Path | None, feeling: EmotionOptions) -> tuple[Spotting, EmotionCurve, BackgroundEmotion]:
    """Return a cut and its mood as far as that is known at once; the rest is felt in the background.

    Arguments:
        source: A timeline; None to improvise.
        feeling: Options of the mood.

    Raises:
        EmsyncError: The timeline cannot be read, or the mood is not valid.
    """
    from emsync_bridge.emotion.overrides.moods import mood
    from emsync_bridge.picture.relink import Relinked

    if source is None:
        named = mood(feeling.mood) if feeling.mood else Affect(0.0, 0.0)
        return *improvisation(MoodOverride(feeling.valence, feeling.arousal).over(named)), BackgroundEmotion()
    opened = open_source(source)
    spotting = steps.spot(steps.read(opened, ReadOptions()), ReadOptions())
    unseen = Relinked((None,) * len(spotting.shots))
    curve, _ = steps.feel(spotting, unseen, feeling)
    felt = BackgroundEmotion()
    if feeling.mood is None and (feeling.valence is None or feeling.arousal is None):
        threading.Thread(target=_feel, args=(opened, spotting, feeling, felt), daemon=True).start()
    return spotting, curve, felt


def _feel(source: Source, spotting: Spotting, feeling: EmotionOptions, felt: BackgroundEmotion) -> None:
    try:
        relinked = steps.find_media(source, spotting, feeling)
        if any(relinked.sources):
            curve, warnings = steps.feel(spotting, relinked, feeling)
            felt.warnings += warnings
            felt.curves.put(curve)
        felt.warnings += steps.missing_media_warning(relinked)
    except EmsyncError as problem:
        felt.warnings.append(str(problem))


class LiveComposition:
    """A cut whose music is composed while it plays.

    Arguments:
        spotting: The cut.
        curve: The mood as far as it is known.
        checkpoint: The generator that writes every note; None to arrange motifs of the bank for players.
        seed: Seed of everything that is drawn.
        options: The options of the music.
        begin: Second at which playing begins.
        clock: Clock that returns seconds that only grow.
    """

    def __init__(
        self,
        spotting: Spotting,
        curve: EmotionCurve,
        checkpoint: Checkpoint | None,
        *,
        seed: int,
        options: MusicOptions,
        begin: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spotting, self.curve, self.override = spotting, curve, MoodOverride()
        self._felt = curve
        self._checkpoint, self._seed, self._options, self._clock = checkpoint, seed, options, clock
        self._wanted: MoodOverride | None = None
        self._changed_at = -PATIENCE
        self.channels = ChannelPlan()
        self._stream = self._new_stream(curve, begin)
        self._delivered = 0

    @property
    def composed(self) -> float:
        """Seconds up to which it is composed."""
        return self._stream.composed

    @property
    def tempo_map(self) -> TempoMap:
        """The tempo as it is planned now."""
        return self._stream.plan.tempo.tempo_map

    @property
    def take(self) -> Take:
        """Take as far as it is composed."""
        return self._stream.take(self.spotting)

    def heard(self, until: float) -> tuple[Take, Spotting]:
        """Return what was heard up to a moment in seconds, as a take and the cut that it belongs to."""
        take, cut = self.take, self.spotting
        last = round(take.tempo_map.tick(until))
        frames = max(1, round(min(until, cut.duration) * cut.rate))
        duration = float(frames / cut.rate)
        notes = tuple(replace(note, end=min(note.end, last)) for note in take.notes if note.start < last)
        hits = tuple(hit for hit in cut.hits if hit.time <= duration)
        controls = tuple(control for control in take.controls if control.tick < last)
        return replace(take, notes=notes, controls=controls), replace(cut, duration=duration, hits=hits)

    def first_part(self, begin: float = 0.0) -> LivePart:
        """Compose enough to begin with, and return it."""
        while self.composed < begin + AT_FIRST and not self._stream.over:
            self._stream.compose_bar()
        return self._part()

    def attend(self, position: float, deliver: Deliver) -> bool:
        """Compose one more bar if the playhead is near the end of what there is.

        Arguments:
            position: Seconds that are heard now.
            deliver: Receiver of the new notes.

        Returns:
            Whether there was something to do.
        """
        if self._wanted is not None and self._clock() - self._changed_at >= PATIENCE:
            self._take_over(position, deliver)
            return True
        if not self._stream.begins - 0.1 <= position <= self.composed + LOST:
            self._start_again(position, deliver)
            return True
        if self._stream.over or self.composed - position >= AHEAD:
            return False
        self._stream.compose_bar()
        self._deliver(deliver)
        return True

    def feel(self, override: MoodOverride) -> None:
        """Let the music follow somebody's hand from the next bar on; both axes None give it back to the curve."""
        last = self._wanted or self.override
        pairs = ((override.valence, last.valence), (override.arousal, last.arousal))
        if any((new is None) != (old is None) or abs((new or 0.0) - (old or 0.0)) >= _NOTICEABLE for new, old in pairs):
            self._wanted = override

    def follow(self, curve: EmotionCurve, position: float, deliver: Deliver) -> None:
        """Follow another curve from the next bar on."""
        self.curve = curve
        self._change(position, deliver)

    def hit(self, moment: float, position: float, deliver: Deliver, name: str = "") -> bool:
        """Land on a moment in seconds that nobody knew of before; return False where it is too near."""
        if moment <= position + MARGIN or moment >= self.spotting.duration:
            return False
        new = HitPoint(moment, round(moment * self.spotting.rate), "marker", name=name)
        clear = [hit for hit in self.spotting.hits if abs(hit.time - moment) > 0.05]
        self.spotting = replace(self.spotting, hits=tuple(sorted([*clear, new], key=lambda hit: hit.time)))
        self._change(position, deliver)
        return True

    def _take_over(self, position: float, deliver: Deliver) -> None:
        if self._wanted is not None:
            self.override, self._wanted, self._changed_at = self._wanted, None, self._clock()
            self._change(position, deliver)

    def _change(self, position: float, deliver: Deliver) -> None:
        """Recompose from the first bar line that there is time for."""
        stream = self._stream
        tick = stream.next_bar_line(position + MARGIN)
        while tick is None and not stream.over:
            stream.compose_bar()
            tick = stream.next_bar_line(position + MARGIN)
        start = None if tick is None else stream.plan.tempo.tempo_map.seconds(tick)
        if tick is None or start is None or start >= self.spotting.duration - 0.5:
            return
        self._felt = self._mood(start)
        plan = replan_from(stream.plan, tick, self.spotting, self._felt, self._plan)
        if isinstance(stream, ArrangedStream):
            stream.change(plan, tick, self.spotting, self._felt)
        else:
            stream.change(plan, tick)
        stream.compose_bar()
        self._delivered = min(self._delivered, tick)
        self._deliver(deliver)

    def _start_again(self, position: float, deliver: Deliver) -> None:
        """Compose at a place where there is no music yet, which somebody has gone to."""
        self._felt = self._mood(max(0.0, position))
        self._stream = self._new_stream(self._felt, max(0.0, position))
        self._delivered = self._stream.first
        self._stream.compose_bar()
        self._deliver(deliver)

    def _new_stream(self, curve: EmotionCurve, begin: float) -> TokenStream | ArrangedStream:
        plan, seed = self._plan(self.spotting, curve), self._seed
        if self._checkpoint is None:
            cut = (self.spotting, curve)
            return ArrangedStream(plan, cut, seed=seed, options=self._options, motifs=motif_bank(), begin=begin)
        return TokenStream(plan, self._checkpoint, seed=seed, options=for_network(self._options), begin=begin)

    def _mood(self, start: float) -> EmotionCurve:
        """Return the curve with the override from a moment on, where a new span begins."""
        spans: list[EmotionSpan] = []
        for span in self.curve.spans:
            if span.start < start:
                spans.append(replace(span, end=min(span.end, start)))
            if span.end > start:
                spans.append(replace(span, start=max(span.start, start), affect=self.override.over(span.affect)))
        return EmotionCurve(tuple(spans))

    def _plan(self, spotting: Spotting, curve: EmotionCurve) -> CompositionPlan:
        return plan_for(spotting, curve, self._options)

    def _deliver(self, deliver: Deliver) -> None:
        begin = self._delivered
        deliver(self._part(), self.tempo_map.seconds(begin))

    def _part(self) -> LivePart:
        notes, self._delivered = self._stream.notes_from(self._delivered)
        controls = tuple(self._stream.controls()) if isinstance(self._stream, ArrangedStream) else ()
        take = Take(self._seed, tuple(notes), self.tempo_map, controls=controls)
        return part_of(take, self.spotting, self._felt, self.channels)
