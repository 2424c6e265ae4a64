"""Helpers for tests of both XML formats: real exports, music to put in, and the clips that a cut shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineMarker
from emsync_bridge.timeline.placement import PlacedMarker, Placement

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample timelines are not here")

MARKERS = (
    PlacedMarker(3, "hit 1", "late by 0.4 ms"),
    PlacedMarker(7, "a < b & \"c\" 'd' é漢\x00", "", color="RED", duration=4),
)
MUSIC = Placement(Path("/music/my cut/é #1 100%.wav"), 20, 48000, 2, MARKERS)
STEMS = replace(MUSIC, stems=(("drums", Path("/music/d.wav")), ("bass", Path("/music/b.wav"))))


def foreign(model: CutModel) -> list[TimelineMarker]:
    return [marker for marker in model.markers if not marker.ours]


def top(model: CutModel, frame: int) -> TimelineClip | None:
    """Clip that shows at a frame: the highest picture, else the highest of the others."""
    time = frame / model.rate
    here = [leaf for leaf in model.leaves if leaf.start <= time < leaf.end and leaf.kind != "adjustment"]
    pictures = [leaf for leaf in here if leaf.kind in ("picture", "missing")]
    return max(pictures or here, key=lambda leaf: leaf.layer, default=None)


def opening(read: Callable[..., CutModel], path: Path) -> Callable[..., CutModel]:
    """Return what reads a document from its text."""

    def open_text(text: str, **choice) -> CutModel:
        path.write_text(text, encoding="utf-8")
        return read(path, **choice)

    return open_text


def placing(place: Callable[..., object], source: Path, output: Path) -> Callable[..., bytes]:
    """Return what puts music into a document, and sees that nothing else in its folder changes."""

    def run(document: str | bytes, music: Placement = MUSIC, **choice) -> bytes:
        data = document.encode() if isinstance(document, str) else document
        source.write_bytes(data)
        place(source, output, music, **choice)
        assert source.read_bytes() == data
        assert set(source.parent.iterdir()) == {source, output}
        return output.read_bytes()

    return run
