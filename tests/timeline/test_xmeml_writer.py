"""Final Cut Pro 7 XML out: only insertions, the same result for the second run, and everything else where it was."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opened import on_files
from xmeml_text import clip, cuts, document, file, rate, sequence, track
from xml_cuts import MUSIC, SAMPLES, STEMS, foreign, needs_samples, placing

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.placement import PlacedMarker
from emsync_bridge.timeline.reading import read_timeline as read
from emsync_bridge.timeline.xmeml import writer
from emsync_bridge.timeline.xmeml.writer import music_only

place = on_files(writer.place)

SIMPLE = document(sequence(track(clip(0, 20, 0, 20, file(1)))))

# What emsync puts in, found by the marks that it must carry, without any of its code
OURS = re.compile(
    rb"\s*<track [^>]*>(?:(?!</track>).)*?<clipitem id=\"emsync-(?:(?!</track>).)*</track>"
    rb"|\s*<marker>(?:(?!</marker>).)*?\[emsync\]</comment>(?:(?!</marker>).)*</marker>",
    re.DOTALL,
)


@pytest.fixture
def placed(tmp_path):
    return placing(place, tmp_path / "cut.xml", tmp_path / "cut.scored.xml")


@needs_samples
@pytest.mark.parametrize("name", ["premiere_nested_transitions", "premiere_generators_2397", "hiero_export"])
@pytest.mark.parametrize("music", [MUSIC, STEMS], ids=["music", "stems"])
def test_real_exports_keep_every_byte(placed, tmp_path, name, music):
    sample = SAMPLES / f"{name}.xml"
    source = sample.read_bytes()
    result = placed(source, music)
    assert OURS.sub(b"", result) == source
    before, after = read(sample), read(tmp_path / "cut.scored.xml")
    assert (after.leaves, after.transitions, after.duration) == (before.leaves, before.transitions, before.duration)
    assert foreign(after) == foreign(before)
    ours = [(m.time * after.rate, m.duration * after.rate, m.name, m.comment) for m in after.markers if m.ours]
    assert ours == [(3, 0, "hit 1", "late by 0.4 ms"), (7, 4, "a < b & \"c\" 'd' é漢", "")]
    assert placed(result, music) == result
    ET.fromstring(result)


@given(cuts(), st.booleans(), st.lists(st.integers(0, 60), max_size=4))
def test_random_cuts_come_back_with_music(tmp_path_factory, cut, lined, hits):
    folder = tmp_path_factory.mktemp("random")
    source, once, twice = (folder / name for name in ("cut.xml", "one.xml", "two.xml"))
    text = cut.xml("random")
    source.write_text(text.replace("><", ">\n<") if lined else text, encoding="utf-8")
    marks = tuple(PlacedMarker(frame, f"hit {frame}") for frame in sorted(hits))
    place(source, once, replace(STEMS, markers=()))
    place(once, twice, replace(MUSIC, frames=cut.frames(), markers=marks))
    assert OURS.sub(b"", once.read_bytes()) == OURS.sub(b"", twice.read_bytes())
    assert OURS.sub(b"", twice.read_bytes()).replace(b"\n", b"") == source.read_bytes().replace(b"\n", b"")
    before, after = read(source), read(twice)
    assert (after.leaves, after.transitions, after.duration) == (before.leaves, before.transitions, before.duration)
    assert sorted({m.time * 25 for m in after.markers if m.ours}) == sorted(set(hits))
    place(twice, once, replace(MUSIC, frames=cut.frames(), markers=marks))
    assert once.read_bytes() == twice.read_bytes()


def tracks_of(result: bytes) -> list[ET.Element]:
    return [t for t in ET.fromstring(result).iter("track") if t.find("clipitem[@premiereChannelType]") is not None]


def test_a_stereo_track_is_a_pair_with_one_file(placed):
    left, right = tracks_of(placed(SIMPLE))
    assert (left.get("currentExplodedTrackIndex"), right.get("currentExplodedTrackIndex")) == ("0", "1")
    assert {t.get("totalExplodedTrackCount") for t in (left, right)} == {"2"}
    assert {t.get("MZ.TrackName") for t in (left, right)} == {"AI Music"}
    first, second = (t.find("clipitem") for t in (left, right))
    full, reference = first.find("file"), second.find("file")
    assert full.get("id") == reference.get("id")
    assert len(full)
    assert not len(reference)
    assert full.findtext("pathurl") == "file://localhost/music/my%20cut/%C3%A9%20%231%20100%25.wav"
    assert full.findtext("timecode/frame") == "0"
    assert [full.findtext(f"rate/{tag}") for tag in ("timebase", "ntsc")] == ["25", "FALSE"]
    assert full.findtext("media/audio/channelcount") == "2"
    for number, item in enumerate((first, second), start=1):
        assert [item.findtext(tag) for tag in ("start", "end", "in", "out", "duration")] == ["0", "20", "0", "20", "20"]
        assert item.findtext("sourcetrack/trackindex") == str(number)
        assert [link.findtext("linkclipref") for link in item.iter("link")] == [first.get("id"), second.get("id")]
        assert [link.findtext("trackindex") for link in item.iter("link")] == ["1", "2"]


def test_mono_is_one_track(placed):
    (only,) = tracks_of(placed(SIMPLE, replace(MUSIC, channels=1)))
    assert (only.get("premiereTrackType"), only.get("totalExplodedTrackCount")) == ("Mono", "1")
    assert only.find("clipitem/link") is None


def test_stems_lie_below_the_music_and_are_switched_off(placed):
    tracks = tracks_of(placed(SIMPLE, STEMS))
    names = [t.get("MZ.TrackName") for t in tracks]
    assert names == ["AI Music"] * 2 + ["AI Music drums"] * 2 + ["AI Music bass"] * 2
    assert [t.findtext("enabled") for t in tracks] == ["TRUE"] * 2 + ["FALSE"] * 4
    assert [t.findtext("clipitem/enabled") for t in tracks] == ["TRUE"] * 2 + ["FALSE"] * 4


def test_six_channels_are_refused(placed):
    with pytest.raises(TimelineError, match="6 channels"):
        placed(SIMPLE, replace(MUSIC, channels=6))


def test_ids_are_unique(placed):
    text = document(
        sequence(track(clip(0, 20, 0, 20, file(1))), name="A", key="a"),
        sequence(track(clip(0, 20, 0, 20, '<file id="file-1"/>')), name="B", key="b"),
    )
    both = placed(placed(text, STEMS, sequence="A"), STEMS, sequence="B")
    ids = [e.get("id") for e in ET.fromstring(both).iter() if e.get("id") and (e.tag != "file" or len(e))]
    assert len(ids) == len(set(ids))
    assert placed(both, STEMS, sequence="A") == both
    assert placed(both, STEMS, sequence="B") == both


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<audio></audio>", "<audio/>"),
        ("<audio></audio>", "<audio />"),
        ("<audio></audio>", ""),
        ("<audio></audio>", "<audio><format/></audio>"),
        ("<audio></audio>", "<audio>\n\t\t<track/>\n\t</audio>"),
    ],
)
def test_wherever_sound_goes(placed, before, after):
    text = SIMPLE.replace(before, after)
    result = placed(text)
    assert len(tracks_of(result)) == 2
    assert placed(result) == result
    root = ET.fromstring(result)
    assert [child.tag for child in root.find("sequence/media")] == ["video", "audio"]
    assert [child.tag for child in root.find("sequence")][-2:] == ["marker", "marker"]


def test_markers_go_behind_the_markers_that_are_there(placed):
    clock = f"<timecode>{rate(25)}<frame>0</frame></timecode>"
    mark = "<marker><name>mine</name><comment>see [emsync] docs</comment><in>4</in><out>-1</out></marker>"
    text = document(sequence(track(clip(0, 20, 0, 20, file(1))), extra=clock + mark + "<labels/>"))
    root = ET.fromstring(placed(text))
    tail = [(child.tag, child.findtext("name")) for child in root.find("sequence")][-5:]
    assert [tag for tag, _ in tail] == ["timecode", "marker", "marker", "marker", "labels"]
    assert tail[1][1] == "mine"
    root = ET.fromstring(placed(text.replace(mark, "")))
    assert [child.tag for child in root.find("sequence")][-4:] == ["timecode", "marker", "marker", "labels"]


def test_premiere_gets_its_own_colours(placed):
    premiere = SIMPLE.replace('id="sequence-1"', 'id="sequence-1" explodedTracks="true"')
    assert [m.findtext("pproColor") for m in ET.fromstring(placed(premiere)).iter("marker")] == [None, "4281740498"]
    assert [m.find("pproColor") for m in ET.fromstring(placed(SIMPLE)).iter("marker")] == [None, None]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("file:///m/m1.mov", "file:///music/my%20cut/%C3%A9%20%231%20100%25.wav"),
        ("m/m1.mov", "file:///music/my%20cut/%C3%A9%20%231%20100%25.wav"),
        ("/m/m1.mov", "/music/my cut/é #1 100%.wav"),
        ("", "file://localhost/music/my%20cut/%C3%A9%20%231%20100%25.wav"),
    ],
)
def test_paths_in_the_style_of_the_document(placed, url, written):
    result = placed(SIMPLE.replace("file://localhost/m/m1.mov", url))
    assert tracks_of(result)[0].findtext("clipitem/file/pathurl") == written


def test_windows_paths(placed):
    music = replace(MUSIC, audio=Path("C:\\Users\\me\\cut 1.wav"))
    assert tracks_of(placed(SIMPLE, music))[0].findtext("clipitem/file/pathurl").lower() == (
        "file://localhost/c:/users/me/cut%201.wav"
    )


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_stay(placed, codec):
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(codec, codec)
    text = SIMPLE.replace("UTF-8", declared).replace("<name>Cut<", "<name>Découpage<")
    result = placed(text.encode(codec))
    back = result.decode(codec)
    assert back.startswith(text[: text.index("</audio>")])
    names = [m.findtext("name") for m in ET.fromstring(result).iter("marker")]
    assert names[1] == "a < b & \"c\" 'd' é漢"


def test_line_breaks_stay(placed):
    result = placed(SIMPLE.replace("><", ">\n<").replace("\n", "\r\n"))
    assert result.count(b"\n") == result.count(b"\r\n")


def test_a_clip_that_the_user_put_beside_ours_stays(placed):
    result = placed(SIMPLE)
    theirs = clip(30, 40, 0, 10, '<file id="file-1"/>', name="theirs").encode()
    moved = re.sub(rb"(</clipitem>)(\s*<enabled>TRUE</enabled>\s*<locked>)", rb"\1" + theirs + rb"\2", result, count=1)
    again = placed(moved)
    assert b"theirs" in again
    assert len(tracks_of(again)) == 2


def test_the_timeline_itself_is_never_replaced(tmp_path):
    source = tmp_path / "cut.xml"
    source.write_text(SIMPLE)
    with pytest.raises(TimelineError, match="replace the timeline itself"):
        place(source, source, MUSIC)
    assert source.read_text() == SIMPLE


def test_a_folder_that_cannot_be_written(tmp_path):
    source = tmp_path / "cut.xml"
    source.write_text(SIMPLE)
    with pytest.raises(OutputError):
        place(source, tmp_path / "none" / "out.xml", MUSIC)
    (tmp_path / "out.xml").mkdir()
    with pytest.raises(OutputError):
        place(source, tmp_path / "out.xml", MUSIC)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.xml", "out.xml"]


def test_length_is_mentioned(tmp_path):
    source = tmp_path / "cut.xml"
    source.write_text(SIMPLE)
    assert place(source, tmp_path / "a.xml", MUSIC) == []
    notes = place(source, tmp_path / "a.xml", replace(MUSIC, frames=30))
    assert notes == ["The music is 10 frames longer than the timeline"]


@pytest.mark.parametrize(
    ("frames_per_second", "drop_frame", "start"),
    [(Fraction(24), False, 86400), (Fraction(30000, 1001), True, 107892), (Fraction(24000, 1001), False, 0)],
)
def test_music_alone_has_the_frame_of_the_cut(tmp_path, frames_per_second, drop_frame, start):
    model = CutModel("Reel 1", frames_per_second, 20 / frames_per_second, drop_frame=drop_frame, start_frame=start)
    output = tmp_path / "music.xml"
    music_only(model, STEMS, output)
    back = read(output)
    assert (back.rate, back.duration, back.drop_frame, back.start_frame) == (
        frames_per_second,
        20 / frames_per_second,
        drop_frame,
        start,
    )
    assert [m.time * back.rate for m in back.markers] == [3, 7]
    root = ET.fromstring(output.read_bytes())
    assert root.findtext("sequence/name") == "Reel 1 AI Music"
    assert root.find("sequence/media/video/format") is not None
    tracks = tracks_of(output.read_bytes())
    assert [t.findtext("enabled") for t in tracks] == ["TRUE"] * 2 + ["FALSE"] * 4
