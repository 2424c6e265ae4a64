"""Previews of a job: pictures of its shots, the picture to play along, its takes as notes in seconds."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import Cue, Note, ShortScore, Shot, Take
from emsync_bridge.cue.serialization import from_document
from emsync_bridge.errors import MediaError
from emsync_bridge.files.atomic import publish
from emsync_bridge.server.errors import RequestError

if TYPE_CHECKING:
    from emsync_bridge.picture.relink import MediaSpan


def shots_of(result: dict[str, Any] | None) -> tuple[Shot, ...]:
    """Return the shots of a job's result, whatever its kind.

    Raises:
        RequestError: It knows no shots, or not yet.
    """
    result = result or {}
    spotting = result.get("cue", {}).get("spotting") or result.get("spotting") or result
    if "shots" not in spotting:
        raise RequestError(404, "The shots of this job are not known yet")
    return tuple(
        Shot(shot["start"], shot["end"], shot["media"], shot["source_start"], shot["source_end"])
        for shot in spotting["shots"]
    )


def thumbnail(shots: tuple[Shot, ...], number: int, basis: dict[str, Any], cache: Path, width: int) -> Path:
    """Return a JPEG of a shot's middle, made when it is first asked for.

    Arguments:
        shots: All shots of the job.
        number: Index of the shot.
        basis: The request that the job began with: ``source``, ``read`` and ``emotion``.
        cache: Folder to keep it in.
        width: Pixels.

    Raises:
        RequestError: The shot does not exist, or its media is missing.
    """
    kept = cache / f"{number}-{width}.jpg"
    if kept.exists():
        return kept
    data = _picture_of(_source_of(shots, number, basis), width)
    cache.mkdir(exist_ok=True)
    draft = cache / f".{number}-{width}.{threading.get_ident()}.part"
    draft.write_bytes(data)
    publish(draft, kept)
    return kept


def media_of(shots: tuple[Shot, ...], number: int, basis: dict[str, Any]) -> Path:
    """Return the file behind a shot, which is a picture or a movie; see ``thumbnail``."""
    return with_picture(_source_of(shots, number, basis).path)


def movies_of(result: dict[str, Any] | None, basis: dict[str, Any]) -> set[Path]:
    """Return the files that a cut is shown from: the movie of the whole, and those behind its shots."""
    from emsync_bridge.picture.relink import relink

    whole = video_of(basis)
    try:
        shots = shots_of(result)
    except RequestError:
        shots = ()
    roots = tuple(map(Path, (basis.get("emotion") or {}).get("media_roots") or ()))
    found = relink(shots, timeline=Path(basis["source"]), media_roots=roots, picture=whole).sources
    return {source.path for source in found if source is not None} | ({whole} if whole is not None else set())


def with_picture(path: Path) -> Path:
    """Return a file that holds pictures; a request may name any file, and no other may be read through the bridge.

    Raises:
        RequestError: It holds none, or is not there.
    """
    from emsync_bridge.picture.probe import probe

    try:
        shown = probe(path).has_picture
    except MediaError as problem:
        raise RequestError(404, problem.what, where=problem.where) from None
    if not shown:
        raise RequestError(404, "The file holds no picture", where=str(path))
    return path


def _source_of(shots: tuple[Shot, ...], number: int, basis: dict[str, Any]) -> MediaSpan:
    from emsync_bridge.picture.relink import relink

    if not 0 <= number < len(shots):
        raise RequestError(404, "Shot not found", where=str(number))
    shot = shots[number]
    emotion, read = basis.get("emotion") or {}, basis.get("read") or {}
    begin = (read.get("between") or [0.0])[0]  # times count from there, those of the picture from the cut's start
    shot = replace(shot, start=shot.start + begin, end=shot.end + begin)
    roots = tuple(map(Path, emotion.get("media_roots") or ()))
    source = relink((shot,), timeline=Path(basis["source"]), media_roots=roots, picture=video_of(basis)).sources[0]
    if source is None:
        raise RequestError(404, "The media of this shot is missing", where=shot.media or "")
    return source


def _picture_of(source: MediaSpan, width: int) -> bytes:
    from PIL import Image

    from emsync_bridge.picture.frames import sample_frames
    from emsync_bridge.picture.probe import probe

    try:
        info = probe(source.path)
        end = source.end if source.end is not None else info.duration
        middle = min((source.start + end) / 2, max(0.0, info.duration - 0.1)) if not info.still else 0.0
        height = max(2, round(width * info.height / max(1, info.width) / 2) * 2)
        frames = sample_frames(info, middle, middle + 0.5, fps=2, width=width, height=height)
        frame = next(iter(frames), None)
    except MediaError as problem:
        raise RequestError(404, problem.what, where=problem.where) from None
    if frame is None:
        raise RequestError(404, "The media of this shot ends before it", where=str(source.path))
    buffer = io.BytesIO()
    Image.fromarray(frame[1]).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def video_of(basis: dict[str, Any]) -> Path | None:
    """Return the one picture of the whole timeline, where there is one.

    Arguments:
        basis: The request that the job began with.
    """
    from emsync_bridge.timeline.formats import Format, sniff

    picture = (basis.get("emotion") or {}).get("picture")
    if picture:
        return Path(picture)
    source = Path(basis["source"])
    return source if source.is_file() and sniff(source) is Format.VIDEO else None


def take_document(result: dict[str, Any] | None, number: int) -> dict[str, Any]:
    """Return a take with all its times in seconds.

    Arguments:
        result: Result of a job.
        number: Index of the take.

    Raises:
        RequestError: There is none.
    """
    if not result or "cue" not in result:
        raise RequestError(404, "The job has no music")
    cue = from_document(Cue, result["cue"])
    if not 0 <= number < len(cue.takes):
        raise RequestError(404, "Take not found", where=str(number))
    take = cue.takes[number]
    seconds = take.tempo_map.seconds
    end = int(take.tempo_map.tick(cue.spotting.duration)) + 1
    answers = result["cue"]["takes"][number]["answers"]
    return {
        "seed": take.seed,
        "key": take.key,
        "notes": [
            [
                *(round(seconds(note.start), 6), round(seconds(note.end), 6)),
                *(note.instrument, note.pitch, note.velocity, _family_of(note)),
            ]
            for note in take.notes
        ],
        "tempo": [[round(seconds(t.tick), 6), 60e6 / t.microseconds_per_quarter] for t in take.tempo_map.tempos],
        "bars": [round(seconds(tick), 6) for tick in take.tempo_map.bar_lines(end)],
        "answers": answers,
        "players": _players_of(take),
        **_form(cue, take),
    }


def _family_of(note: Note) -> str:
    """Return the family that plays a note; its instrument group where no player has it."""
    from emsync_bridge.midi.players import PLAYERS

    return PLAYERS[note.player].family if note.player in PLAYERS else note.instrument


def _players_of(take: Take) -> dict[str, list[str]]:
    """Return the players of each family, in the order of a score."""
    from emsync_bridge.midi.players import PLAYERS

    playing = {note.player for note in take.notes}
    found: dict[str, list[str]] = {}
    for name, player in PLAYERS.items():
        if name in playing:
            found.setdefault(player.family, []).append(name)
    return found


def _form(cue: Cue, take: Take) -> dict[str, Any]:
    """Return what an arranged take was written from: sections, statements of themes, and what leads to hits."""
    score, seconds = take.score or ShortScore(), take.tempo_map.seconds

    def span(start: int, end: int) -> list[Any]:
        return [round(seconds(start), 6), round(seconds(end), 6)]

    return {
        "sections": [
            [*span(part.start, part.end), part.label, cue.character_of(take, part)] for part in score.sections
        ],
        "statements": [[*span(each.start, each.end), each.theme, each.kind] for each in score.statements],
        "swells": [[*span(each.start, each.hit), each.rank] for each in score.gestures],
    }
