"""Arranged music a chapter at a time, ahead of what is heard, and written again from a bar line on when that is asked.

A chapter is arranged in a few milliseconds a bar. A cut of up to ten minutes is one chapter, so that its form is whole;
longer music, and improvisation, goes on in chapters of the same themes and key.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import Control, EmotionCurve, Note, ShortScore, Spotting, Take, Theme
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranged_takes import for_players, with_speech
from emsync_bridge.music.arranging.arranger import arrange, compose_take
from emsync_bridge.music.arranging.outline import Material, PieceInputs
from emsync_bridge.music.arranging.rewriting import rearrange_section
from emsync_bridge.music.arranging.themes.motifs import Motif
from emsync_bridge.music.generation.take import hit_answers
from emsync_bridge.music.planning.chapters import chapter_of
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.options import MusicOptions

WHOLE = 600.0
"""Seconds of a cut that is arranged at once at most."""

CHAPTER = 150.0
"""Seconds of a chapter of longer music."""

_SEED_STEP = 104_729


@dataclass(frozen=True)
class _Chapter:
    """Music from one bar line to another; the take's ticks count from its start."""

    start: int
    end: int
    take: Take


class ArrangedStream:
    """A piece for players in the making.

    Arguments:
        plan: Tempo, hits and sections.
        cut: The cut and its mood.
        seed: Seed of everything that is drawn.
        options: Options of the music.
        motifs: Motifs that themes may grow from.
        begin: Seconds; the music begins at the last bar line before.
    """

    def __init__(
        self,
        plan: CompositionPlan,
        cut: tuple[Spotting, EmotionCurve],
        *,
        seed: int,
        options: MusicOptions,
        motifs: Sequence[Motif],
        begin: float = 0.0,
    ) -> None:
        self.plan, self.seed = plan, seed
        self._spotting, self._curve = cut
        asked = for_players(options, cut[0])
        # The mood to come is not known, and an orchestra can follow any.
        self._options, self._motifs = replace(asked, palette=asked.palette or "orchestra"), motifs
        lines = [line for line in plan.bar_lines[:-1] if plan.seconds(line) <= begin + 1e-6]
        self.first = lines[-1] if lines else 0
        self._themes: tuple[Theme, ...] = ()
        self._key = ""
        self._chapters: list[_Chapter] = []
        self._changes = 0

    @property
    def composed(self) -> float:
        """Seconds up to which it is arranged."""
        return self.plan.seconds(self._end)

    @property
    def begins(self) -> float:
        """Seconds at which it begins."""
        return self.plan.seconds(self.first)

    @property
    def over(self) -> bool:
        """True once all of the piece is arranged."""
        return self._end >= self.plan.end

    @property
    def _end(self) -> int:
        return self._chapters[-1].end if self._chapters else self.first

    @one_blas_thread()
    def compose_bar(self) -> None:
        """Arrange the next chapter.

        Raises:
            MusicError: The options ask for what cannot be met.
        """
        if self.over:
            return
        whole = self.plan.seconds(self.plan.end) <= WHOLE
        start = 0 if whole else self._end
        end = self.plan.end if whole else self._chapter_end(start)
        brief = self._brief(start, end)
        seed = self.seed + _SEED_STEP * len(self._chapters)
        if self._themes:
            material = Material(self._themes, keys.tonic_of(self._key), seed)
            take = compose_take(brief, material)
        else:
            take = arrange(brief.plan, brief.spotting, brief.curve, self._motifs, self._options, seed)
            self._themes, self._key = (take.score or ShortScore()).themes, take.key
        self._chapters.append(_Chapter(start, end, take))

    def next_bar_line(self, seconds: float) -> int | None:
        """Return the first bar line at or after a moment from which it can be written again; None past the last."""
        place = bisect_left(self.plan.bar_lines, seconds - 1e-6, key=self.plan.seconds)
        line = self.plan.bar_lines[place] if place < len(self.plan.bar_lines) else None
        return line if line is not None and self.first <= line <= self._end and line < self.plan.end else None

    @one_blas_thread()
    def change(self, plan: CompositionPlan, tick: int, spotting: Spotting, curve: EmotionCurve) -> None:
        """Go by another plan from a bar line on; what was written after it is written again.

        Arguments:
            plan: The same as the present one before the bar line.
            tick: Tick as ``next_bar_line`` returns it.
            spotting: The cut as it is wanted now.
            curve: The mood as it is wanted now.
        """
        self.plan, self._spotting, self._curve = plan, spotting, curve
        self._changes += 1
        while self._chapters and self._chapters[-1].start >= tick > self.first:
            self._chapters.pop()
        if not self._chapters or self._chapters[-1].end <= tick:
            return
        chapter = self._chapters.pop()
        end = plan.end if chapter.start == 0 and plan.seconds(plan.end) <= WHOLE else self._chapter_end(chapter.start)
        brief = self._brief(chapter.start, end)
        again = rearrange_section(
            chapter.take,
            brief,
            start=tick - chapter.start,
            end=end - chapter.start,
            seed=self.seed + self._changes,
        )
        self._chapters.append(_Chapter(chapter.start, end, again))

    def take(self, spotting: Spotting) -> Take:
        """Return what is arranged so far."""
        notes, _ = self.notes_from(self.first)
        first = self._chapters[0].take if self._chapters else None
        return Take(
            seed=self.seed,
            notes=tuple(notes),
            tempo_map=self.plan.tempo.tempo_map,
            key=self._key,
            answers=hit_answers(spotting, notes, self.plan) if self.over else (),
            controls=tuple(self.controls()),
            score=first.score if first is not None and len(self._chapters) == 1 else None,
        )

    def notes_from(self, tick: int) -> tuple[list[Note], int]:
        """Return the notes that begin at or after a tick, and the tick up to which it is arranged."""
        found = [
            replace(note, start=note.start + chapter.start, end=note.end + chapter.start)
            for chapter in self._chapters
            if chapter.end > tick
            for note in chapter.take.notes
            if note.start + chapter.start >= max(tick, self.first)
        ]
        return found, self._end

    def controls(self) -> list[Control]:
        """Return the controllers of what is arranged so far, in order of tick."""
        return [
            replace(control, tick=control.tick + chapter.start)
            for chapter in self._chapters
            for control in chapter.take.controls
        ]

    def _brief(self, start: int, end: int) -> PieceInputs:
        plan, spotting, curve = chapter_of(self.plan, self._spotting, self._curve, start, end)
        return PieceInputs(plan, spotting, curve, with_speech(self._options, spotting))

    def _chapter_end(self, start: int) -> int:
        """Return the bar line at which a chapter ends, that of the piece where little would be left."""
        wanted = self.plan.seconds(start) + CHAPTER
        if self.plan.seconds(self.plan.end) <= wanted + CHAPTER / 2:
            return self.plan.end
        place = bisect_left(self.plan.bar_lines, wanted, key=self.plan.seconds)
        return max(self.plan.bar_lines[place], next(line for line in self.plan.bar_lines if line > start))
