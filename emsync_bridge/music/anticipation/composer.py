"""From a spotting and an emotion curve to a take, with hits announced as controls at their exact time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emsync_bridge.cue import EmotionCurve, Instrument, Note, Spotting, Take
from emsync_bridge.music.anticipation import vocabulary as tok
from emsync_bridge.music.anticipation.generator import AnticipationGenerator
from emsync_bridge.music.anticipation.vocabulary import TimedNote
from emsync_bridge.music.generation.density import ceiling, longest_pause
from emsync_bridge.music.generation.request import draw_shift, plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.take import hit_answers, key_of, voice_notes
from emsync_bridge.music.generation.token_loop import TokenPiece, draw_tokens
from emsync_bridge.music.hit_harmony import is_minor_at, key_bias, pitches_on_hit
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.options import MusicOptions, Sampling

TOP_P = 0.98
"""Share of probability drawn from, as its authors have it; the nucleus that is asked for narrows it."""

CHORD_SECONDS = 1.5
"""Greatest length of the chord on a hit, in seconds."""

CLEAR = 0.12
"""Seconds around a hit in which nothing else begins, so that the chord stands alone."""

_PROGRAMS: dict[Instrument, tuple[int, ...]] = {
    "piano": (0,),
    "strings": (40, 41, 42, 48),
    "guitar": (24, 25),
    "bass": (32, 43),
    "drums": (tok.DRUMS,),
}
"""Programs that each group may be played with."""

_VELOCITY = 74
_MAX_PER_SECOND = 60
_MAX_AT_ONCE = 6
_SAME = 0.5 / tok.UNITS_PER_SECOND
_MIN_CHORD_SECONDS = 0.04
_REACH = tok.TIMES / tok.UNITS_PER_SECOND


class _Scores(Protocol):
    def scores(self, tokens: Sequence[int]) -> np.ndarray: ...


@dataclass(frozen=True)
class _Mood:
    """Density of a section: the least and greatest time between onsets in seconds."""

    gap: float
    pause: float


def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    generator: AnticipationGenerator,
    *,
    seeds: Sequence[int],
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed, composed one after the other.

    Its clock is real time: the plan's tempo and bar lines are laid over what it writes, and only the chords on hits are
    sure to lie on them. It knows no mood and no loudness: the mode and the density are held to the mood while notes
    are drawn, and loudness follows it afterwards.

    Arguments:
        spotting: The cut.
        curve: The mood.
        generator: The network.
        seeds: Seeds of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    plan = plan_for(spotting, curve, options)
    takes = []
    for number, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        shift = draw_shift(options, rng)
        controls = hit_chords(plan, options)
        events: list[TimedNote] = []
        for event in generate_notes(plan, generator, rng, options, controls):
            events.append(event)
            if progress:
                progress((number + min(1.0, event.time / plan.seconds(plan.end))) / len(seeds))
        notes = _notes([*events, *controls], plan)
        takes.append(
            Take(
                seed=seed,
                notes=tuple(voice_notes(notes, plan, shift)),
                tempo_map=plan.tempo.tempo_map,
                key=key_of(notes, options, shift),
                answers=hit_answers(spotting, notes, plan),
                model=generator.name,
            )
        )
    return tuple(takes)


def hit_chords(plan: CompositionPlan, options: MusicOptions) -> list[TimedNote]:
    """Return the notes that are given: a chord with its bass on every hit and at the end, in C major or A minor."""
    pitched = next(name for name in options.ensemble if name != "drums")
    program = _PROGRAMS[pitched][-1]
    found = []
    ticks = list(plan.chords)
    for number, tick in enumerate(ticks):
        start = plan.seconds(tick)
        minor = is_minor_at(plan, tick, options)
        last = tick == plan.final
        following = plan.seconds(ticks[number + 1]) if number + 1 < len(ticks) else plan.seconds(plan.end)
        duration = max(
            _MIN_CHORD_SECONDS, min(following - start, CHORD_SECONDS if not last else plan.seconds(plan.end))
        )
        pitches = pitches_on_hit(number, minor=minor, last=last)
        found += [TimedNote(start, duration, program, pitch) for pitch in pitches]
    return found


def generate_notes(
    plan: CompositionPlan,
    generator: AnticipationGenerator,
    rng: np.random.Generator,
    options: MusicOptions,
    controls: Sequence[TimedNote],
) -> Iterator[TimedNote]:
    """Yield the notes that the network writes around some given ones, in order of onset."""
    sampler = Sampler(rng, Sampling(options.sampling.temperature, max(TOP_P, options.sampling.top_p), 0.0))
    end = plan.seconds(plan.end) if plan.final is None else plan.seconds(plan.final)
    piece = _Piece(plan, generator.context, options, sorted(controls), end)
    session = _Session(generator.reader(), piece)
    for _ in draw_tokens(session, piece, sampler, tok.TOKENS_PER_NOTE * _MAX_PER_SECOND * (2 + int(end))):
        if piece.complete is not None:
            yield piece.complete


class _Session:
    """Generation session of a piece; the network reads it again from the start where old notes are dropped."""

    def __init__(self, reader: _Scores, piece: _Piece) -> None:
        self._reader, self._piece = reader, piece
        self.scores = np.zeros(0) if piece.over else reader.scores(piece.context)
        """Of the token after the last one read, shape (vocabulary,)."""

    def read(self, token: int) -> None:  # noqa: ARG002  the piece has it
        """Take note of the next token of the piece."""
        self.scores = self._reader.scores(self._piece.context)


class _Piece(TokenPiece):
    """One piece while it is written: its notes, the controls still to come, and what the network is shown of them.

    Attributes:
        complete: The note that the last token completed; None while one is under way.
    """

    def __init__(
        self,
        plan: CompositionPlan,
        context: int,
        options: MusicOptions,
        controls: Sequence[TimedNote],
        end: float,
    ) -> None:
        self._plan, self._options, self._end = plan, options, end
        self._waiting = list(controls)
        self._hits = sorted({control.time for control in controls})
        self._history: list[tuple[TimedNote, bool]] = []  # notes and whether they are controls
        self._most = (context - 1 - tok.TOKENS_PER_NOTE) // tok.TOKENS_PER_NOTE
        self._clock, self._origin = 0.0, 0.0
        self._at_once = 0  # notes that begin at the clock
        programs = [program for name in options.ensemble for program in _PROGRAMS[name]]
        self._playable = np.zeros((tok.INSTRUMENTS, tok.PITCHES), dtype=bool)
        self._playable[programs, 21:109] = True
        self._told: list[int] = []
        self._note: list[int] = []  # tokens of the note under way
        self.complete: TimedNote | None = None
        self._begin()

    @property
    def context(self) -> list[int]:
        """Tokens that the network is shown."""
        return [*self._told, *self._note]

    def candidates(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores and what may come: an onset, then a duration, then a pitch with its instrument."""
        if not self._note:
            return scores, self._open
        if len(self._note) == 1:
            return scores, _range(tok.DURATION + 1, tok.DURATION + tok.DURATIONS)
        return scores + self._key_bias(self._onset), self._pitches()

    def taken(self, token: int) -> int | None:
        """Take a token; None where a note would begin at the end or later."""
        self.complete = None
        self._note.append(token)
        if self._onset >= self._end:
            self.over = True
            return None
        if len(self._note) == tok.TOKENS_PER_NOTE:
            program, pitch = divmod(token - tok.NOTE, tok.PITCHES)
            length = (self._note[1] - tok.DURATION) / tok.UNITS_PER_SECOND
            self.complete = TimedNote(self._onset, length, program, pitch)
            self._at_once = self._at_once + 1 if self._onset - self._clock < _SAME and self._at_once else 1
            self._history.append((self.complete, False))
            self._clock = self._onset
            self._note = []
            self._begin()
        return token

    @property
    def _onset(self) -> float:
        return self._origin + (self._note[0] - tok.TIME) / tok.UNITS_PER_SECOND

    def _begin(self) -> None:
        """Show the network what comes before the next note; the piece is over where none may follow."""
        while self._waiting and self._waiting[0].time <= self._clock + tok.ANTICIPATION:
            self._history.append((self._waiting.pop(0), True))
        if len(self._history) > self._most:  # a third is dropped at once, so that what was read stays of use
            del self._history[: self._most // 3]
        self._origin = min((event.time for event, _ in self._history), default=self._clock)
        mask = self._times(self._origin)
        while mask is None and self._origin + _REACH < self._end:  # nothing may come for longer than times reach
            self._history.clear()
            self._origin = self._clock = self._origin + _REACH
            mask = self._times(self._origin)
        if mask is None:
            self.over = True
            return
        self._open = mask
        self._told = [tok.ANTICIPATE]
        for event, control in self._history:
            moved = TimedNote(event.time - self._origin, event.duration, event.program, event.pitch)
            self._told += tok.encode_note(moved, control=control)

    def _times(self, origin: float) -> np.ndarray | None:
        """Return when the next note may begin: not before the last, not in silence, not close to a hit."""
        times = origin + np.arange(tok.TIMES) / tok.UNITS_PER_SECOND
        mood = _mood(self._plan, int(self._plan.tempo.tempo_map.tick(self._clock)))
        free = times >= self._clock + (mood.gap if self._at_once else 0.0)
        for hit in self._hits:
            free &= np.abs(times - hit) >= CLEAR
        for section in self._plan.sections:
            if section.silence:
                free &= (times < section.start) | (times >= section.end)
        if not free.any():
            return None
        free &= times <= times[free.argmax()] + mood.pause
        if 0 < self._at_once < _MAX_AT_ONCE:
            free |= np.abs(times - self._clock) < _SAME
        mask = np.zeros(tok.VOCABULARY, dtype=bool)
        mask[tok.TIME : tok.TIME + tok.TIMES] = free
        return mask

    def _pitches(self) -> np.ndarray:
        mask = np.zeros(tok.VOCABULARY, dtype=bool)
        mask[tok.NOTE : tok.NOTE + tok.NOTES] = self._playable.ravel()
        return mask

    def _key_bias(self, time: float) -> np.ndarray:
        """Return what pitches outside the mood's key lose."""
        minor = is_minor_at(self._plan, int(self._plan.tempo.tempo_map.tick(time)), self._options)
        loss = key_bias(9 if minor else 0, minor=minor)
        bias = np.zeros(tok.VOCABULARY)
        table = np.tile(loss, (tok.INSTRUMENTS, 1))
        table[tok.DRUMS] = 0.0
        bias[tok.NOTE : tok.NOTE + tok.NOTES] = table.ravel()
        return bias


def _mood(plan: CompositionPlan, tick: int) -> _Mood:
    """Return what the mood at a tick asks for; onsets are as many as written music of its arousal has."""
    affect = plan.section_at(tick).affect
    return _Mood(1.0 / ceiling(affect.arousal), longest_pause(affect.arousal))


def _notes(events: Sequence[TimedNote], plan: CompositionPlan) -> list[Note]:
    """Return events as notes on the plan's ticks."""
    notes = []
    tempo_map = plan.tempo.tempo_map
    for event in events:
        instrument = event.instrument
        if instrument is None:
            continue
        start = round(tempo_map.tick(event.time))
        end = min(plan.end, max(start + 1, round(tempo_map.tick(event.time + event.duration))))
        if start < end:
            notes.append(Note(start, end, instrument, event.pitch, _VELOCITY))
    return sorted(notes)


def _range(first: int, last: int) -> np.ndarray:
    mask = np.zeros(tok.VOCABULARY, dtype=bool)
    mask[first:last] = True
    return mask
