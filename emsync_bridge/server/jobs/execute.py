"""What the worker does for each kind of job: the steps of scoring, with the request's words turned into its values."""

from __future__ import annotations

from dataclasses import asdict, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from emsync_bridge.cue import Cue, Spotting
from emsync_bridge.options import EmotionOptions, MusicOptions, ReadOptions, RenderOptions
from emsync_bridge.progress import Progress
from emsync_bridge.scoring import job
from emsync_bridge.scoring.outputs import is_video
from emsync_bridge.serialization import from_document, to_document
from emsync_bridge.server.jobs import requests
from emsync_bridge.server.jobs.editor_overrides import corrected
from emsync_bridge.server.jobs.store import earlier_outcome
from emsync_bridge.server.jobs.wire import from_wire

if TYPE_CHECKING:
    from emsync_bridge.emotion.extractors.shared_decode import SharedDecode
    from emsync_bridge.picture.relink import Relinked

_HEAVY = (
    "cv2",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "emsync_bridge.emotion.estimate",
    "emsync_bridge.music.generation.compose",
    "emsync_bridge.render.chart.chart",
    "emsync_bridge.render.render",
    "emsync_bridge.timeline.otio.reader",
    "emsync_bridge.timeline.spotting.spot",
)
"""What takes long to import."""

Order = dict[str, Any]


def warm() -> None:
    """Load what every score needs, so that the first job does not wait for it."""
    from emsync_bridge.music.network import checkpoint

    for name in _HEAVY:
        import_module(name)
    checkpoint.load(None)


def perform(order: Order, progress: Progress) -> dict[str, Any]:
    """Do a job.

    Arguments:
        order: ``request`` as it was checked, ``folder`` of the job, ``out`` for its results, and ``basis`` as in its
            record.
        progress: Told of each step.

    Returns:
        ``result``, ``files``, ``written`` and ``out``, as in the record.

    Raises:
        EmsyncError: It cannot be done.
    """
    request: Any = TypeAdapter(requests.Request).validate_python(order["request"])
    out = Path(order["out"])
    if isinstance(request, requests.Spot):
        return _outcome(_spot(request, progress))
    if isinstance(request, requests.Feel):
        return _outcome(_feel(request, progress))
    if isinstance(request, requests.Score):
        return _scored(_score(request, out, progress), request, out)
    cue = from_document(Cue, earlier_outcome(Path(order["folder"]))["result"]["cue"])
    if isinstance(request, requests.Live):
        from emsync_bridge.server.jobs.live_job import play

        return _outcome(play(request, cue, progress))
    basis = requests.Score.model_validate({"kind": "score", **order["basis"]})
    if isinstance(request, requests.Redo):
        return _scored(_redo(request, basis, cue, out, progress), basis, out)
    return _scored(_choose(request, basis, cue, out, progress), basis, out)


def _read(request: requests.SourceRequest, progress: Progress, onlooker: SharedDecode | None = None) -> Spotting:
    """Return the hit points of what a request names, with what its editor knows better."""
    looking = _looking(request)
    model = job.read(Path(request.source), looking, progress, onlooker)
    if request.editor is not None:
        model = corrected(model, request.editor)
    return job.spot(model, looking)


def _looking(request: requests.SourceRequest) -> ReadOptions:
    """Return how a cut is looked at; a list that does not say its rate has that of its editor."""
    looking = from_wire(ReadOptions, request.read)
    editor = request.editor
    if editor is None or editor.rate is None or looking.rate is not None:
        return looking
    from emsync_bridge.timeline.formats import Format, sniff

    return replace(looking, rate=Fraction(editor.rate)) if sniff(Path(request.source)) is Format.EDL else looking


def _spot(request: requests.Spot, progress: Progress) -> dict[str, Any]:
    from emsync_bridge.timeline.spotting.spot import spotting_document

    return spotting_document(_read(request, progress))


def _feel(request: requests.Feel, progress: Progress) -> dict[str, Any]:
    feeling, source = from_wire(EmotionOptions, request.emotion), Path(request.source)
    onlooker = job.onlooker_for(source, _looking(request), feeling) if request.spotting is None else None
    spotting = requests.spotting_of(request.spotting) or _read(request, progress, onlooker)
    offset = spotting.start_frame - job.clock_of(source, _looking(request))[1]
    relinked = job.find_media(source, spotting, feeling, offset)
    curve, felt = job.feel(spotting, relinked, feeling, progress, onlooker)
    missing = [f"{name} is missing" for name in relinked.missing]
    return {
        "spotting": to_document(spotting),
        "curve": to_document(curve),
        "warnings": [*spotting.warnings, *missing, *felt],
        "missing": list(relinked.missing),
        **_visible(request, relinked),
    }


def _score(request: requests.Score, out: Path, progress: Progress) -> job.Scored:
    spotting = requests.spotting_of(request.spotting)
    if spotting is None and request.editor is not None and not is_video(Path(request.source)):
        spotting = _read(request, progress)
    return job.score(
        Path(request.source),
        out,
        looking=_looking(request),
        feeling=from_wire(EmotionOptions, request.emotion),
        sounding=from_wire(RenderOptions, request.render),
        wishes=from_wire(MusicOptions, request.music),
        seed=request.seed,
        takes=request.takes,
        spotting=spotting,
        curve=requests.curve_of(request.curve),
        progress=progress,
    )


def _redo(request: requests.Redo, basis: requests.Score, cue: Cue, out: Path, progress: Progress) -> job.Scored:
    return job.redo(
        Path(basis.source),
        cue,
        out,
        start=request.start,
        end=request.end,
        seed=request.seed,
        looking=from_wire(ReadOptions, basis.read),
        feeling=from_wire(EmotionOptions, basis.emotion),
        sounding=from_wire(RenderOptions, basis.render),
        wishes=from_wire(MusicOptions, request.music or basis.music),
        mood=request.mood or (None, None),
        progress=progress,
    )


def _choose(request: requests.Take, basis: requests.Score, cue: Cue, out: Path, progress: Progress) -> job.Scored:
    return job.choose(
        Path(basis.source),
        cue,
        out,
        take=request.take,
        looking=from_wire(ReadOptions, basis.read),
        feeling=from_wire(EmotionOptions, basis.emotion),
        sounding=from_wire(RenderOptions, basis.render),
        progress=progress,
    )


def _scored(scored: job.Scored, request: requests.Score, out: Path) -> dict[str, Any]:
    from emsync_bridge.scoring.outputs import cue_document

    files = {kind: str(path.absolute()) for kind, path in scored.files.items()}
    relinked = job.find_media(Path(request.source), scored.cue.spotting, from_wire(EmotionOptions, request.emotion))
    result = {
        "cue": cue_document(scored.cue),
        "warnings": list(scored.warnings),
        "out": str(out),
        "loudness": asdict(scored.loudness),
        **_visible(request, relinked),
    }
    return _outcome(result, files, out)


def _visible(request: requests.Feel | requests.Score, relinked: Relinked) -> dict[str, Any]:
    """Return which shots' media are there, and whether there is one picture of the whole."""
    video = job.picture_of(Path(request.source), from_wire(EmotionOptions, request.emotion))
    return {"media": [source is not None for source in relinked.sources], "video": video is not None}


def _outcome(result: dict[str, Any], files: dict[str, str] | None = None, out: Path | None = None) -> dict[str, Any]:
    files = files or {}
    written = {}
    for path in files.values():
        found = Path(path).stat()
        written[path] = [found.st_size, found.st_mtime_ns]
    return {"result": result, "files": files, "written": written, "out": str(out) if out else None}
