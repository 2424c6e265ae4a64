"""Shared vocabulary of cut, mood and music, as frozen values.

Times are seconds (float) from the timeline's first frame unless a name says otherwise. Rates are exact
fractions of frames per second. Ticks are 1/24 of a quarter note. ``serialization``
writes the values as JSON, ``cue_file`` reads a ``.cue.json`` file, ``trimming`` cuts a range out. Entry point: the
names below.
"""

from emsync_bridge.cue.emotion import Affect, Ekman, EmotionCurve, EmotionSpan
from emsync_bridge.cue.notes import INSTRUMENTS, OFFSETS_PER_TICK, ROLES, Control, Instrument, Note, Role
from emsync_bridge.cue.short_score import ChordSpan, Gesture, ScoreSection, ShortScore, Statement, Theme, ThemeNote
from emsync_bridge.cue.spotting import (
    DetectedShots,
    Directive,
    HitKind,
    HitPoint,
    Shot,
    Spotting,
    TextSource,
    TimedText,
)
from emsync_bridge.cue.take import Cue, HitAnswer, Take
from emsync_bridge.cue.tempo import TICKS_PER_QUARTER, Meter, Tempo, TempoMap

__all__ = [
    "INSTRUMENTS",
    "OFFSETS_PER_TICK",
    "ROLES",
    "TICKS_PER_QUARTER",
    "Affect",
    "ChordSpan",
    "Control",
    "Cue",
    "DetectedShots",
    "Directive",
    "Ekman",
    "EmotionCurve",
    "EmotionSpan",
    "Gesture",
    "HitAnswer",
    "HitKind",
    "HitPoint",
    "Instrument",
    "Meter",
    "Note",
    "Role",
    "ScoreSection",
    "ShortScore",
    "Shot",
    "Spotting",
    "Statement",
    "Take",
    "Tempo",
    "TempoMap",
    "TextSource",
    "Theme",
    "ThemeNote",
    "TimedText",
]
