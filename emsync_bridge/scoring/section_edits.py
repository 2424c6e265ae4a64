"""Hits and moods that a person has edited, taken over inside a section of a cue and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from emsync_bridge.cue import EmotionCurve, HitPoint, Spotting, Take
from emsync_bridge.cue.trimming import cut_curve, laid_over
from emsync_bridge.errors import MusicError

_SAME = 1e-3
"""Seconds within which two times are one."""


def spotting_within(kept: Spotting, edited: Spotting, start: float, end: float) -> Spotting:
    """Return a spotting whose hits from one moment up to another are those of an edited one.

    Arguments:
        kept: The spotting that the music was composed for.
        edited: The same cut with other hits.
        start: Seconds.
        end: Seconds.

    Raises:
        MusicError: They are not of the same cut.
    """
    if kept.rate != edited.rate or abs(kept.duration - edited.duration) > _SAME:
        raise MusicError(
            "The edited hit points are of a cut of another length or frame rate",
            hint="Compose the whole cut again",
            setting="spotting",
        )

    def inside(hit: HitPoint) -> bool:
        return start - _SAME <= hit.time < end - _SAME

    hits = [hit for hit in kept.hits if not inside(hit)] + [hit for hit in edited.hits if inside(hit)]
    hits.sort(key=lambda hit: hit.time)
    return kept if tuple(hits) == kept.hits else replace(kept, hits=tuple(hits))


def curve_within(kept: EmotionCurve, edited: EmotionCurve, start: float, end: float) -> EmotionCurve:
    """Return a mood that is an edited one from one moment up to another, silences included.

    Arguments:
        kept: The mood that the music was composed for.
        edited: The mood as a person has set it.
        start: Seconds.
        end: Seconds.
    """
    return laid_over(kept, EmotionCurve(tuple(cut_curve(edited, start, end).spans)), start)


def release_at_silences(take: Take, curve: EmotionCurve) -> Take:
    """Return a take whose notes end where a silence begins, those included that were composed before it was set."""
    silences = [span.start for span in curve.spans if span.silence]
    starts = [round(take.tempo_map.tick(time)) for time in silences]
    notes = []
    for note in take.notes:
        ends = [tick for tick in starts if note.start < tick < note.end]
        notes.append(replace(note, end=min(ends)) if ends else note)
    return take if tuple(notes) == take.notes else replace(take, notes=tuple(notes))
