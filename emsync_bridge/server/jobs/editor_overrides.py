"""Facts that an editor's API knows better than its export, laid over those that were read from the export."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from emsync_bridge.server.jobs.requests import Editor, EditorMarker

if TYPE_CHECKING:
    from emsync_bridge.timeline.cut.model import CutModel, TimelineMarker


def with_editor_markers(model: CutModel, editor: Editor) -> CutModel:
    """Return a cut with the timeline markers that the editor tells of, and with what does not fit said.

    Arguments:
        model: Contents of the export.
        editor: Answers of the editor's API.
    """
    odd = []
    if editor.rate is not None and Fraction(editor.rate) != model.rate:
        odd.append(
            f"The editor counts {editor.rate} frames per second, its export {model.rate}; the export is followed."
        )
    if editor.start_frame is not None and editor.start_frame != model.start_frame:
        odd.append(f"The editor's timeline starts at frame {editor.start_frame}, its export at {model.start_frame}.")
    markers = model.markers
    if editor.markers is not None:
        kept = [marker for marker in model.markers if marker.scope != "timeline" or marker.ours]
        told = [_marker(marker, model.rate) for marker in editor.markers]
        markers = tuple(sorted((*kept, *told), key=lambda marker: marker.time))
    return replace(model, markers=markers, warnings=(*model.warnings, *odd))


def _marker(marker: EditorMarker, rate: Fraction) -> TimelineMarker:
    from emsync_bridge.timeline.cut.model import TimelineMarker

    duration = Fraction(marker.duration) if marker.duration > 1 else Fraction(0)  # Resolve: 1 frame is a point
    return TimelineMarker(
        Fraction(marker.frame) / rate, duration / rate, marker.name, marker.note, marker.color.upper()
    )
