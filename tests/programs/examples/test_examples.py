from __future__ import annotations

import importlib.util
import json
import math
import re
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import imageio_ffmpeg
import numpy as np
import opentimelineio as otio
import pytest
from places import EXAMPLES, ROOT

from emsync_bridge.picture.probe import probe
from emsync_bridge.picture.relink import relink
from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.placement import PlacedMarker, Placement
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.spotting.spot import spot

TIMELINES = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in (".otio", ".xml", ".fcpxml", ".edl"))
REWRITTEN = [path for path in TIMELINES if path.suffix != ".edl"]
FINAL_CUT = [path for path in TIMELINES if path.suffix == ".fcpxml"]
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
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def test_there_are_examples() -> None:
    storm = {"storm.otio", "storm.xml", "storm.fcpxml", "storm.edl"}
    editors = {"resolve.otio", "premiere.otio", "multicam.fcpxml"}
    cases = {"nested.otio", "speed.otio", "overlay.otio", "drop_frame.edl"}
    assert storm | editors | cases == set(names(TIMELINES))


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
    assert max(path.stat().st_size for path in TIMELINES) <= 64 * 2**10


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


def test_all_forms_of_the_demo_have_the_same_hit_points() -> None:
    native = spot(read_timeline(EXAMPLES / "storm" / "storm.otio"))
    for kind in ("xml", "fcpxml", "edl"):
        other = spot(read_timeline(EXAMPLES / "storm" / f"storm.{kind}"))
        assert [(h.frame, h.time, h.kind, h.weight, h.answered, h.span) for h in native.hits] == [
            (h.frame, h.time, h.kind, h.weight, h.answered, h.span) for h in other.hits
        ], kind
        assert [(s.start, s.end, s.source_start, s.source_end) for s in native.shots] == [
            (s.start, s.end, s.source_start, s.source_end) for s in other.shots
        ], kind
        assert [s.media and Path(s.media).name for s in native.shots] == [
            s.media and Path(s.media).name for s in other.shots
        ], kind
        assert (native.rate, native.start_frame, native.drop_frame) == (
            other.rate,
            other.start_frame,
            other.drop_frame,
        ), kind


def test_every_form_of_the_demo_orders_what_its_format_can_say() -> None:
    storm = EXAMPLES / "storm"
    native, exchanged, final_cut, listed = (
        spot(read_timeline(storm / f"storm.{kind}")) for kind in ("otio", "xml", "fcpxml", "edl")
    )
    (order,) = native.directives
    assert exchanged.directives == native.directives
    first, second = final_cut.directives
    assert (first.start, second.end) == (order.start, order.end)
    assert first.end == second.start
    assert {first.text, second.text} == {order.text}
    (open_ended,) = listed.directives
    assert (open_ended.start, open_ended.text, open_ended.end) == (order.start, order.text, None)
    assert [h.name for h in native.hits] == [h.name for h in exchanged.hits] == [h.name for h in final_cut.hits]


def test_only_the_lists_leave_something_to_guess() -> None:
    for path in TIMELINES:
        warnings = spot(read_timeline(path)).warnings
        assert len(warnings) == (path.suffix == ".edl"), (path, warnings)
        assert all("frame rate" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("nested/nested.otio", [48, 60, 72]),
        ("speed/speed.otio", [48, 96, 144]),
        ("overlay/overlay.otio", [24, 48]),
        ("drop_frame/drop_frame.edl", [60, 120, 180]),
        ("resolve/resolve.otio", [100, 175, 275, 330, 375]),
        ("premiere/premiere.otio", [90, 150, 210, 270, 330]),
        ("multicam/multicam.fcpxml", [100, 200, 300, 400, 475, 525, 600]),
    ],
)
def test_the_hard_cases_have_the_hits_that_their_list_says(name: str, frames: list[int]) -> None:
    spotting = spot(read_timeline(EXAMPLES / name))
    assert [hit.frame for hit in spotting.hits if hit.kind not in ("start", "end")] == frames
    assert spotting.drop_frame == (name in ("drop_frame/drop_frame.edl", "premiere/premiere.otio"))
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if f"]({name})" in line)
    for frame in frames:
        assert re.search(rf"\b{frame}\b", line), f"{frame} in: {line}"


@pytest.mark.parametrize(
    ("name", "rate", "start", "joy", "source_starts"),
    [
        ("resolve/resolve.otio", Fraction(25), 3600 * 25, (175, 275), [25, 20, 50, 25, 300]),
        ("premiere/premiere.otio", Fraction(30000, 1001), 107_892, (150, 210), [15, 10, 30, 60, 300]),
        ("multicam/multicam.fcpxml", Fraction(50), 36_000 * 50, (100, None), [25, 0, 100, 200, 100, 75, 350, 450]),
    ],
)
def test_dialects_of_editors_are_read_as_they_mean(
    name: str, rate: Fraction, start: int, joy: tuple[int, int | None], source_starts: list[int]
) -> None:
    spotting = spot(read_timeline(EXAMPLES / name))
    assert (spotting.rate, spotting.start_frame) == (rate, start)
    (order,) = spotting.directives
    assert order.text == "joy"
    assert order.start == pytest.approx(float(joy[0] / rate))
    assert order.end == (None if joy[1] is None else pytest.approx(float(joy[1] / rate)))
    assert [shot.source_start for shot in spotting.shots] == pytest.approx([float(f / rate) for f in source_starts])


def test_speed_in_premiere_is_a_matter_of_source() -> None:
    shots = spot(read_timeline(EXAMPLES / "premiere" / "premiere.otio")).shots
    taken = [(s.source_end - s.source_start) / (s.end - s.start) for s in shots]
    assert taken == pytest.approx([1, 2, 1, 0.5, 1])


@pytest.mark.parametrize("path", TIMELINES, ids=names(TIMELINES))
def test_media_of_every_shot_are_found_and_long_enough(path: Path) -> None:
    shots = spot(read_timeline(path)).shots
    found = relink(shots, timeline=path, media_roots=[EXAMPLES / "storm" / "media"] if path.suffix == ".edl" else [])
    assert found.missing == ()
    for shot, source in zip(shots, found.sources, strict=True):
        assert (source is None) == (shot.media is None)
        if source is not None:
            low, high = sorted((shot.source_start, shot.source_end))
            assert 0 <= low <= high <= probe(source.path).duration + 0.025, shot


@pytest.mark.parametrize("path", REWRITTEN, ids=names(REWRITTEN))
def test_music_goes_in_and_the_cut_stays(path: Path, tmp_path: Path) -> None:
    source, output = tmp_path / path.name, tmp_path / f"scored{path.suffix}"
    source.write_bytes(path.read_bytes())
    before = spot(read_timeline(source))
    music = tmp_path / "music.wav"
    with wave.open(str(music), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(4 * math.ceil(48 / before.rate * 48_000)))
    marks = (PlacedMarker(12, "hit 1"), PlacedMarker(36, "hit 2", "on the frame", "GREEN"))
    place(source, output, Placement(music, 48, 48_000, 2, marks))
    assert source.read_bytes() == path.read_bytes()
    after = read_timeline(output)
    assert replace(spot(after), name=before.name) == before
    assert sorted(marker.time for marker in after.markers if marker.ours) == [12 / before.rate, 36 / before.rate]
    assert "music.wav" in output.read_text(encoding="utf-8")
    assert "music.wav" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FINAL_CUT, ids=names(FINAL_CUT))
def test_final_cut_examples_keep_to_the_format(path: Path) -> None:
    rules = script(ROOT / "tests" / "timeline" / "fcpxml_rules.py")
    assert rules.broken_rules(path.read_bytes()) == []
    if dtd := rules.dtd_path("1.11"):
        assert rules.dtd_errors(path.read_bytes(), dtd) == []
    root = ET.parse(path).getroot()
    assert root.get("version") == "1.11"
    frame = Fraction(root.find("resources/format").get("frameDuration").rstrip("s"))
    for element in root.iter():
        if element.tag == "asset":
            url = element.find("media-rep").get("src")
            assert (path.parent / url).is_file()
            length = Fraction(element.get("duration").rstrip("s"))
            assert float(length) == pytest.approx(probe(path.parent / url).duration, abs=0.025)
        elif element.tag != "format":
            times = (element.get(key) for key in ("offset", "start", "duration", "tcStart"))
            on_grid = [Fraction(time.rstrip("s")) / frame for time in times if time]
            assert all(time.denominator == 1 for time in on_grid), element.attrib


def test_the_dissolve_of_the_list_has_its_two_sides() -> None:
    lines = (EXAMPLES / "storm" / "storm.edl").read_text(encoding="utf-8").splitlines()
    out, into = (line.split() for line in lines if line.startswith("004 "))
    assert out[3] == "C"
    assert out[4] == out[5]
    assert into[3:5] == ["D", "024"]
    assert out[6:] == [into[7], into[7]]
    assert all(len(line.split()[1]) <= 8 for line in lines if re.match(r"\d{3} ", line))


def test_the_command_spots_an_example() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "emsync_bridge", "spot", str(EXAMPLES / "storm" / "storm.fcpxml"), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(ran.stdout)
    native = spot(read_timeline(EXAMPLES / "storm" / "storm.otio"))
    assert [hit["frame"] for hit in said["hits"]] == [hit.frame for hit in native.hits]
    assert said["start_timecode"] == "01:00:00:00"


def test_the_list_of_examples_names_every_timeline_and_their_licence() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in TIMELINES:
        assert f"({path.relative_to(EXAMPLES).as_posix()})" in readme
    assert "CC0-1.0" in readme


def test_the_scripts_write_what_is_here() -> None:
    cases = script(EXAMPLES / "make_cases.py")
    storm = script(EXAMPLES / "storm" / "make_timeline.py")
    dialects = script(EXAMPLES / "make_dialects.py")
    fresh = {
        "storm/storm.otio": storm.timeline(),
        **{
            f"{build.__name__}/{build.__name__}.otio": build()
            for build in (cases.nested, cases.speed, cases.overlay, dialects.resolve, dialects.premiere)
        },
    }
    for name, timeline in fresh.items():
        assert timeline.is_equivalent_to(otio.adapters.read_from_file(str(EXAMPLES / name))), name
    texts = {
        "drop_frame/drop_frame.edl": cases.drop_frame() + "\n",
        "storm/storm.fcpxml": script(EXAMPLES / "storm" / "make_fcpxml.py").document(),
        "storm/storm.edl": script(EXAMPLES / "storm" / "make_edl.py").edit_list(),
        "multicam/multicam.fcpxml": script(EXAMPLES / "make_multicam.py").multicam(),
    }
    for name, text in texts.items():
        assert text == (EXAMPLES / name).read_text(encoding="utf-8"), name


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
