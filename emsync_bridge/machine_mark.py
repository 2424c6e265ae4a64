"""Mark of machine-made music in every file: a program made it, with which generator, from which seed.

Article 50 of Regulation (EU) 2024/1689 asks for a mark that machines can read, and societies of authors register works
only by what a person did. So every file carries the same sentence and the term of the IPTC's vocabulary.
"""

from __future__ import annotations

from typing import Any

from emsync_bridge import __version__
from emsync_bridge.cue import Cue, Take

DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term for media made by a trained model."""


def machine_mark(take: Take) -> str:
    """Return one sentence that says that the music is made by a machine, and by which."""
    return f"Machine-made music: emsync-bridge {__version__}, generator {take.model or 'unknown'}, seed {take.seed}"


def mark_document(take: Take) -> dict[str, str]:
    """Return the mark for JSON documents."""
    return {"made_by": machine_mark(take), "digital_source_type": DIGITAL_SOURCE}


def human_part(cue: Cue) -> dict[str, Any]:
    """Return what a person decided of a cue: hits, moods, sections, takes, options.

    Arguments:
        cue: The cue as it was rendered.
    """
    settings = dict(cue.settings)
    redone = settings.pop("redo", None)
    ordered = [
        {"start": round(span.start, 3), "end": round(span.end, 3), "mood": span.reason}
        for span in cue.curve.spans
        if span.confidence >= 1.0
    ]
    return {
        "hit_points_from_markers": sum(hit.kind == "marker" for hit in cue.spotting.hits),
        "directives": [{"start": each.start, "text": each.text} for each in cue.spotting.directives],
        "moods_set": ordered,
        "sections_recomposed": str(redone).split("; ") if redone else [],
        "take_chosen": {"take": cue.chosen + 1, "of": len(cue.takes)},
        "options": settings,
        "machine": mark_document(cue.take),
    }
