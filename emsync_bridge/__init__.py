"""Music for a cut, composed from the editor's own timeline.

The functions of ``api`` and the classes that they take are offered here; each is imported at its first use:

    import emsync_bridge
    from emsync_bridge import EmotionOptions, MusicOptions, ReadOptions, ScoreOptions, Section, TakeOptions

    options = ScoreOptions(
        read=ReadOptions(between=(10.0, 16.0)),
        emotion=EmotionOptions(mood="hope"),
        music=MusicOptions(key="D minor", bpm=96),
        takes=TakeOptions(seed=7),
    )
    scored = emsync_bridge.score("CUT.otio", "music", options)
    print(scored.files["audio"], scored.cue.take.key)

    again = emsync_bridge.redo("CUT.otio", scored.cue, Section(0.0, 3.0), "again", options)
    moved, report = emsync_bridge.conform("CUT_v2.otio", scored.cue, "music", options)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emsync_bridge.api import CutMood, compose, conform, feel, place, redo, render_midi, score, spot
    from emsync_bridge.errors import EmsyncError
    from emsync_bridge.options import (
        EmotionOptions,
        MusicOptions,
        ReadOptions,
        RenderOptions,
        Sampling,
        ScoreOptions,
        TakeOptions,
    )
    from emsync_bridge.scoring.conform.conform import Conformed
    from emsync_bridge.scoring.job import ScoringResult, Section

__version__ = "0.2.0"

__all__ = [
    "Conformed",
    "CutMood",
    "EmotionOptions",
    "EmsyncError",
    "MusicOptions",
    "ReadOptions",
    "RenderOptions",
    "Sampling",
    "ScoreOptions",
    "ScoringResult",
    "Section",
    "TakeOptions",
    "__version__",
    "compose",
    "conform",
    "feel",
    "place",
    "redo",
    "render_midi",
    "score",
    "spot",
]

_HOMES = {
    "emsync_bridge.api": ("CutMood", "compose", "conform", "feel", "place", "redo", "render_midi", "score", "spot"),
    "emsync_bridge.errors": ("EmsyncError",),
    "emsync_bridge.options": (
        "EmotionOptions", "MusicOptions", "ReadOptions", "RenderOptions", "Sampling", "ScoreOptions", "TakeOptions",
    ),
    "emsync_bridge.scoring.conform.conform": ("Conformed",),
    "emsync_bridge.scoring.job": ("ScoringResult", "Section"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
