from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import imageio_ffmpeg
import numpy as np
import opentimelineio as otio
import pytest

from emsync_bridge.picture.probe import probe
from emsync_bridge.timeline.read import read_timeline
from emsync_bridge.timeline.spotting import spot

EXAMPLES = Path(__file__).parents[2] / "otio_examples"
TIMELINES = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in (".otio", ".xml", ".edl"))
NATIVE = [path for path in TIMELINES if path.suffix == ".otio"]
MEDIA = sorted(EXAMPLES.rglob("*.mp4"))


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def references(path: Path) -> Iterator[otio.schema.Clip]:
    timeline = otio.adapters.read_from_file(str(path))
    for clip in timeline.find_clips():
        if isinstance(clip.media_reference, otio.schema.ExternalReference):
            yield clip


def script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def test_there_are_examples() -> None:
    assert {"storm.otio", "storm.xml", "nested.otio", "speed.otio", "overlay.otio", "drop_frame.edl"} == set(
        names(TIMELINES)
    )


@pytest.mark.parametrize("path", NATIVE, ids=names(NATIVE))
def test_every_native_timeline_reads_and_its_media_exist(path: Path) -> None:
    clips = list(references(path))
    assert clips
    for clip in clips:
        url = clip.media_reference.target_url
        assert not Path(url).is_absolute()
        assert "://" not in url
        assert (path.parent / url).is_file(), url


@pytest.mark.parametrize("path", NATIVE, ids=names(NATIVE))
def test_ranges_lie_inside_the_media(path: Path) -> None:
    for clip in references(path):
        info = probe(path.parent / clip.media_reference.target_url)
        available = clip.media_reference.available_range
        assert available.duration.to_seconds() == pytest.approx(info.duration, abs=0.025)
        assert clip.source_range.start_time >= available.start_time
        assert clip.source_range.end_time_exclusive() <= available.end_time_exclusive()


def test_the_xml_names_the_same_files() -> None:
    storm = EXAMPLES / "storm"
    urls = set(re.findall(r"<pathurl>(.*?)</pathurl>", (storm / "storm.xml").read_text(encoding="utf-8")))
    assert urls == {clip.media_reference.target_url for clip in references(storm / "storm.otio")}


@pytest.mark.parametrize("path", MEDIA, ids=names(MEDIA))
def test_media_are_small_moving_pictures_with_sound(path: Path) -> None:
    info = probe(path)
    assert (info.rate, info.width, info.height) == (Fraction(24), 640, 360)
    assert info.has_sound
    assert info.audio_rate == 48_000
    assert info.start_time == 0


def test_the_examples_are_small() -> None:
    assert sum(path.stat().st_size for path in MEDIA) <= 3 * 2**20


def test_the_demo_is_a_short_with_everything_in_it() -> None:
    spotting = spot(read_timeline(EXAMPLES / "storm" / "storm.otio"))
    kinds = [hit.kind for hit in spotting.hits]
    assert (spotting.rate, spotting.start_frame, spotting.frames) == (24, 86_400, 1584)
    assert kinds.count("transition") == 1
    assert kinds.count("marker") == 1
    assert kinds.count("cut") >= 12
    assert [directive.text for directive in spotting.directives] == ["sadness"]
    assert any(shot.media is None for shot in spotting.shots)
    assert len({shot.media for shot in spotting.shots if shot.media}) == 13
    assert spotting.warnings == ()


def test_both_forms_of_the_demo_have_the_same_hit_points() -> None:
    native, exchanged = (spot(read_timeline(EXAMPLES / "storm" / f"storm.{kind}")) for kind in ("otio", "xml"))
    assert [(h.frame, h.kind, h.answered) for h in native.hits] == [
        (h.frame, h.kind, h.answered) for h in exchanged.hits
    ]
    assert [(s.start, s.end, s.source_start) for s in native.shots] == [
        (s.start, s.end, s.source_start) for s in exchanged.shots
    ]
    assert native.directives == exchanged.directives
    assert native.start_frame == exchanged.start_frame


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("nested/nested.otio", [48, 60, 72]),
        ("speed/speed.otio", [48, 96, 144]),
        ("overlay/overlay.otio", [24, 48]),
        ("drop_frame/drop_frame.edl", [60, 120, 180]),
    ],
)
def test_the_hard_cases_have_the_hits_that_their_list_says(name: str, frames: list[int]) -> None:
    spotting = spot(read_timeline(EXAMPLES / name))
    assert [hit.frame for hit in spotting.hits if hit.kind not in ("start", "end")] == frames
    assert spotting.drop_frame == (name == "drop_frame/drop_frame.edl")
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if f"]({name})" in line)
    for frame in frames:
        assert re.search(rf"\b{frame}\b", line), f"{frame} in: {line}"


def test_the_list_of_examples_names_every_timeline_and_their_licence() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in TIMELINES:
        assert f"({path.relative_to(EXAMPLES).as_posix()})" in readme
    assert "CC0-1.0" in readme


def test_the_scripts_write_what_is_here() -> None:
    cases = script(EXAMPLES / "make_cases.py")
    storm = script(EXAMPLES / "storm" / "make_timeline.py")
    fresh = {
        "storm/storm.otio": storm.timeline(),
        **{f"{build.__name__}/{build.__name__}.otio": build() for build in (cases.nested, cases.speed, cases.overlay)},
    }
    for name, timeline in fresh.items():
        assert timeline.is_equivalent_to(otio.adapters.read_from_file(str(EXAMPLES / name))), name
    assert cases.drop_frame() + "\n" == (EXAMPLES / "drop_frame" / "drop_frame.edl").read_text(encoding="utf-8")


def measured(name: str) -> tuple[float, float]:
    """Return mean light from 0 to 1, and sound level in dBFS, of a roll of the demo."""
    path = next(path for path in MEDIA if path.stem == name)
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path)]
    picture = ["-vf", "fps=2,scale=32:18", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    sound = ["-vn", "-f", "f32le", "-ac", "1", "-"]
    light = np.frombuffer(subprocess.run([*program, *picture], capture_output=True, check=True).stdout, np.uint8)
    level = np.frombuffer(subprocess.run([*program, *sound], capture_output=True, check=True).stdout, "<f4")
    return float(light.mean() / 255), float(10 * np.log10(np.mean(level.astype(np.float64) ** 2)))


def test_the_moods_of_the_demo_differ_in_light_and_loudness() -> None:
    calm, joy, fear, sadness = (
        measured(name) for name in ("A003_birds", "B002_dancers", "C004_sea", "D002_last_lantern")
    )
    assert calm[0] > 0.5
    assert joy[0] > 0.4
    assert max(fear[0], sadness[0]) < 0.25
    assert joy[1] > calm[1] + 6
    assert fear[1] > sadness[1] + 12
