"""Scenes: stretches of like mood, each with a character, a mode and an intensity; and the bars that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from emsync_bridge.cue import TICKS_PER_QUARTER, Affect, EmotionCurve
from emsync_bridge.music.planning.plan import CompositionPlan

Character = Literal[
    "calm", "sad", "warm", "tension", "neutral", "joy", "triumph", "action", "fear", "drive"
]  # fmt: skip
CHARACTERS: tuple[Character, ...] = (
    "calm", "sad", "warm", "tension", "neutral", "joy", "triumph", "action", "fear", "drive",
)  # fmt: skip

MINOR: frozenset[Character] = frozenset({"sad", "tension", "fear", "action", "drive"})

ALIKE = 0.3
"""Difference in valence or arousal from which a mood is another scene."""

MIN_SCENE = 3.0
"""Seconds under which a stretch of another mood belongs to its neighbour."""

_DARK = -0.1
"""Valence under which even neutral music is in a minor key."""

MIN_BAR_TICKS = 3 * TICKS_PER_QUARTER // 2
"""Ticks under which a bar is joined to its neighbour."""


@dataclass(frozen=True)
class Bar:
    """A bar, or a shorter or longer one that ends at a hit; ``anchored`` where a section begins."""

    start: int
    end: int
    anchored: bool = False

    @property
    def length(self) -> int:
        """Ticks."""
        return self.end - self.start


@dataclass(frozen=True)
class Scene:
    """A stretch of one mood.

    Arguments:
        start: Tick.
        end: Tick.
        affect: Mean mood.
        character: Character that the music is like.
        minor: Its mode.
        intensity: Intensity from 0 to 1, rising with arousal.
        silent: Whether no music is wanted.
    """

    start: int
    end: int
    affect: Affect
    character: Character
    minor: bool
    intensity: float
    silent: bool = False


def character_of(affect: Affect) -> Character:
    """Return the character of music for a mood."""
    valence, arousal = affect.valence, affect.arousal
    if arousal < -0.3:
        return "calm" if valence >= 0 else "sad"
    if arousal < 0.35:
        return "warm" if valence > 0.25 else "tension" if valence < -0.25 else "neutral"
    if valence > 0.2:
        return "joy" if arousal < 0.65 else "triumph"
    if valence < -0.1:
        return "fear" if valence < -0.45 and arousal < 0.85 else "action"
    return "drive"


def intensity_of(affect: Affect) -> float:
    """Return how intense music for a mood is, from 0.08 to 1."""
    return max(0.08, min(1.0, 0.5 + 0.48 * affect.arousal))


def bars(plan: CompositionPlan) -> tuple[Bar, ...]:
    """Return the bars of a plan, cut where sections begin; none is shorter than a beat and a half.

    Arguments:
        plan: Its bar lines, sections and last chord.
    """
    anchors = {section.start_tick for section in plan.sections} | {plan.end}
    if plan.final is not None:
        anchors.add(plan.final)
    cuts = sorted({*plan.bar_lines, *anchors})
    joined: list[Bar] = []
    for start, end in pairwise(cut for cut in cuts if cut <= plan.end):
        before = joined[-1] if joined else None
        short_end = end - start < MIN_BAR_TICKS and start not in anchors
        short_start = before is not None and before.length < MIN_BAR_TICKS and start not in anchors
        if before is not None and (short_end or short_start):
            joined[-1] = replace(before, end=end)
        else:
            joined.append(Bar(start, end, start in anchors))
    return tuple(joined)


def scenes(
    plan: CompositionPlan, curve: EmotionCurve, grid: Sequence[Bar], *, minor: bool | None = None
) -> tuple[Scene, ...]:
    """Return the scenes of a piece, in order and without gaps; they begin on bars.

    Arguments:
        plan: Plan that ties ticks to seconds and knows the silences.
        curve: The mood.
        grid: The piece's bars.
        minor: Mode that is asked for; by the character when None.
    """
    moods = [_mood(plan, curve, bar) for bar in grid]
    groups: list[list[int]] = []
    for index, (affect, silent) in enumerate(moods):
        if groups:
            mean = _mean([(moods[i][0], grid[i].length) for i in groups[-1]])
            if moods[groups[-1][0]][1] == silent and _alike(mean, affect):
                groups[-1].append(index)
                continue
        groups.append([index])
    found = []
    for group in _without_short(groups, moods, grid, plan):
        affect = _mean([(moods[i][0], grid[i].length) for i in group])
        character = character_of(affect)
        found.append(
            Scene(
                grid[group[0]].start,
                grid[group[-1]].end,
                affect,
                character,
                (character in MINOR or affect.valence < _DARK) if minor is None else minor,
                intensity_of(affect),
                moods[group[0]][1],
            )
        )
    return tuple(found)


def scene_at(found: Sequence[Scene], tick: int) -> Scene:
    """Return the scene that a tick lies in; the last one after the end."""
    return next((scene for scene in found if scene.start <= tick < scene.end), found[-1])


def _mood(plan: CompositionPlan, curve: EmotionCurve, bar: Bar) -> tuple[Affect, bool]:
    """Return the mood in the middle of a bar, and whether it is silent.

    Where a section is felt as one by the plan, a mood that changes inside it still changes on the nearest bar.
    """
    middle = (plan.seconds(bar.start) + plan.seconds(bar.end)) / 2
    return curve.at(middle).affect.clipped(), plan.section_at(bar.start).silence


def _alike(a: Affect, b: Affect) -> bool:
    return abs(a.valence - b.valence) < ALIKE and abs(a.arousal - b.arousal) < ALIKE


def _mean(moods: Sequence[tuple[Affect, int]]) -> Affect:
    total = sum(length for _, length in moods) or 1
    return Affect(
        sum(affect.valence * length for affect, length in moods) / total,
        sum(affect.arousal * length for affect, length in moods) / total,
    )


def _without_short(
    groups: list[list[int]], moods: Sequence[tuple[Affect, bool]], grid: Sequence[Bar], plan: CompositionPlan
) -> list[list[int]]:
    """Return groups of bars with those that are too short for a scene joined to the one before or after."""
    kept: list[list[int]] = []
    for group in groups:
        seconds = plan.seconds(grid[group[-1]].end) - plan.seconds(grid[group[0]].start)
        silent = moods[group[0]][1]
        if kept and moods[kept[-1][0]][1] == silent and (seconds < MIN_SCENE or _short(kept[-1], grid, plan)):
            kept[-1].extend(group)
        else:
            kept.append(list(group))
    return kept


def _short(group: Sequence[int], grid: Sequence[Bar], plan: CompositionPlan) -> bool:
    return plan.seconds(grid[group[-1]].end) - plan.seconds(grid[group[0]].start) < MIN_SCENE
