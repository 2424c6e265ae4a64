"""Options of the music as a generator needs them: plan, mode, transposition and instruments; refusals of the rest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from emsync_bridge.cue import EmotionCurve, Spotting
from emsync_bridge.errors import MusicError
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.planning.plan import CompositionPlan, plan_composition
from emsync_bridge.options import MusicOptions, RedoOptions


@dataclass(frozen=True)
class SectionChange:
    """Request to compose a section of a take again.

    Arguments:
        start: Seconds; the edge moves to the nearest hit, bar line, beginning or end.
        end: Seconds; likewise.
        seed: Seed of everything that is drawn.
        options: Options of the music; the take's own when None.
        parts: Roles, players or families that are written again, or that stay; all are written by default.
    """

    start: float
    end: float
    seed: int
    options: MusicOptions | None = None
    parts: RedoOptions = field(default_factory=RedoOptions)


def mode_of(options: MusicOptions) -> keys.Mode | None:
    """Return the mode that the music is held to, None where the options name no key."""
    return None if options.key is None else keys.parse_key(options.key)[1]


def draw_shift(options: MusicOptions, rng: np.random.Generator) -> int:
    """Return the transposition in semitones from C major or A minor.

    Arguments:
        options: Options whose key holds before their transposition; without either it is drawn, from -5 to 6.
        rng: Random numbers, drawn in any case, so that later draws do not depend on the options.
    """
    drawn = int(rng.integers(-5, 7))
    if options.key is not None:
        return keys.parse_key(options.key)[0]
    return drawn if options.transpose is None else options.transpose


_OF_PLAYERS = {
    "under_dialogue": "makes way for dialogue",
    "palette": "has a palette",
    "lead": "has a leading player",
    "themes": "states themes",
    "theme": "states themes",
    "theme_book": "states themes",
}
"""Options that the network alone cannot meet, and what it lacks for them."""


def for_network(options: MusicOptions) -> MusicOptions:
    """Return options with the instruments that are left out taken from the ensemble.

    Raises:
        MusicError: Nobody is left to play, or only players could do what is asked.
    """
    for setting, what in _OF_PLAYERS.items():
        if getattr(options, setting):
            raise MusicError(
                f"Only music that is arranged for players {what}",
                hint="Use the style orchestra, or leave this option out",
                setting=setting,
            )
    playing = tuple(name for name in options.ensemble if name not in options.without)
    if not playing:
        raise MusicError("No instrument is left to play", hint="Leave out fewer", setting="without")
    return replace(options, ensemble=playing, without=())


def plan_for(spotting: Spotting, curve: EmotionCurve, options: MusicOptions) -> CompositionPlan:
    """Return the plan for a cut, its mood and what else is asked.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    check_options(options)
    return plan_composition(
        spotting,
        curve,
        bpm=options.bpm,
        meter=options.meter,
        max_bend=options.max_bend,
        smooth=options.smooth_tempo,
    )


def check_options(options: MusicOptions) -> None:
    """Refuse options that cannot be met.

    Raises:
        MusicError: Nobody could play a chord, or there is no such key.
    """
    if not any(instrument != "drums" for instrument in options.ensemble):
        raise MusicError(
            "A hit needs a chord, and drums have none",
            hint="Add an instrument such as piano or strings",
            setting="ensemble",
        )
    if options.key is not None:
        try:
            keys.parse_key(options.key)
        except ValueError:
            raise MusicError(f"{options.key!r} is not a key", hint=keys.key_advice(options.key)) from None
