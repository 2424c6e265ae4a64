"""What is handed back beside the music: the cue, its picture, the timeline with the music, and lists of its markers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import Cue, to_document

if TYPE_CHECKING:
    from emsync_bridge.timeline.cut_model import CutModel
    from emsync_bridge.timeline.placement import Placement


def stem_of(source: Path) -> str:
    """Return the beginning of the results' names."""
    return source.resolve().stem


def describe(cue: Cue, room: Path, stem: str) -> dict[str, Path]:
    """Write the cue as JSON and as a picture; return the files."""
    from emsync_bridge.render.chart import draw_cue

    document, picture = room / f"{stem}.cue.json", room / f"{stem}.png"
    document.write_text(json.dumps(cue_document(cue), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw_cue(cue, picture)
    return {"cue": document, "picture": picture}


def cue_document(cue: Cue) -> dict[str, Any]:
    """Return a cue as its JSON document, with the answer to every hit point first, for people."""
    from emsync_bridge.timecode import to_timecode

    spotting = cue.spotting
    answers = {answer.hit: answer for answer in cue.take.answers}
    hits = [
        {
            "timecode": to_timecode(spotting.start_frame + hit.frame, spotting.rate, spotting.drop_frame),
            "kind": hit.kind,
            "name": hit.name,
            "onset": answers[index].onset if index in answers else None,
            "error_ms": answers[index].error_ms if index in answers else None,
        }
        for index, hit in enumerate(spotting.hits)
    ]
    return {"hits": hits, **to_document(cue)}


def write_back(
    source: Path, model: CutModel, cue: Cue, files: Mapping[str, Path], out: Path, sequence: str | None
) -> tuple[dict[str, Path], list[str]]:
    """Write the timeline with the music in its own format, and what else carries the music and its markers.

    Returns:
        The files by what they are, and what is to be said.
    """
    from emsync_bridge.timeline.marker_csv import write_marker_csv
    from emsync_bridge.timeline.marker_edl import write_marker_edl
    from emsync_bridge.timeline.media_url import is_absolute
    from emsync_bridge.timeline.otio_fresh import write_new
    from emsync_bridge.timeline.place import REWRITTEN, music_only, place
    from emsync_bridge.timeline.sniff import Format, sniff

    stems = tuple((kind.removeprefix("stem "), path) for kind, path in files.items() if kind.startswith("stem "))
    placement = placement_of(cue, files["audio"], stems)
    kind, stem = sniff(source), stem_of(source)
    written: dict[str, Path] = {}
    odd: list[str] = []
    if kind in REWRITTEN:
        written["timeline"] = out / f"{stem}.scored{source.suffix}"
        odd = place(source, written["timeline"], placement, sequence=sequence)
    if kind is not Format.OTIO:
        written["otio"] = out / f"{stem}.scored.otio"
        write_new(model, written["otio"], placement, media_folder=source.resolve().parent)
    written["music only"] = music_only(source, model, placement, out / f"{stem}.music", sequence=sequence)
    written["marker list"], written["marker EDL"] = out / f"{stem}.markers.csv", out / f"{stem}.markers.edl"
    write_marker_csv(placement.markers, cue.spotting, written["marker list"])
    write_marker_edl(placement.markers, cue.spotting, written["marker EDL"])
    named = [leaf.media for leaf in model.leaves if leaf.media]
    if "timeline" in written and out.resolve() != source.resolve().parent and not all(map(is_absolute, named)):
        odd.append(
            f"The timeline names its media relative to its own folder, so move {written['timeline'].name} there "
            "before you open it"
        )
    return written, odd


def placement_of(cue: Cue, audio: Path, stems: tuple[tuple[str, Path], ...] = ()) -> Placement:
    """Return the music and a marker for every hit point that it answers, ready for any timeline."""
    from emsync_bridge.render.wav import CHANNELS, SAMPLE_RATE
    from emsync_bridge.timeline.placement import PlacedMarker, Placement

    markers = tuple(
        PlacedMarker(
            frame=cue.spotting.hits[answer.hit].frame,
            name=f"hit: {cue.spotting.hits[answer.hit].name or cue.spotting.hits[answer.hit].kind}",
            comment=f"music {round(answer.error_ms, 2) + 0.0:+.2f} ms, on the {answer.metrical}",  # + 0.0: no "-0.00"
        )
        for answer in cue.take.answers
        if answer.error_ms is not None
    )
    return Placement(
        audio.resolve(), cue.spotting.frames, SAMPLE_RATE, CHANNELS, markers, stems=stems, cue=to_document(cue)
    )
