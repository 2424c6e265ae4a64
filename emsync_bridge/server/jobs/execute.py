"""Carries out each kind of job in the worker: options from the request, then the steps of scoring."""

from __future__ import annotations

from dataclasses import asdict, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from emsync_bridge.cue import Cue, Spotting
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.options import (
    EmotionOptions,
    MusicOptions,
    ReadOptions,
    RedoOptions,
    RenderOptions,
    ScoreOptions,
    TakeOptions,
)
from emsync_bridge.progress import Progress
from emsync_bridge.scoring import steps
from emsync_bridge.scoring.job import ScoringJob, ScoringResult, Section
from emsync_bridge.scoring.settings import sound_as_before
from emsync_bridge.server.jobs import requests
from emsync_bridge.server.jobs.editor_overrides import with_editor_markers
from emsync_bridge.server.jobs.store import earlier_outcome
from emsync_bridge.server.jobs.wire import from_wire
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.source import Source, open_source

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
"""Modules that take long to import."""

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
        progress: Function that is told of each step.

    Returns:
        ``result``, ``files``, ``written`` and ``out``, as in the record.

    Raises:
        EmsyncError: It cannot be done.
    """
    request: Any = TypeAdapter(requests.Request).validate_python(order["request"])
    out = Path(order["out"])
    if isinstance(request, requests.SpotRequest):
        return _outcome(_spot(request, progress))
    if isinstance(request, requests.FeelRequest):
        return _outcome(_feel(request, progress))
    letters, folder = order.get("letters") or [], Path(order["folder"])
    if isinstance(request, requests.ScoreRequest):
        job = replace(_job(request, out, progress), versions=dict(enumerate(letters)))
        return _scored(_score(request, job), job, folder)
    cue = _earlier_cue(request, folder)
    if isinstance(request, requests.LiveRequest):
        from emsync_bridge.server.jobs.live_job import play

        return _outcome(play(request, cue, progress))
    if isinstance(request, requests.PlayersRequest):
        from emsync_bridge.server.jobs.player_sounds import render_family

        render = from_wire(RenderOptions, requests.RenderRequest.model_validate(order["basis"].get("render", {})))
        return _outcome({}, render_family(cue, request.family, (folder, out), render, progress), out)
    job = _job(requests.ScoreRequest.model_validate({"kind": "score", **order["basis"]}), out, progress)
    if letters:
        job = replace(job, versions=dict.fromkeys(range(len(cue.takes) + 1), letters[0]))  # one take alone is written
    return _built_on(request, job, cue, folder)


def _earlier_cue(request: Any, folder: Path) -> Cue:
    """Return the music that a job begins with: of a file where the request names one, else of the earlier job."""
    if isinstance(request, requests.ConformRequest) and request.cue is not None:
        from emsync_bridge.cue.cue_file import read_cue

        return read_cue(Path(request.cue))
    return from_document(Cue, earlier_outcome(folder)["result"]["cue"])


def _built_on(request: Any, job: ScoringJob, cue: Cue, folder: Path) -> dict[str, Any]:
    """Do a job that begins with the music of an earlier one."""
    if isinstance(request, requests.RedoRequest):
        return _scored(_redo(request, job, cue), job, folder)
    if isinstance(request, requests.ConformRequest):
        return _conformed(request, job, cue, folder)
    return _scored(job.choose(cue, request.take), job, folder)


def _opened(request: requests.SourceRequest) -> Source:
    """Return the source of a request; a list that does not state its rate has that of its editor."""
    source, read = Path(request.source), from_wire(ReadOptions, request.read)
    opened = open_source(source, sequence=read.sequence, rate=read.rate)
    editor = request.editor
    if editor is None or editor.rate is None or opened.rate is not None or opened.format is not Format.EDL:
        return opened
    return replace(opened, rate=Fraction(editor.rate))


def _spotting(
    request: requests.SourceRequest, source: Source, progress: Progress, shared: SharedDecode | None = None
) -> Spotting:
    """Return the hit points of a source, with the facts that its editor has."""
    read = from_wire(ReadOptions, request.read)
    model = steps.read(source, read, progress, shared)
    if request.editor is not None:
        model = with_editor_markers(model, request.editor)
    return steps.spot(model, read)


def _spot(request: requests.SpotRequest, progress: Progress) -> dict[str, Any]:
    from emsync_bridge.timeline.spotting.spot import spotting_document

    return spotting_document(_spotting(request, _opened(request), progress))


def _feel(request: requests.FeelRequest, progress: Progress) -> dict[str, Any]:
    from emsync_bridge.picture.permission import ADVICE, not_permitted

    source, emotion = _opened(request), from_wire(EmotionOptions, request.emotion)
    spotting = requests.spotting_of(request.spotting)
    shared = None
    if spotting is None:
        shared = steps.shared_decode(source, from_wire(ReadOptions, request.read), emotion)
        spotting = _spotting(request, source, progress, shared)
    relinked = steps.find_media(source, spotting, emotion, spotting.start_frame - steps.clock_of(source)[1])
    curve, notes = steps.feel(spotting, relinked, emotion, progress, shared)
    closed = not_permitted(relinked)
    missing = [f"{name} is missing" for name in relinked.missing]
    missing += [f"The system does not let emsync read {name}. {ADVICE}" for name in closed]
    return {
        "spotting": to_document(spotting),
        "curve": to_document(curve),
        "warnings": [*spotting.warnings, *missing, *notes],
        "missing": list(relinked.missing),
        "not_permitted": {"media": list(closed), "hint": ADVICE if closed else ""},
        "lengths": None if request.read.between else _differing_lengths(spotting, emotion),
        **_visible(source, emotion, relinked),
    }


def _differing_lengths(spotting: Spotting, emotion: EmotionOptions) -> dict[str, float] | None:
    """Return the seconds of the rendering of the whole cut, ``movie``, and of the ``cut`` where they differ."""
    if emotion.picture is None:
        return None
    from emsync_bridge.picture.probe import probe

    movie = probe(emotion.picture).duration
    return None if abs(movie - spotting.duration) <= steps.LENGTH_SLACK else {"movie": movie, "cut": spotting.duration}


def _job(request: requests.ScoreRequest, out: Path, progress: Progress) -> ScoringJob:
    """Return the job of a request to score."""
    options = ScoreOptions(
        read=from_wire(ReadOptions, request.read),
        emotion=from_wire(EmotionOptions, request.emotion),
        music=from_wire(MusicOptions, request.music),
        render=from_wire(RenderOptions, request.render),
        takes=TakeOptions(request.seed, request.takes),
    )
    return ScoringJob(_opened(request), out, options, progress=progress)


def _score(request: requests.ScoreRequest, job: ScoringJob) -> ScoringResult:
    spotting = requests.spotting_of(request.spotting)
    if spotting is None and request.editor is not None and not job.source.is_video:
        spotting = _spotting(request, job.source, job.progress)
    return job.score(spotting, requests.curve_of(request.curve))


def _redo(request: requests.RedoRequest, job: ScoringJob, cue: Cue) -> ScoringResult:
    job = replace(job, options=replace(job.options, takes=TakeOptions(request.seed)))
    music = job.options.music if request.music is None else from_wire(MusicOptions, request.music)
    parts = RedoOptions(request.only, request.lock)
    edited = requests.spotting_of(request.spotting), requests.curve_of(request.curve)
    return job.redo(cue, Section(request.start, request.end, request.mood or (None, None), music, parts, *edited))


def _conformed(request: requests.ConformRequest, job: ScoringJob, cue: Cue, folder: Path) -> dict[str, Any]:
    from emsync_bridge.scoring.conform.document import conform_document

    spotting = None
    if request.editor is not None and not job.source.is_video:
        spotting = _spotting(request, job.source, job.progress)
    job = replace(job, options=sound_as_before(job.options, cue.settings, request.render.model_fields_set))
    scored, result = job.conform(cue, spotting)
    outcome = _scored(scored, job, folder)
    outcome["result"]["conform"] = conform_document(result)
    return outcome


def _scored(scored: ScoringResult, job: ScoringJob, folder: Path) -> dict[str, Any]:
    from emsync_bridge.music.take_choice import judge_take
    from emsync_bridge.scoring.outputs import cue_document, form_document
    from emsync_bridge.server.jobs.player_sounds import keep_gain

    cue = scored.cue
    if scored.gain is not None:
        keep_gain(folder, scored.gain)
    files = {kind: str(path.absolute()) for kind, path in scored.files.items()}
    relinked = steps.find_media(job.source, scored.cue.spotting, job.options.emotion)
    result = {
        "cue": cue_document(scored.cue),
        "form": form_document(scored.cue),
        "verdicts": [asdict(judge_take(take, cue.spotting, cue.curve)) for take in cue.takes],
        "warnings": list(scored.warnings),
        "out": str(job.out),
        "loudness": asdict(scored.loudness),
        "ducking": asdict(scored.ducking),
        **_visible(job.source, job.options.emotion, relinked),
    }
    return _outcome(result, files, job.out)


def _visible(source: Source, emotion: EmotionOptions, relinked: Relinked) -> dict[str, Any]:
    """Return which shots' media are there, and whether there is one picture of the whole."""
    video = steps.picture_of(source, emotion)
    return {"media": [found is not None for found in relinked.sources], "video": video is not None}


def _outcome(result: dict[str, Any], files: dict[str, str] | None = None, out: Path | None = None) -> dict[str, Any]:
    files = files or {}
    written = {}
    for path in files.values():
        found = Path(path).stat()
        written[path] = [found.st_size, found.st_mtime_ns]
    return {"result": result, "files": files, "written": written, "out": str(out) if out else None}
