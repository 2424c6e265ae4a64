"""Files that a job writes beside the music: the cue, the chart, the timeline with the music, and marker lists."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import Cue
from emsync_bridge.cue.serialization import to_document
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.manifest import listed
from emsync_bridge.files.portable import refuse_undecodable
from emsync_bridge.machine_mark import human_part, mark_document
from emsync_bridge.midi.players import FAMILIES
from emsync_bridge.scoring.license_text import write_license_text

if TYPE_CHECKING:
    from emsync_bridge.options import RenderOptions
    from emsync_bridge.scoring.dialogue import Ducking
    from emsync_bridge.timeline.cut.model import CutModel
    from emsync_bridge.timeline.placement import Placement
    from emsync_bridge.timeline.source import Source


ENDINGS = frozenset(
    {
        *(".mid", ".plain.mid", ".wav", ".ducked.wav", ".duck.csv", ".bwf.wav", ".ltc.wav", ".png", ".license.txt"),
        *(".human.json", ".cue.json", ".markers.csv", ".markers.edl", ".premiere.otio", ".stems"),
        *(f".{name}.wav" for name in (*FAMILIES, "room", "no-percussion", "no-melody", "underscore")),
        *(".changes.csv", ".changes.edl"),
        *(f".scored{suffix}" for suffix in (".otio", ".otioz", ".otiod", ".xml", ".fcpxml", ".fcpxmld", ".mp4")),
        *(f".music{suffix}" for suffix in (".otio", ".xml", ".fcpxml")),
    }
)
"""Endings of all files that a job may write."""


def places_of(
    made: Mapping[str, Path], stem: str, first: Path, cue: Cue, options: RenderOptions, version: int
) -> dict[str, Path]:
    """Return where the files of a set go, by what they are.

    Arguments:
        made: The files as they were made.
        stem: Beginning of their names.
        first: Folder and beginning of the names that they get.
        cue: The music.
        options: Options that name the stems.
        version: Version of the set.
    """
    from emsync_bridge.render.files.stem_names import SUFFIX, dub_name

    files = {kind: first.with_name(f"{first.name}{path.name.removeprefix(stem)}") for kind, path in made.items()}
    if options.stem_names == "plain":
        return files
    folder = first.with_name(f"{first.name}{SUFFIX}")
    for kind in files:
        if kind.startswith(("stem ", "alternate ")):
            files[kind] = folder / dub_name(cue.spotting.name, options.cue_number, kind.split(" ", 1)[1], version)
    return files


@contextmanager
def results_folder(out: Path) -> Iterator[None]:
    """Make the folder for the results, and those above it; at the end those that are new and still empty are removed.

    Raises:
        OutputError: It is a file, cannot be made, or has a name that timelines cannot hold.
    """
    refuse_undecodable(out, "out")
    missing = _missing(out)
    make_folder(out)
    try:
        yield
    finally:
        for folder in missing:
            with suppress(OSError):  # something is in it
                folder.rmdir()


def make_folder(out: Path) -> None:
    """Make a folder for results, and those above it.

    Raises:
        OutputError: It is a file, or cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(
            f"The output folder cannot be made ({problem.strerror})",
            where=out,
            hint="Choose another one",
            setting="out",
        ) from None


def _missing(out: Path) -> list[Path]:
    """Return a folder and those above it that are missing, the inner ones first."""
    try:
        return [folder for folder in (out, *out.parents) if not folder.exists()]
    except OSError:  # of a name that is too long, or in a folder that cannot be read
        return []


@contextmanager
def folders_for(files: Iterable[Path], out: Path) -> Iterator[None]:
    """Make the folders inside an output folder that files go to; a failure inside removes them."""
    made: list[Path] = []
    try:
        for folder in sorted({path.parent for path in files} - {out}):
            try:
                folder.mkdir()
            except OSError as problem:
                raise OutputError(
                    f"The folder of the stems cannot be made ({problem.strerror})", where=folder, hint="Move it away"
                ) from None
            made.append(folder)
        yield
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def write_cue(cue: Cue, files: Iterable[Path], path: Path, measured: Mapping[str, Any]) -> None:
    """Write the cue document, which lists the results: the last file of a set.

    Arguments:
        cue: The music.
        files: Every other file of the set.
        path: The document.
        measured: Anything else to be kept in it, by key.

    Raises:
        OutputError: It cannot be written.
    """
    document = {**cue_document(cue), **mark_document(cue.take), **measured, "files": listed(files)}
    with replacing(path) as draft:
        draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_chart(cue: Cue, room: Path, stem: str, checkpoint: Path | None) -> dict[str, Path]:
    """Write what was decided as a picture, and what may be done with the music; return the files."""
    from emsync_bridge.render.chart.chart import draw_cue

    picture, text = room / f"{stem}.png", room / f"{stem}.license.txt"
    human = room / f"{stem}.human.json"
    draw_cue(cue, picture)
    write_license_text(cue, checkpoint, text)
    human.write_text(json.dumps(human_part(cue), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return {"picture": picture, "license": text, "human part": human}


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


def form_document(cue: Cue) -> list[dict[str, Any]]:
    """Return where the sections of the chosen take begin; empty where its form is unknown.

    Returns:
        For each the ``frame`` from the music's start, its ``label``, ``character`` and ``key``.
    """
    take = cue.take
    return [
        {
            "frame": round(take.tempo_map.seconds(part.start) * cue.spotting.rate),
            "label": part.label,
            "character": cue.character_of(take, part),
            "key": part.key,
        }
        for part in (take.score.sections if take.score else ())
    ]


def write_back(
    source: Source,
    model: CutModel,
    cue: Cue,
    files: Mapping[str, Path],
    render: RenderOptions,
    ducking: Ducking | None = None,
    conform: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Path], list[str]]:
    """Write the timeline with the music in its own format, and what else carries the music and its markers.

    Arguments:
        source: The timeline or video.
        model: Its cut.
        cue: The music.
        files: The sound and the rest that is in its place already.
        render: Options that name the editor.
        ducking: Gain by which the music makes room for speech.
        conform: Record of what became of an older cut's music, to travel with the cue in formats that carry foreign
            data.

    Returns:
        The files by what they are, and warnings.
    """
    from emsync_bridge.files.urls import is_absolute
    from emsync_bridge.timeline.formats import Format
    from emsync_bridge.timeline.insertion import REWRITTEN, moves_along, music_only, place, write_for_premiere
    from emsync_bridge.timeline.markers.csv_table import write_marker_csv
    from emsync_bridge.timeline.markers.edl_list import write_marker_edl
    from emsync_bridge.timeline.otio.new_timeline import write_new
    from emsync_bridge.timeline.premiere_names import ascii_name, free_path

    stems = tuple((kind.removeprefix("stem "), path) for kind, path in files.items() if kind.startswith("stem "))
    placement = placement_of(cue, files["audio"], stems, start=cue.spotting.start_frame - model.start_frame)
    if conform is not None:
        placement = replace(placement, cue={**(placement.cue or {}), "conform": conform})
    if ducking is not None:
        placement = replace(placement, levels=tuple((key.time, key.gain) for key in ducking.keys))
    kind, stem, out = source.format, files["audio"].stem, files["audio"].parent
    written: dict[str, Path] = {}
    odd: list[str] = []
    if kind in REWRITTEN:
        written["timeline"] = out / f"{stem}.scored{source.suffix}"
        odd = place(source, written["timeline"], placement)
    if kind is not Format.OTIO:
        written["otio"] = out / f"{stem}.scored.otio"
        write_new(model, written["otio"], placement, media_folder=source.path.resolve().parent)
    if render.editor == "premiere":
        written["timeline for Premiere"] = free_path(out / f"{ascii_name(stem)}.premiere.otio")
        odd += write_for_premiere(source, model, written["timeline for Premiere"], placement)
    written["music only"] = music_only(source, model, placement, out / f"{stem}.music")
    written["marker list"], written["marker EDL"] = out / f"{stem}.markers.csv", out / f"{stem}.markers.edl"
    markers = tuple(replace(each, frame=each.frame - placement.start) for each in placement.markers)
    write_marker_csv(markers, cue.spotting, written["marker list"])
    write_marker_edl(markers, cue.spotting, written["marker EDL"])
    named = [leaf.media for leaf in model.leaves if leaf.media]
    elsewhere = "timeline" in written and out.resolve() != source.path.resolve().parent
    if elsewhere and kind not in (Format.OTIOZ, Format.OTIOD) and not all(map(is_absolute, named)):
        *others, last = [written["timeline"].name, *moves_along(source, written["timeline"], placement)]
        together = f"{', '.join(others)} and {last}" if others else last
        odd.append(
            f"The timeline names its media relative to its own folder, so copy {together} to "
            f"{source.path.resolve().parent} and open it there"
        )
    return written, odd


def placement_of(cue: Cue, audio: Path, stems: tuple[tuple[str, Path], ...] = (), *, start: int = 0) -> Placement:
    """Return the music and a marker for every hit point that it answers, ready for any timeline.

    Arguments:
        cue: The music and what it was made for.
        audio: Its sound.
        stems: Name and sound of each instrument group.
        start: Timeline frame on which the music begins.
    """
    from emsync_bridge.files.wav_header import read_wav_header
    from emsync_bridge.timecode import frame_at
    from emsync_bridge.timeline.placement import PlacedMarker, Placement

    markers = tuple(
        PlacedMarker(
            frame=start + cue.spotting.hits[answer.hit].frame,
            name=f"hit: {cue.spotting.hits[answer.hit].name or cue.spotting.hits[answer.hit].kind}",
            comment=f"music {round(answer.error_ms, 2) + 0.0:+.2f} ms, on the {answer.metrical}",  # + 0.0: no "-0.00"
        )
        for answer in cue.take.answers
        if answer.error_ms is not None
    )
    sound = read_wav_header(audio)
    frames = int(sound.samples * cue.spotting.rate / sound.rate)
    return Placement(
        audio.resolve(),
        cue.spotting.frames,
        sound.rate,
        sound.channels,
        markers,
        stems=stems,
        cue={**to_document(cue), **mark_document(cue.take)},
        start=start,
        media_start=frame_at(sound.start, cue.spotting.rate),
        handle=max(0, frames - cue.spotting.frames),
        bits=sound.bits,
    )
