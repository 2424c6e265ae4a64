from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Shot
from emsync_bridge.files.urls import media_path
from emsync_bridge.picture import relink as relinking
from emsync_bridge.picture.relink import Relinked, relink


def shot(media: str | None, start: float | None = 0.0, end: float | None = 2.0) -> Shot:
    return Shot(0, 2, media, start, end)


def found(media: str, timeline: Path, *roots: Path) -> Path | None:
    (source,) = relink([shot(media)], timeline=timeline, media_roots=roots).sources
    return source.path if source else None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("cut.otio", "media/a b.mov", "media/deep/B Roll.MP4", "rushes/day 1/a b.mov", "100%.mov", "Ä.mov"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("file:///C:/clips/a%20b.mov", PureWindowsPath("C:/clips/a b.mov")),
        ("file://localhost/Volumes/x/a%20b.mov", PurePosixPath("/Volumes/x/a b.mov")),
        ("file://localhost/C%3a/clips/a.mov", PureWindowsPath("C:/clips/a.mov")),
        ("file://nas/share/a.mov", PureWindowsPath("//nas/share/a.mov")),
        (r"D:\clips\a.mov", PureWindowsPath("D:/clips/a.mov")),
        (r"\\nas\share\a.mov", PureWindowsPath("//nas/share/a.mov")),
        (r"media\a.mov", PureWindowsPath("media/a.mov")),
        ("media/a.mov", PurePosixPath("media/a.mov")),
        ("/Volumes/x/a.mov", PurePosixPath("/Volumes/x/a.mov")),
        ("https://example.com/a.mov", None),
        ("Media: take 3.mov", PurePosixPath("Media: take 3.mov")),
    ],
)
def test_paths_of_all_systems(name: str, meant: PurePosixPath | PureWindowsPath | None) -> None:
    assert media_path(name) == meant


def test_by_its_path(project: Path) -> None:
    timeline = project / "cut.otio"
    assert found(str(project / "media" / "a b.mov"), timeline) == project / "media" / "a b.mov"
    assert found((project / "media" / "a b.mov").as_uri(), timeline) == project / "media" / "a b.mov"
    assert found("media/a b.mov", timeline) == project / "media" / "a b.mov"
    assert found("media/a%20b.mov", timeline) == project / "media" / "a b.mov"
    assert found("100%.mov", timeline) == project / "100%.mov"


def test_from_another_machine(project: Path) -> None:
    timeline = project / "cut.otio"
    assert found("/Volumes/Show/rushes/day 1/a b.mov", timeline) == project / "rushes" / "day 1" / "a b.mov"
    assert found(r"E:\show\media\a b.mov", timeline) == project / "media" / "a b.mov"
    assert found("file://nas/show/media/a%20b.mov", timeline) == project / "media" / "a b.mov"
    assert found(r"X:\gone\b roll.mp4", timeline) == project / "media" / "deep" / "B Roll.MP4"
    assert found("file:///gone/A%CC%88.mov", timeline) == project / "Ä.mov"


def test_the_likeliest_of_several_files(project: Path) -> None:
    assert found("/x/Day 1/a b.mov", project / "cut.otio") == project / "rushes" / "day 1" / "a b.mov"


def test_a_name_without_its_ending(project: Path) -> None:
    assert found("B ROLL", project / "cut.edl") == project / "media" / "deep" / "B Roll.MP4"
    assert found("cut", project / "cut.edl") is None


def test_a_sequence_of_pictures(project: Path) -> None:
    for number in range(1, 6):
        (project / "media" / f"shot.{number:04d}.png").touch()
    assert found("/x/media/shot.%04d.png", project / "cut.otio") == project / "media" / "shot.0003.png"
    assert found("/x/media/other.%04d.png", project / "cut.otio") is None


def test_under_a_media_root(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    timeline = elsewhere / "cut.otio"
    assert found("/x/B Roll.MP4", timeline) is None
    assert found("/x/B Roll.MP4", timeline, project) == project / "media" / "deep" / "B Roll.MP4"


def test_missing_media_is_listed_once(project: Path) -> None:
    shots = [shot("/x/gone.mov"), shot("media/a b.mov", 5, 7), shot("/x/gone.mov"), shot(None), shot("http://h/a.mov")]
    result = relink(shots, timeline=project / "cut.otio")
    assert result.missing == ("/x/gone.mov", "http://h/a.mov")
    assert [source is None for source in result.sources] == [True, False, True, True, True]
    assert result.sources[1] is not None
    assert (result.sources[1].start, result.sources[1].end) == (5, 7)


def test_unknown_ranges(project: Path) -> None:
    result = relink([shot("media/a b.mov", None, None), shot("media/a b.mov", 4, None)], timeline=project / "cut.otio")
    assert [(s.start, s.end) for s in result.sources if s] == [(0.0, None), (4, 6)]


def test_a_rendered_picture_stands_for_all(project: Path) -> None:
    movie = project / "media" / "a b.mov"
    result = relink([Shot(0, 2, "/x/gone.mov", 9, 11), Shot(2, 5)], timeline=project / "cut.otio", picture=movie)
    assert result.missing == ()
    assert [(s.path, s.start, s.end) for s in result.sources if s] == [(movie, 0, 2), (movie, 2, 5)]


def test_leading_dots_do_not_climb_out_of_a_root(project: Path) -> None:
    secret = project / "secret.mov"
    secret.touch()
    inner = project / "media" / "deep"
    assert found("/x/../../secret.mov", inner / "cut.otio") is None


@pytest.mark.skipif(os.name != "nt", reason="shares are a matter of Windows")
def test_a_share_is_not_opened(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(relinking, "_file", asked.append)
    found(r"\\evil\share\a.mov", project / "cut.otio")
    assert not [path for path in asked if str(path).startswith("\\\\")]


def test_many_files_are_gone_through_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[Path] = []
    original = relinking._walk
    monkeypatch.setattr(relinking, "_walk", lambda root: walks.append(root) or original(root))
    relink([shot(f"/x/gone {i}.mov") for i in range(500)], timeline=project / "cut.otio")
    assert len(walks) == 1


def test_the_search_is_bounded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relinking, "MAX_FILES", 2)
    begin = time.monotonic()
    assert found("/x/nowhere.mov", project / "cut.otio") is None
    assert time.monotonic() - begin < 2
    deep = project.joinpath(*["d"] * 20)
    deep.mkdir(parents=True)
    (deep / "buried.mov").touch()
    monkeypatch.undo()
    assert found("/x/buried.mov", project / "cut.otio") is None


@given(st.text(max_size=60))
def test_no_name_breaks_it(name: str) -> None:
    result = relink([shot(name)], timeline=Path("/nowhere/at/all/cut.otio"))
    assert isinstance(result, Relinked)
