"""Infilling of a section: its edges, the notes kept around it, and the rules that leave room for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from emsync_bridge.cue import Note
from emsync_bridge.errors import MusicError
from emsync_bridge.music.generation.constraints import Mask, Rule, limit_shift, only_token
from emsync_bridge.music.generation.state import ScoreState, off_of
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok


@dataclass(frozen=True)
class InfillContext:
    """Context of a section to be composed again: the notes of the take that stay.

    Arguments:
        start: First tick of the section, a bar line or a chord of the plan.
        end: First tick after it.
        kept: Notes outside the section, and those inside that sound past its end.
    """

    start: int
    end: int
    kept: tuple[Note, ...]

    @cached_property
    def crossing(self) -> tuple[Note, ...]:
        """Notes of pitched instruments that stay and sound inside the section."""
        return tuple(
            note for note in self.kept if note.instrument != "drums" and note.start < self.end and note.end > self.start
        )

    @cached_property
    def offs(self) -> dict[int, list[int]]:
        """OFF tokens of what stays, by the tick inside the section."""
        return _by_tick(
            (note.end, tok.off(note.instrument, note.pitch)) for note in self.crossing if note.end < self.end
        )

    @cached_property
    def ons(self) -> dict[int, list[int]]:
        """ON tokens of what stays, by the tick inside the section."""
        return _by_tick(
            (note.start, tok.on(note.instrument, note.pitch)) for note in self.crossing if note.start >= self.start
        )

    def prelude(self, plan: CompositionPlan) -> list[int]:
        """Return the tokens of what comes before the section."""
        before = codec.playable(note for note in self.kept if note.start < self.start)
        if self.start == 0:
            return [tok.START]
        onsets = {note.start for note in before}
        chords = {tick for tick in plan.chords if tick in onsets}
        lines = [line for line in plan.bar_lines if line < self.start]
        return codec.encode(before, lines, self.start, chords).tokens[:-1]

    def leave_room(self) -> tuple[Rule, Rule]:
        """Return the rules that what stays keeps its place: none of its notes begins again, and what meets one ends."""
        moments = sorted({*self.offs, *self.ons, self.end})

        def ringing(state: ScoreState) -> list[int]:
            return [
                tok.on(note.instrument, note.pitch) for note in self.crossing if note.start <= state.clock < note.end
            ]

        def not_what_stays(state: ScoreState, mask: Mask) -> None:
            mask[ringing(state)] = False

        def room_for_what_stays(state: ScoreState, mask: Mask) -> None:
            limit_shift(mask, next((moment for moment in moments if moment > state.clock), self.end) - state.clock)
            if not state.after_bar:
                for token in ringing(state):
                    if token in state.sounding:
                        only_token(mask, off_of(token))

        return not_what_stays, room_for_what_stays


def section_of(plan: CompositionPlan, start: float, end: float) -> tuple[int, int]:
    """Return the ticks of a section, its edges moved to the nearest hit, bar line, beginning or end.

    Arguments:
        plan: Plan of the whole piece.
        start: Seconds.
        end: Seconds.

    Raises:
        MusicError: Nothing lies between the edges.
    """
    last = plan.end if plan.final is None else plan.final
    inner = sorted({0, *plan.chords, *(line for line in plan.bar_lines if line < last)})
    seconds = plan.tempo.tempo_map.seconds

    def nearest(time: float, places: Sequence[int]) -> int:
        return min(places, key=lambda tick: abs(seconds(tick) - time), default=plan.end)

    if end <= start:
        raise MusicError(
            f"The section ends at {end:g} s, but begins at {start:g} s", hint="Give its start first, then its end"
        )
    if not 0 <= start < min(end, seconds(plan.end)):
        raise MusicError(
            f"There is no music to recompose from {start:g} to {end:g} s",
            hint=f"Choose a section inside its {seconds(plan.end):.1f} s",
        )
    first = nearest(start, inner)
    following = nearest(end, [tick for tick in (*inner, plan.end) if tick > first])
    if following <= first:
        raise MusicError("This section is shorter than a bar", hint="Choose a longer one")
    return first, following


def without_collisions(notes: Sequence[Note], kept: Sequence[Note]) -> list[Note]:
    """Return new notes, shortened or left out where a note that stays has their pitch."""
    taken: dict[tuple[str, int], list[Note]] = defaultdict(list)
    for note in kept:
        taken[note.instrument, note.pitch].append(note)
    clear = []
    for note in notes:
        others = taken[note.instrument, note.pitch]
        if any(other.start <= note.start < other.end for other in others):
            continue
        end = min([note.end, *(other.start for other in others if other.start > note.start)])
        clear.append(replace(note, end=end))
    return clear


def _by_tick(events: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for tick, token in sorted(events):
        found[tick].append(token)
    return dict(found)
