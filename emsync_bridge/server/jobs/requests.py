"""Requests for jobs as they arrive: unknown fields are refused, numbers and texts are bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from emsync_bridge import options
from emsync_bridge.cue import EmotionCurve, Spotting
from emsync_bridge.midi.players import Family
from emsync_bridge.options import Axis, Seconds, Seed, Takes
from emsync_bridge.server.jobs.edits import edited_curve, edited_spotting
from emsync_bridge.server.jobs.wire import AbsolutePath, Rate, RequestPart, model_of

if TYPE_CHECKING:  # the models are made when this is imported
    ReadRequest: TypeAlias = Any
    EmotionRequest: TypeAlias = Any
    MusicRequest: TypeAlias = Any
    RenderRequest: TypeAlias = Any
else:
    ReadRequest = model_of(options.ReadOptions)
    EmotionRequest = model_of(options.EmotionOptions)
    MusicRequest = model_of(options.MusicOptions)
    RenderRequest = model_of(options.RenderOptions)

Text: TypeAlias = Annotated[str, StringConstraints(max_length=1000)]
PartName: TypeAlias = Annotated[str, StringConstraints(max_length=40)]
JobId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class EditorMarker(RequestPart):
    """A marker as the editor's API gives it; frames count from the timeline's first frame."""

    frame: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
    color: Text = ""
    name: Text = ""
    note: Annotated[str, StringConstraints(max_length=10_000)] = ""
    duration: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)] = 1


class Editor(RequestPart):
    """Facts that an editor's API has and its export lacks."""

    start_frame: Annotated[int, Field(ge=0, le=10**8)] | None = None
    rate: Rate | None = None
    drop_frame: bool | None = None
    markers: Annotated[list[EditorMarker], Field(max_length=20_000)] | None = None
    project: Text = ""
    timeline: Text = ""


EditedSpotting: TypeAlias = Annotated[dict[str, Any], AfterValidator(lambda data: edited_spotting(data) and data)]
EditedCurve: TypeAlias = Annotated[dict[str, Any], AfterValidator(lambda data: edited_curve(data) and data)]


class JobRequest(RequestPart):
    """Fields of every request for a job; ``client`` names the one whose jobs wait for each other."""

    client: Annotated[str, StringConstraints(max_length=200)] = ""


class SourceRequest(JobRequest):
    """A request that begins with a timeline or a video."""

    source: AbsolutePath
    read: ReadRequest = ReadRequest()
    editor: Editor | None = None


class SpotRequest(SourceRequest):
    """Find the hit points."""

    kind: Literal["spot"]


class FeelRequest(SourceRequest):
    """Find the mood."""

    kind: Literal["feel"]
    emotion: EmotionRequest = EmotionRequest()
    spotting: EditedSpotting | None = None


class ScoreRequest(SourceRequest):
    """Compose, render and write back."""

    kind: Literal["score"]
    out: AbsolutePath | None = None
    emotion: EmotionRequest = EmotionRequest()
    render: RenderRequest = RenderRequest()
    music: MusicRequest = MusicRequest()
    seed: Seed = 1
    takes: Takes = 1
    spotting: EditedSpotting | None = None
    curve: EditedCurve | None = None


class RedoRequest(JobRequest):
    """Recompose a range of a finished job's music."""

    kind: Literal["redo"]
    job: JobId
    start: Seconds
    end: Seconds
    seed: Seed = 1
    mood: tuple[Axis | None, Axis | None] | None = None
    music: MusicRequest | None = None
    spotting: EditedSpotting | None = None
    curve: EditedCurve | None = None
    only: Annotated[tuple[PartName, ...], Field(max_length=64)] = ()
    lock: Annotated[tuple[PartName, ...], Field(max_length=64)] = ()
    out: AbsolutePath | None = None


class ConformRequest(SourceRequest):
    """Carry the music of a finished job, or of a ``.cue.json`` file, over to a changed cut."""

    kind: Literal["conform"]
    job: JobId | None = None
    cue: AbsolutePath | None = None
    out: AbsolutePath | None = None
    emotion: EmotionRequest = EmotionRequest()
    render: RenderRequest = RenderRequest()

    @model_validator(mode="after")
    def _from_one(self) -> ConformRequest:
        if (self.job is None) == (self.cue is None):
            raise ValueError("name the old music by either job or cue")
        return self


class TakeRequest(JobRequest):
    """Choose another take of a finished job."""

    kind: Literal["take"]
    job: JobId
    take: Annotated[int, Field(ge=0, lt=64)]
    out: AbsolutePath | None = None


class PlayersRequest(JobRequest):
    """Render each player of a family alone, as it sounds in a finished job's mix."""

    kind: Literal["players"]
    job: JobId
    family: Family


class LiveRequest(JobRequest):
    """Play a finished job's music until cancelled."""

    kind: Literal["live"]
    job: JobId
    port: Text | None = None
    osc: Annotated[str, StringConstraints(max_length=300)] | None = None
    dialect: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")] | None = None
    begin: Seconds = Field(default=0.0, alias="from")
    channels: Literal["player", "family"] = "player"


Request: TypeAlias = Annotated[
    SpotRequest
    | FeelRequest
    | ScoreRequest
    | RedoRequest
    | ConformRequest
    | TakeRequest
    | PlayersRequest
    | LiveRequest,
    Field(discriminator="kind"),
]
"""Any request for a job."""


def spotting_of(data: dict[str, Any] | None) -> Spotting | None:
    """Return the edited spotting of a request."""
    return None if data is None else edited_spotting(data)


def curve_of(data: dict[str, Any] | None) -> EmotionCurve | None:
    """Return the edited curve of a request."""
    return None if data is None else edited_curve(data)
