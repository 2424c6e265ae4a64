"""Requests for jobs, as they arrive: unknown fields are refused, numbers and texts are bounded."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from emsync_bridge.cue import INSTRUMENTS, EmotionCurve, Instrument, Spotting
from emsync_bridge.server.jobs.edits import edited_curve, edited_spotting
from emsync_bridge.timecode import exact_rate

LONGEST_PATH = 4096
"""Characters of a path; Linux's PATH_MAX."""

_DAY = 24 * 3600.0
_RATE = re.compile(r"\d{1,6}(\.\d{1,6})?(/\d{1,6})?")


def _path(text: str) -> Path:
    path = Path(text)
    if "\0" in text or not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a frame rate, not a truth")
    return value


def _rate(text: str | float) -> Fraction:
    if not _RATE.fullmatch(str(text)):
        raise ValueError("must be a frame rate such as 24, 23.976 or 30000/1001")
    try:
        rate = exact_rate(str(text))
    except (ValueError, ZeroDivisionError):
        raise ValueError("must be a frame rate such as 24, 23.976 or 30000/1001") from None
    if not 1 <= rate <= 1000:
        raise ValueError("must be from 1 to 1000 frames per second")
    return rate


Place: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_PATH), AfterValidator(lambda text: str(_path(text)))
]
"""An absolute path."""

Name: TypeAlias = Annotated[str, StringConstraints(max_length=1000)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=_DAY, allow_inf_nan=False)]
Axis: TypeAlias = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Seed: TypeAlias = Annotated[int, Field(ge=0, lt=2**32)]
JobId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Rate: TypeAlias = Annotated[str | float, BeforeValidator(_no_truth), AfterValidator(lambda text: str(_rate(text)))]
"""Frames per second, as text such as ``24000/1001`` or a number such as 23.976."""


class Part(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ReadOptions(Part):
    """How a cut is read and spotted; what is left out or null is as scoring has it."""

    sequence: Name | None = None
    rate: Rate | None = None
    min_gap: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    marker_colors: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=64)] | None = None
    only_markers: bool | None = None
    shots: Literal["adaptive", "transnet"] | None = None
    edited: Place | None = None
    between: tuple[Seconds, Seconds] | None = None


class EmotionOptions(Part):
    """How the mood is found; as above. ``orders`` are written ``PLACE=ORDER``, as in ``shot3=joy``."""

    valence: Axis | None = None
    arousal: Axis | None = None
    mood: Annotated[str, StringConstraints(max_length=40)] | None = None
    media_roots: Annotated[list[Place], Field(max_length=64)] | None = None
    picture: Place | None = None
    keyframes: bool | None = None
    contrast: bool | None = None
    classes: Annotated[str, StringConstraints(pattern=r"^[a-z_-]{1,40}$")] | None = None
    orders: Annotated[list[Name], Field(max_length=1000)] | None = None
    tier: Literal["embedded", "pretrained"] | None = None
    models_dir: Place | None = None
    head: Place | None = None
    curve: Place | None = None
    cache: bool | None = None


class RenderOptions(Part):
    """How the music is played; as above."""

    soundfont: Place | None = None
    engine: Literal["auto", "midirenderer", "fluidsynth"] | None = None
    stems: bool | None = None
    bwf: bool | None = None


class Meter(Part):
    """A time signature."""

    numerator: Annotated[int, Field(ge=1, le=16)]
    denominator: Literal[2, 4, 8, 16] = 4


class Sampling(Part):
    """How boldly tokens are drawn; as above."""

    temperature: Annotated[float, Field(ge=0.1, le=3, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None


class MusicOptions(Part):
    """What is asked of the music; as above."""

    ensemble: Annotated[list[Instrument], Field(min_length=1, max_length=len(INSTRUMENTS))] | None = None
    bpm: Annotated[float, Field(ge=40, le=220, allow_inf_nan=False)] | None = None
    meter: Meter | None = None
    max_bend: Annotated[float, Field(ge=0.005, le=0.25, allow_inf_nan=False)] | None = None
    smooth_tempo: bool | None = None
    transpose: Annotated[int, Field(ge=-12, le=12)] | None = None
    key: Annotated[str, StringConstraints(pattern=r"^[A-Ga-g][#b]?( ?[A-Za-z]{1,8})?$")] | None = None
    guidance: Annotated[float, Field(ge=0, le=20, allow_inf_nan=False)] | None = None
    sampling: Sampling | None = None


class EditorMarker(Part):
    """A marker as the editor's API tells it; frames count from the timeline's first frame."""

    frame: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
    color: Name = ""
    name: Name = ""
    note: Annotated[str, StringConstraints(max_length=10_000)] = ""
    duration: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)] = 1


class Editor(Part):
    """What an editor's API knows better than its export."""

    start_frame: Annotated[int, Field(ge=0, le=10**8)] | None = None
    rate: Rate | None = None
    drop_frame: bool | None = None
    markers: Annotated[list[EditorMarker], Field(max_length=20_000)] | None = None
    project: Name = ""
    timeline: Name = ""


EditedSpotting: TypeAlias = Annotated[dict[str, Any], AfterValidator(lambda data: edited_spotting(data) and data)]
EditedCurve: TypeAlias = Annotated[dict[str, Any], AfterValidator(lambda data: edited_curve(data) and data)]


class Asked(Part):
    """What every request for a job has: ``client`` tells apart those that take turns."""

    client: Annotated[str, StringConstraints(max_length=200)] = ""


class Reading(Asked):
    """A request that begins with a timeline or a video."""

    source: Place
    looking: ReadOptions = ReadOptions()
    editor: Editor | None = None


class Spot(Reading):
    """Find the hit points."""

    kind: Literal["spot"]


class Feel(Reading):
    """Find the mood."""

    kind: Literal["feel"]
    feeling: EmotionOptions = EmotionOptions()
    spotting: EditedSpotting | None = None


class Score(Reading):
    """Compose, render and write back."""

    kind: Literal["score"]
    out: Place | None = None
    feeling: EmotionOptions = EmotionOptions()
    sounding: RenderOptions = RenderOptions()
    wishes: MusicOptions = MusicOptions()
    seed: Seed = 1
    takes: Annotated[int, Field(ge=1, le=16)] = 1
    spotting: EditedSpotting | None = None
    curve: EditedCurve | None = None


class Redo(Asked):
    """Compose a stretch of a finished job's music anew."""

    kind: Literal["redo"]
    job: JobId
    start: Seconds
    end: Seconds
    seed: Seed = 1
    mood: tuple[Axis | None, Axis | None] | None = None
    wishes: MusicOptions | None = None
    out: Place | None = None


class Take(Asked):
    """Choose another take of a finished job."""

    kind: Literal["take"]
    job: JobId
    take: Annotated[int, Field(ge=0, le=63)]
    out: Place | None = None


class Live(Asked):
    """Play a finished job's music until cancelled."""

    kind: Literal["live"]
    job: JobId
    port: Name | None = None
    osc: Annotated[str, StringConstraints(max_length=300)] | None = None
    dialect: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")] | None = None
    begin: Seconds = Field(default=0.0, alias="from")


Request: TypeAlias = Annotated[Spot | Feel | Score | Redo | Take | Live, Field(discriminator="kind")]
"""Any request for a job."""


def spotting_of(data: dict[str, Any] | None) -> Spotting | None:
    """Return the edited spotting of a request."""
    return None if data is None else edited_spotting(data)


def curve_of(data: dict[str, Any] | None) -> EmotionCurve | None:
    """Return the edited curve of a request."""
    return None if data is None else edited_curve(data)
