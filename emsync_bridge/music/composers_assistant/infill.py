"""Parts of a take written again: a section, or some players of it, with everything else given as notes, hits first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, EmotionCurve, Note, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.player_tracks import player_of
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.composers_assistant import vocabulary as tok
from emsync_bridge.music.composers_assistant.composer import (
    BARS,
    CONTEXT,
    MAX_REQUEST,
    TOP_P,
    chord_pitches,
    free_clicks,
    score_bars,
)
from emsync_bridge.music.composers_assistant.filling import Blank, fill
from emsync_bridge.music.composers_assistant.generator import ComposersAssistant
from emsync_bridge.music.composers_assistant.score import Place, ScoreBar, Track, TrackNote, in_order, request
from emsync_bridge.music.generation.infill import section_of, without_collisions
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.take import hit_answers
from emsync_bridge.music.hit_harmony import OUT_OF_KEY, key_bias
from emsync_bridge.music.planning.plan import CompositionPlan, plan_on
from emsync_bridge.options import MusicOptions, Sampling

_MIN_CLASSES = 3
"""Pitch classes of a bar from which its harmony is known; a bar of fewer has the key's."""

_WINDOWS = tuple((bars, context) for bars in (BARS, 2, 1) for context in (CONTEXT, 2, 1, 0))
"""Bars that are written at once and bars before them that are given, the first that fits into a request."""


@dataclass
class _Part:
    """A player whose notes are written again, and those notes."""

    track: Track
    replaced: list[Note]

    @property
    def voices(self) -> int:
        """Notes that began at once before, at most."""
        return max(Counter(note.start for note in self.replaced).values())

    @property
    def density(self) -> int:
        """Instruction for as many onsets as there were."""
        starts = sorted({note.start for note in self.replaced})
        quarters = max(4.0, (starts[-1] - starts[0]) / TICKS_PER_QUARTER)
        return tok.density(len(starts) / quarters)

    def note(self, found: TrackNote, last: int) -> Note:
        """Return a note as the player plays it: as loud as before, and in the role of before."""
        model = min(self.replaced, key=lambda note: abs(note.start - found.start))
        velocity = round(float(np.mean([note.velocity for note in self.replaced])))
        end = min(found.start + found.length, last)
        return replace(
            model, start=found.start, end=max(end, found.start + 1), pitch=found.pitch, velocity=velocity, offset=0
        )


def recompose(
    take: Take,
    spotting: Spotting,
    curve: EmotionCurve,
    generator: ComposersAssistant,
    change: SectionChange,
    again: Callable[[Note], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Return a take with a section, or some of its players there, written again; every other note stays as it was.

    What is struck on a hit stays too: the network is given it as notes. A player writes in the bars in which it played
    before, about as densely and as loudly as it did.

    Arguments:
        take: The music, of any generator.
        spotting: The cut.
        curve: The mood.
        generator: The network.
        change: The section and its seed.
        again: Predicate for notes that may be written again; None means all.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The section is outside the music or shorter than a bar, or nothing in it is to be written again.
    """
    first, last = section_of(plan_on(take.tempo_map, spotting, curve), change.start, change.end)
    edges = take.tempo_map.seconds(first), min(take.tempo_map.seconds(last), spotting.duration)
    plan = plan_on(take.tempo_map, spotting, curve, edges)
    struck = set(plan.chords)
    replaced = [
        note
        for note in take.notes
        if first <= note.start < last and note.start not in struck and (again is None or again(note))
    ]
    if not replaced:
        raise MusicError(
            f"Nothing from {change.start:g} to {change.end:g} s can be written again: hits stay as they are",
            hint="Choose a longer section, or other parts",
        )
    gone = set(replaced)
    kept = [note for note in take.notes if note not in gone]
    writer = _SectionWriter(plan, take, kept, replaced, (first, last))
    rng = np.random.default_rng(change.seed)
    options = change.options or MusicOptions()
    sampler = Sampler(rng, Sampling(options.sampling.temperature, min(TOP_P, options.sampling.top_p), 0.0))
    fresh = writer.fill_blanks(generator, sampler, progress or (lambda _share: None))
    notes = tuple(sorted((*kept, *without_collisions(fresh, kept))))
    model = take.model if generator.name in take.model.split(" + ") else f"{take.model} + {generator.name}"
    return replace(take, seed=change.seed, notes=notes, answers=hit_answers(spotting, notes, plan), model=model)


class _SectionWriter:
    """A take as bars and tracks, with the blanks of one section."""

    def __init__(
        self,
        plan: CompositionPlan,
        take: Take,
        kept: Sequence[Note],
        replaced: Sequence[Note],
        section: tuple[int, int],
    ) -> None:
        self._plan, self._take, self._kept, self._section = plan, take, kept, section
        self._bars = score_bars(plan, sorted({*plan.bar_lines, *section}))
        writing: dict[str, list[Note]] = defaultdict(list)
        for note in replaced:
            writing[_name(note)].append(note)
        blank_bars = {
            name: {index for index, bar in enumerate(self._bars) if any(bar.start <= n.start < bar.end for n in notes)}
            for name, notes in writing.items()
        }
        given: dict[tuple[str, bool], Track] = {}
        for note in kept:
            name = _name(note)
            # what a player keeps in a bar that it writes again is given on a track beside its own
            beside = any(self._bars[i].start <= note.start < self._bars[i].end for i in blank_bars.get(name, ()))
            track = given.setdefault((name, beside), Track(_program(note)))
            track.notes.append(TrackNote(note.start, note.pitch, note.end - note.start))
        self._parts: dict[int, _Part] = {}
        for name, notes in writing.items():
            track = given.setdefault((name, False), Track(_program(notes[0])))
            self._parts[id(track)] = _Part(track, notes)
        self._blank_bars = {id(given[name, False]): bars for name, bars in blank_bars.items()}
        # a track that is to be written has its place by what was there
        heights = {key: list(part.track.notes) for key, part in self._parts.items()}
        for part in self._parts.values():
            part.track.notes += [TrackNote(n.start, n.pitch, n.end - n.start) for n in part.replaced]
        self._tracks = in_order(given.values())
        for key, part in self._parts.items():
            part.track.notes[:] = heights[key]

    def fill_blanks(self, generator: ComposersAssistant, sampler: Sampler, tell: Callable[[float], None]) -> list[Note]:
        """Return the notes that the network writes into the blanks, a few bars at a time."""
        found: list[Note] = []
        inside = [i for i, bar in enumerate(self._bars) if self._section[0] <= bar.start < self._section[1]]
        index, stop = inside[0], inside[-1] + 1
        while index < stop:
            tracks, end, tokens, places, blanks = self._window(index, stop)
            if blanks:
                session = generator.session(tokens)
                for (number, _), notes in zip(places, fill(session, blanks, sampler), strict=True):
                    tracks[number].notes.extend(notes)
                    part = self._parts[id(tracks[number])]
                    found += [part.note(note, self._section[1]) for note in notes]
            index = end
            tell((index - inside[0]) / len(inside))
        return found

    def _window(self, index: int, stop: int) -> tuple[list[Track], int, list[int], list[Place], list[Blank]]:
        """Return the largest request from a bar on that the network can read; crowded scores lose given tracks."""
        tracks = list(self._tracks)
        while True:
            for count, context in _WINDOWS:
                begin, end = max(0, index - context), min(stop, index + count)
                bars = self._bars[begin : min(end + 1, len(self._bars))]
                places, blanks = self._blanks(tracks, bars, range(index - begin, end - begin), begin)
                asked = {number: self._asked(tracks[number]) for number, _ in places}
                tokens = request(bars, tracks, places, asked)
                if len(tokens) <= MAX_REQUEST and len(blanks) <= tok.BLANKS:
                    return tracks, end, tokens, places, blanks
            spare = [track for track in tracks if id(track) not in self._parts]
            if not spare:
                raise MusicError(
                    "One bar of this music is more than this generator can read", hint="Choose fewer parts"
                )
            fullest = max(spare, key=lambda track: len(track.between(self._bars[index].start, self._bars[index].end)))
            tracks.remove(fullest)

    def _blanks(
        self, tracks: Sequence[Track], bars: Sequence[ScoreBar], indices: Collection[int], begin: int
    ) -> tuple[list[Place], list[Blank]]:
        places, blanks = [], []
        for index in indices:
            for number, track in enumerate(tracks):
                part = self._parts.get(id(track))
                if part is None or begin + index not in self._blank_bars[id(track)]:
                    continue
                blank = self._blank(part, bars[index])
                if blank.free.any():
                    places.append((number, index))
                    blanks.append(blank)
        return places, blanks

    def _blank(self, part: _Part, bar: ScoreBar) -> Blank:
        plan, last = self._plan, self._section[1]
        player = player_of(part.replaced[0])
        pitches = np.zeros(tok.PITCHES, dtype=bool)
        pitches[player.low : player.high + 1] = True
        within: dict[int, set[int]] = {}
        if not part.track.drums:
            for note in self._kept:
                if note.start in plan.chords and bar.start <= note.start < bar.end and note.instrument != "drums":
                    within.setdefault(note.start - bar.start, set()).add(note.pitch % 12)
        silences = [s.start_tick for s in plan.sections if s.silence and s.start_tick > bar.start]
        bias = np.zeros(tok.PITCHES) if part.track.drums else self._bias(bar)
        chords = {click: chord_pitches(classes) for click, classes in within.items()}
        return Blank(
            bar,
            part.track.drums,
            free_clicks(bar, plan, plan.chords),
            pitches,
            bias,
            part.voices,
            min([last, *silences]),
            chords,
        )

    def _bias(self, bar: ScoreBar) -> np.ndarray:
        """Return what pitches lose that the bar did not hold before; those outside the key where it held few."""
        heard = {
            note.pitch % 12
            for note in self._take.notes
            if note.instrument != "drums" and note.start < bar.end and note.end > bar.start
        }
        if len(heard) >= _MIN_CLASSES:
            return np.where(chord_pitches(heard), 0.0, -OUT_OF_KEY)
        try:
            shift, mode = keys.parse_key(self._take.key)
        except ValueError:
            return np.zeros(tok.PITCHES)
        minor = mode == "minor"
        return key_bias((shift + (9 if minor else 0)) % 12, minor=minor)

    def _asked(self, track: Track) -> tuple[int, ...]:
        part = self._parts[id(track)]
        player = player_of(part.replaced[0])
        low, high = (tok.note(pitch, drums=track.drums) for pitch in (player.low, player.high))
        return part.density, tok.LOWEST, low, tok.HIGHEST, high


def _name(note: Note) -> str:
    return note.player or note.instrument


def _program(note: Note) -> int:
    player = player_of(note)
    return tok.DRUMS if player.unpitched else player.program
