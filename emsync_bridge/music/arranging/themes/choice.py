"""Choice of the motifs that the themes of a piece grow from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emsync_bridge.cue import (
    TICKS_PER_QUARTER,
    Affect,
    Theme,
)
from emsync_bridge.errors import MusicError
from emsync_bridge.music.arranging.themes.meters import MotifMeter
from emsync_bridge.music.arranging.themes.motifs import BAR, Motif
from emsync_bridge.music.arranging.themes.statements import (
    BARS,
    invert_theme,
    theme_from,
    theme_of,
)
from emsync_bridge.music.random_streams import stream

WORST_MOTIF = -1.5
"""Score of written melody's median; motifs below it are used only where there is no other."""

_CHOICE = 48
"""Motifs that suit a piece at most."""

_MOOD = 0.9
"""Score that a motif loses by a mood that is 1 away."""

_STAYS = 2.5
"""Score that a motif loses by repeating every note."""

_AWAY = 1.2
"""Score that a motif loses by staying on the notes of the dominant that the tonic lacks: it hides the key."""

_APART = 4
"""Motifs that each seed has to itself."""

_FIGURE = 4
"""Steps of a figure by which a listener tells two motifs from each other."""


def motifs_in_meter(motifs: Sequence[Motif], meter: MotifMeter) -> list[Motif]:
    """Return the motifs of a meter; those in 4/4 too where it has too few to choose from.

    Arguments:
        motifs: Motifs to choose from.
        meter: Meter as ``meters.wanted_meter`` returns it.
    """
    own = [motif for motif in motifs if motif.meter == meter]
    return own if len(own) >= _CHOICE or meter == "4/4" else [m for m in motifs if m.meter in (meter, "4/4")]


def suitable_motifs(motifs: Sequence[Motif], affect: Affect, bpm: float, cut: str) -> list[Motif]:
    """Return the motifs that suit a piece, in an order that belongs to its cut.

    Arguments:
        motifs: Motifs to choose from.
        affect: Mood of the piece.
        bpm: Base tempo: quick motifs do not suit a fast one.
        cut: Fingerprint of the cut.
    """

    def value(motif: Motif) -> float:
        away = abs(motif.affect.valence - affect.valence) + 0.5 * abs(motif.affect.arousal - affect.arousal)
        hurried = max(0.0, len(motif.notes) * bpm / 60 / (2 * motif.bar / TICKS_PER_QUARTER) - 2.2)
        stays = sum(step == 0 for step in motif.contour) / len(motif.contour)
        return motif.score - _MOOD * away - hurried - _STAYS * stays - _AWAY * max(0.0, _leaning(motif))

    ordered = sorted(motifs, key=value, reverse=True)
    best = _unlike([motif for motif in ordered if motif.score >= WORST_MOTIF] or ordered)[:_CHOICE]
    return stream(0, "motifs", cut).sample(best, len(best))


def _leaning(motif: Motif) -> float:
    """Return how much more of a motif the leading note and the second degree sound than the tonic and the third."""
    length = sum(note.length for note in motif.notes)
    dominant = sum(note.length for note in motif.notes if note.degree % 7 in (1, 6))
    tonic = sum(note.length for note in motif.notes if note.degree % 7 in (0, 2))
    return (dominant - tonic) / max(1, length)


def _unlike(motifs: Sequence[Motif]) -> list[Motif]:
    """Return the motifs without those that share a figure of five notes with one before them."""
    heard: set[tuple[tuple[int, int], ...]] = set()
    found = []
    for motif in motifs:
        steps = list(zip(motif.contour, (note.length for note in motif.notes), strict=False))
        figures = {tuple(steps[i : i + _FIGURE]) for i in range(len(steps) - _FIGURE + 1)}
        if not figures & heard:
            found.append(motif)
            heard |= figures
    return found


def chosen_themes(
    motifs: Sequence[Motif], given: Sequence[Theme], named: Sequence[str], seed: int
) -> tuple[Theme, ...]:
    """Return the themes of a piece: those that are given, and where there is none, one from a motif.

    Each seed has four motifs of its own, until all are used, so that takes of neighbouring seeds do not share a tune.

    Arguments:
        motifs: Motifs to choose from, as ``suitable_motifs`` orders them.
        given: Themes of a person; the one named ``A`` or the first is the main theme.
        named: Names of themes that the cut asks for.
        seed: Seed of the take.

    Raises:
        MusicError: There is neither a theme nor a motif.
    """
    themes = {theme.name: _whole(theme, seed) for theme in given}
    turned = [motifs[(_APART * seed + step) % len(motifs)] for step in range(len(motifs))]
    first = turned[0] if turned else None
    if "A" not in themes:
        free = [theme for name, theme in themes.items() if name not in named]
        if free:
            themes["A"] = replace(free[0], name="A")
        elif first is not None:
            themes["A"] = theme_of(first, "A", seed, "motif")
        elif themes:
            themes["A"] = replace(next(iter(themes.values())), name="A")
        else:
            raise MusicError("There is neither a theme nor a motif to make one of")
    others = [motif for motif in turned[1:] if first is None or _contrasts(motif, first)]
    for number, name in enumerate(("B", *named)):
        if name not in themes:
            themes[name] = (
                theme_of(others[number], name, seed, "motif")
                if len(others) > number
                else invert_theme(themes["A"], name)
            )
    return tuple(sorted(themes.values(), key=lambda theme: (theme.name not in ("A", "B"), theme.name)))


def _whole(theme: Theme, seed: int) -> Theme:
    """Return a given theme with eight bars."""
    if theme.length == BARS * BAR:
        return theme
    return theme_from(theme.notes, theme.length, theme.name, minor=theme.minor, source=theme.source, seed=seed)


def _contrasts(motif: Motif, first: Motif) -> bool:
    common = len(set(motif.rhythm) & set(first.rhythm)) / len(set(motif.rhythm) | set(first.rhythm))
    return common < 0.7 and motif.contour[:3] != first.contour[:3]
