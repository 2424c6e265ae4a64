"""Form: phrases over the hits, and which theme each of them states.

A phrase lasts two to five bars. Phrases begin where scenes begin and at full accents; other hits fall inside phrases,
or at their edges where that costs little, so that a melody is not broken by every cut.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from emsync_bridge.music.planning.hit_ranks import RankedHit
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.scenes import Bar, Scene
from emsync_bridge.music.random_streams import stream

Part = Literal["intro", "theme", "build", "bridge", "coda", "silence"]
"""Purpose of a phrase: texture alone, a statement, a rise to a hit, music between statements, the last chord."""

Variant = Literal[
    "open", "close", "continuation", "head", "sequence", "inverted", "augmented", "diminished", "answer", "fragment", ""
]
"""Form in which a theme appears: its first four bars with an open or closed end, its middle, or a part changed."""

_COST = {1: 2.6, 2: 1.1, 3: 1.0, 4: 0.0, 5: 0.7}
"""Of a phrase by its number of bars."""

_AT_HIT = 1.3
"""Gain of a phrase that begins at a strong hit."""

_FRAGMENTED = frozenset({"tension", "fear"})
"""Characters in which only parts of a theme appear."""

_AUGMENTED = frozenset({"action", "triumph", "fear"})

INTRO_SECONDS = 4.5
"""Seconds of texture before the first statement, at most."""

_WHOLE = 3
"""Bars in which a theme can be stated whole."""

_LATE = 0.7
"""Share of a piece after which its first theme comes back whole."""

CODA_SECONDS = 2.6
"""Seconds of a last chord over which the theme's first notes are heard once more."""


@dataclass(frozen=True)
class Phrase:
    """A few bars with one purpose.

    Arguments:
        bars: Bars in order.
        scene: Index of its scene.
        part: Purpose.
        theme: Name of the theme; empty where none is stated.
        variant: Way in which the theme appears.
        level: Growth of the scoring inside its scene so far: 0, 1 or 2.
        turn: Number of the statement of its theme, from 0.
    """

    bars: tuple[Bar, ...]
    scene: int
    part: Part
    theme: str = ""
    variant: Variant = ""
    level: int = 0
    turn: int = 0

    @property
    def start(self) -> int:
        """Tick of its first bar line."""
        return self.bars[0].start

    @property
    def end(self) -> int:
        """Tick of the bar line after it."""
        return self.bars[-1].end


def phrases(
    plan: CompositionPlan, scenes: Sequence[Scene], hits: Sequence[RankedHit], grid: Sequence[Bar], seed: int
) -> tuple[Phrase, ...]:
    """Return the form of a piece: its phrases in order, without gaps.

    Arguments:
        plan: Its end and tempo.
        scenes: Scenes in order.
        hits: Ranked hits.
        grid: The bars.
        seed: Seed of what is drawn.
    """
    spans = _divided(plan, scenes, hits, grid)
    assigned = _assigned(plan, scenes, hits, spans, seed)
    return tuple(_reprise(assigned, scenes))


def labels(form: Sequence[Phrase]) -> list[str]:
    """Return a name for each phrase, all different: ``A``, ``A2``, ``B``, ``bridge``, ``bridge 2``."""
    counts: dict[str, int] = {}
    found = []
    for phrase in form:
        name = phrase.theme or phrase.part
        number = counts[name] = counts.get(name, 0) + 1
        space = "" if phrase.theme else " "
        found.append(name if number == 1 else f"{name}{space}{number}")
    return found


def _divided(
    plan: CompositionPlan, scenes: Sequence[Scene], hits: Sequence[RankedHit], grid: Sequence[Bar]
) -> list[tuple[int, tuple[Bar, ...]]]:
    """Return the phrases as (scene, bars)."""
    breaks = {scene.start for scene in scenes} | {hit.tick for hit in hits if hit.rank == "turn" or hit.final}
    inviting = {hit.tick for hit in hits if hit.rank in ("strong", "soft")}
    found: list[tuple[int, tuple[Bar, ...]]] = []
    for index, scene in enumerate(scenes):
        inside = [bar for bar in grid if scene.start <= bar.start < scene.end]
        if scene.silent:
            found.append((index, tuple(inside)))
            continue
        region: list[Bar] = []
        for bar in inside:
            if region and bar.start in breaks:
                found.extend((index, part) for part in _cut(region, inviting, plan))
                region = []
            region.append(bar)
        if region:
            found.extend((index, part) for part in _cut(region, inviting, plan))
    return found


def _cut(region: Sequence[Bar], inviting: set[int], plan: CompositionPlan) -> list[tuple[Bar, ...]]:
    """Return a region cut into phrases at the least cost."""
    if plan.final is not None and region[0].start == plan.final:
        return [tuple(region)]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(region) + 1):
        choices = []
        for length, cost in _COST.items():
            if length <= end:
                gain = _AT_HIT if end < len(region) and region[end].start in inviting else 0.0
                choices.append((best[end - length][0] + cost - gain, end - length))
        best.append(min(choices))
    cuts, at = [], len(region)
    while at:
        cuts.append((best[at][1], at))
        at = best[at][1]
    return [tuple(region[a:b]) for a, b in reversed(cuts)]


def _assigned(
    plan: CompositionPlan,
    scenes: Sequence[Scene],
    hits: Sequence[RankedHit],
    spans: Sequence[tuple[int, tuple[Bar, ...]]],
    seed: int,
) -> list[Phrase]:
    """Return the phrases with what each is for."""
    voiced = [i for i, scene in enumerate(scenes) if not scene.silent] or [0]
    found: list[Phrase] = []
    counts: dict[str, int] = {}
    in_scene: dict[int, int] = {}
    loud = {hit.tick for hit in hits if hit.rank == "turn" and not hit.final}
    for number, (index, bars) in enumerate(spans):
        scene = scenes[index]
        rng = stream(seed, "form", number)
        before = in_scene.get(index, 0)
        whole = sum(1 for i, _ in spans if i == index)
        level = min(2, 3 * before // max(1, whole)) if whole > 2 else min(before, 1)
        in_scene[index] = before + 1
        if scene.silent:
            found.append(Phrase(bars, index, "silence"))
            continue
        if plan.final is not None and bars[0].start >= plan.final:
            rings = plan.seconds(bars[-1].end) - plan.seconds(bars[0].start) >= CODA_SECONDS
            found.append(Phrase(bars, index, "coda", "A" if rings else "", "head" if rings else "", level))
            continue
        if not found and len(bars) >= 3 and _room(spans, hits) >= 6:
            found.extend(_opening(plan, bars, index, scene))
            if found[-1].theme:
                counts["A"] = 1
            continue
        theme = _theme_of(index, before, voiced, scene)
        phrase = _phrase(bars, scene, counts.get(theme, 0), loud, rng)
        if phrase[1]:
            found.append(Phrase(bars, index, phrase[0], theme, phrase[1], level, counts.get(theme, 0)))
            counts[theme] = counts.get(theme, 0) + 1
        else:
            found.append(Phrase(bars, index, phrase[0], level=level))
    return found


def _room(spans: Sequence[tuple[int, tuple[Bar, ...]]], hits: Sequence[RankedHit]) -> int:
    """Return the bars before the first hit."""
    first = min((hit.tick for hit in hits), default=10**9)
    return sum(1 for _, bars in spans for bar in bars if bar.start < first)


def _opening(plan: CompositionPlan, bars: tuple[Bar, ...], index: int, scene: Scene) -> list[Phrase]:
    """Return the first phrase with a bar or two of texture before the theme enters."""
    lead = 2 if plan.seconds(bars[1].end) - plan.seconds(0) <= INTRO_SECONDS and len(bars) > 3 else 1
    variant: Variant = "head" if scene.character in _FRAGMENTED or len(bars) - lead < 3 else "open"
    return [Phrase(bars[:lead], index, "intro"), Phrase(bars[lead:], index, "theme", "A", variant)]


def _theme_of(index: int, before: int, voiced: Sequence[int], scene: Scene) -> str:
    """Return the theme of a phrase: A at both ends and in dark scenes, B for contrast."""
    if len(voiced) == 1:
        return "B" if before % 5 in (2, 3) else "A"
    if index in (voiced[0], voiced[-1]):
        return "B" if before >= 4 and before % 4 in (0, 1) else "A"
    dark = scene.character in _FRAGMENTED or scene.character == "sad"
    return "A" if dark or voiced.index(index) % 3 == 2 else "B"


def _phrase(bars: tuple[Bar, ...], scene: Scene, turn: int, loud: set[int], rng: random.Random) -> tuple[Part, Variant]:
    """Return what a phrase is for and how its theme appears."""
    draw = rng.random()
    count, before_turn = len(bars), bars[-1].end in loud
    if scene.character in _FRAGMENTED:
        return _fragment(count, turn, draw, before_turn=before_turn)
    if count < 4:
        return _short(count, turn, draw, before_turn=before_turn)
    if scene.character in _AUGMENTED and turn % 4 == 2:
        return "theme", "augmented"
    if turn % 8 == 7:
        return "theme", "inverted"
    return "theme", ("open", "close", "continuation", "close")[turn % 4]


def _short(count: int, turn: int, draw: float, *, before_turn: bool) -> tuple[Part, Variant]:
    """Return what a phrase of one to three bars is for."""
    if count == 1:
        return ("build", "fragment") if before_turn and draw < 0.5 else ("bridge", "")
    if before_turn:
        return "build", "sequence"
    if count == 2:
        return ("theme", "head") if draw < 0.7 else ("bridge", "answer")
    return "theme", "open" if turn % 2 == 0 else "close"


def _fragment(count: int, turn: int, draw: float, *, before_turn: bool) -> tuple[Part, Variant]:
    if count == 1:
        return "bridge", ""
    if before_turn:
        return "build", "sequence"
    kinds: tuple[Variant, ...] = ("head", "fragment", "head", "augmented")
    if turn % 3 == 2 and draw < 0.5:
        return "bridge", ""
    return "theme", kinds[turn % 4]


def _reprise(found: list[Phrase], scenes: Sequence[Scene]) -> list[Phrase]:
    """Return the phrases with the first statement and the last ones given to the first theme, whole where they fit."""
    able = [i for i, each in enumerate(found) if each.part in ("theme", "build", "bridge") and len(each.bars) >= 2]
    if not able:
        return found
    first, last = able[0], able[-1]
    roomy = [i for i in able if len(found[i].bars) >= _WHOLE and found[i].start >= _LATE * found[-1].end]
    # Where the music ends in a short phrase, the theme comes back whole in the one before.
    for i in {first, last, *roomy[-1:]}:
        fragmented = scenes[found[i].scene].character in _FRAGMENTED and i == first and i != last
        whole = len(found[i].bars) >= _WHOLE and not fragmented
        variant: Variant = ("open" if i == first else "close") if whole else "head"
        found[i] = replace(found[i], part="theme", theme="A", variant=variant)
    return found
