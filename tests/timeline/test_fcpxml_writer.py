"""FCPXML out: only insertions, valid for the version found, and everything else where it was."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from fcpxml_rules import broken_rules, dtd_errors, dtd_path, on_grid
from fcpxml_text import (
    RATE,
    VERSIONS,
    asset,
    clip,
    compound,
    document,
    gap,
    points,
    project,
    ref,
    stories,
    t,
    tag,
    wrapped,
)
from hypothesis import given
from hypothesis import strategies as st
from opened import on_files
from xml_cuts import MARKERS, MUSIC, SAMPLES, STEMS, foreign, needs_samples, placing

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.fcpxml import writer
from emsync_bridge.timeline.fcpxml.writer import music_only
from emsync_bridge.timeline.placement import PlacedMarker
from emsync_bridge.timeline.reading import read_timeline as read

place = on_files(writer.place)

SIMPLE = document(clip(1, 0, 20))

# What emsync puts in, found by the marks that it must carry, without any of its code
OURS = re.compile(
    rb"\s*<asset id=\"emsync-[^>]*?/>|\s*<asset id=\"emsync-[^>]*[^/]>.*?</asset>"
    rb"|\s*<asset-clip ref=\"emsync-[^>]*?/>|\s*<asset-clip ref=\"emsync-[^>]*[^/]>.*?</asset-clip>",
    re.DOTALL,
)


@pytest.fixture
def placed(tmp_path):
    return placing(place, tmp_path / "cut.fcpxml", tmp_path / "cut.scored.fcpxml")


def closed(data: bytes) -> bytes:
    """A document whose empty elements are all written alike."""
    return re.sub(rb"<([\w-]+)(\s[^>]*[^/])>\s*</\1>", rb"<\1\2/>", data)


def good(data: bytes) -> bool:
    assert broken_rules(data) == []
    path = dtd_path(ET.fromstring(data).get("version"))
    return path is None or dtd_errors(data, path) == []


def ours(data: bytes) -> list[ET.Element]:
    return [e for e in ET.fromstring(data).iter("asset-clip") if e.get("ref").startswith("emsync-")]


SAMPLE_NAMES = sorted(path.name for path in SAMPLES.glob("fcpx_*.fcpxml")) if SAMPLES.is_dir() else []


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_real_exports_keep_every_byte(placed, tmp_path, name):
    choice = {"sequence": "OpenTimeline_Project"} if "compound" in name else {}
    source = (SAMPLES / name).read_bytes()
    result = placed(source, STEMS, **choice)
    removed = OURS.sub(b"", result)
    if "gaps" in name:  # its first item is an empty <gap/>, which has to be opened
        assert closed(removed) == closed(source)
        assert len(removed) - len(source) < 60
    else:
        assert removed == source
    assert good(result)
    before, after = read(SAMPLES / name, **choice), read(tmp_path / "cut.scored.fcpxml", **choice)
    assert (after.leaves, after.transitions, after.duration) == (before.leaves, before.transitions, before.duration)
    assert foreign(after) == foreign(before)
    marks = [(m.time * after.rate, m.duration * after.rate, m.name, m.comment) for m in after.markers if m.ours]
    assert marks == [(3, 0, "hit 1", "late by 0.4 ms"), (7, 4, "a < b & \"c\" 'd' é漢", "")]
    assert on_grid(result, 1 / after.rate)
    assert placed(result, STEMS, **choice) == result
    assert broken_rules(placed(result, MUSIC, **choice)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version(placed, version):
    result = placed(document(clip(1, 0, 20), version=version), STEMS)
    assert good(result)
    assert ET.fromstring(result).get("version") == version
    sound = [e for e in ET.fromstring(result).iter("asset") if e.get("id").startswith("emsync-")]
    assert [(e.get("audioChannels"), e.get("audioRate"), e.get("hasVideo")) for e in sound] == [
        ("2", "48000", None)
    ] * 3


@pytest.mark.parametrize("version", VERSIONS)
def test_apples_own_grammar(placed, version):
    path = dtd_path(version)
    if path is None:
        pytest.skip(f"Apple's DTD of FCPXML {version} is not on this machine")
    assert dtd_errors(placed(document(clip(1, 0, 20), version=version), STEMS), path) == []


@given(stories(), st.sampled_from(VERSIONS), st.lists(st.integers(0, 30), max_size=4), st.booleans())
def test_random_cuts_come_back_with_music(tmp_path_factory, story, version, hits, lined):
    folder = tmp_path_factory.mktemp("random")
    source, once, twice = (folder / name for name in ("cut.fcpxml", "one.fcpxml", "two.fcpxml"))
    text = story.xml(version)
    source.write_text(text.replace("><", ">\n<") if lined else text, encoding="utf-8")
    marks = tuple(PlacedMarker(frame, f"hit {frame}") for frame in sorted(hits))
    music = replace(MUSIC, frames=max(31, story.end()), markers=marks)
    place(source, once, STEMS)
    place(once, twice, music)
    result = twice.read_bytes()
    assert closed(OURS.sub(b"", result)) == closed(source.read_bytes())
    assert good(result)
    assert on_grid(result, 1 / RATE)
    before, after = read(source), read(twice)
    assert (after.leaves, after.transitions, after.duration) == (before.leaves, before.transitions, before.duration)
    assert sorted({m.time * RATE for m in after.markers if m.ours}) == sorted(set(hits))
    place(twice, once, music)
    assert once.read_bytes() == result


def test_the_music_begins_with_the_project_below_everything(placed):
    low = clip(2, 1805, 5, 0, lane=-4)
    music, drums, bass = ours(placed(document(gap(900, 20, low, start=1800), clip(1, 920, 20), tcStart=t(900)), STEMS))
    assert [e.get("lane") for e in (music, drums, bass)] == ["-5", "-6", "-7"]
    assert {Fraction(e.get("offset").rstrip("s")) * RATE for e in (music, drums, bass)} == {1800}
    assert [e.get("name") for e in (music, drums, bass)] == ["AI Music", "AI Music drums", "AI Music bass"]
    assert (music.get("start"), music.get("audioRole")) == ("0s", "music")
    assert [mark.get("value") for mark in music] == ["hit 1", "a < b & \"c\" 'd' é漢"]
    assert not list(drums)
    assert [e.get("enabled") for e in (music, drums, bass)] == [None, "0", "0"]


def test_the_asset_is_at_least_as_long_as_the_clip(placed):
    for frames in range(20, 26):
        result = placed(SIMPLE, replace(MUSIC, frames=frames))
        sound = next(e for e in ET.fromstring(result).iter("asset") if e.get("id").startswith("emsync-"))
        whole = Fraction(sound.get("duration").rstrip("s"))
        assert 0 <= whole - Fraction(ours(result)[0].get("duration").rstrip("s")) < Fraction(1, 48000)


MARK = tag("marker", start="0s", value="mine")
TIMING = tag("conform-rate", scaleEnabled="0", srcFrameRate="25") + points((0, 0), (100, 50))
FILTER = tag("filter-video", ref="title", name="x")
SOURCE = tag("audio-channel-source", srcCh="1")
STYLE = tag("text-style-def", tag("text-style"), id="ts")
HELD = tag("video", ref="a1", offset="0s", duration=t(99))


@pytest.mark.parametrize(
    ("host", "first"),
    [
        (clip(1, 0, 20, 0, TIMING + MARK + SOURCE + FILTER), "marker"),
        (clip(1, 0, 20, 0, tag("note", "n") + SOURCE), "audio-channel-source"),
        (clip(1, 0, 20, 0, clip(2, 3, 4, lane=1)), None),
        (gap(0, 20), None),
        (gap(0, 20, MARK), "marker"),
        (tag("clip", HELD, MARK, FILTER, offset="0s", duration=t(20), name="c"), "marker"),
        (tag("clip", HELD, FILTER, offset="0s", duration=t(20), name="c"), "filter-video"),
        (
            tag(
                "title",
                tag("text-style-def", tag("text-style"), id="ts"),
                MARK,
                ref="title",
                offset="0s",
                duration=t(20),
            ),
            "marker",
        ),
        (tag("video", ref="solid", offset="0s", duration=t(20), name="v"), None),
        (tag("sync-clip", HELD, tag("sync-source", sourceID="storyline"), offset="0s", duration=t(20)), "sync-source"),
        (ref("c", 0, 20, 0, MARK), "marker"),
    ],
)
def test_where_in_its_host_the_clip_goes(placed, host, first):
    inner = compound("c", clip(1, 0, 20))
    result = placed(document(host, clip(3, 20, 9), resources=inner))
    assert good(result)
    (music,) = ours(result)
    parent = next(e for e in ET.fromstring(result).iter() if any(c.get("ref") == music.get("ref") for c in e))
    tags = [child.tag for child in parent]
    after = tags[tags.index("asset-clip", 1 if first is None and len(tags) > 1 else 0) + 1 :]
    assert (after[0] if after else None) == first
    assert placed(result) == result


def test_a_transition_is_no_host(placed):
    fade = tag("transition", offset=t(0), duration=t(4), name="In")
    result = placed(document(fade, clip(1, 0, 20, 50)))
    assert ours(result)[0].get("offset") == "1001/600s"  # 50 frames


def test_in_an_audition_the_clip_that_is_shown_takes_the_music(placed):
    picks = clip(1, 0, 20, 50), clip(2, 0, 20, 70)
    result = placed(document(tag("audition", *picks, offset=t(0)), clip(3, 20, 20)))
    pick = ET.fromstring(result).find(".//audition/asset-clip")
    assert [item.get("ref", "")[:7] for item in pick.iter("asset-clip")][1:] == ["emsync-"]
    assert ours(result)[0].get("offset") == "1001/600s"  # 50 frames into the media


@pytest.mark.parametrize("spine", [(tag("transition", offset="0s", duration="1s"),), (tag("audition", offset="0s"),)])
def test_without_a_host_it_is_refused(placed, tmp_path, spine):
    text = document(*spine)
    with pytest.raises(TimelineError):
        placed(text)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.fcpxml"]


def test_old_versions_are_refused(placed):
    with pytest.raises(TimelineError, match=r"1\.6"):
        placed(document(clip(1, 0, 20), version="1.5"))


def test_markers_after_the_music_are_left_out(tmp_path):
    source = tmp_path / "cut.fcpxml"
    source.write_text(SIMPLE)
    notes = place(source, tmp_path / "out.fcpxml", replace(MUSIC, markers=(*MARKERS, PlacedMarker(20, "late"))))
    assert notes == ["1 markers outside the music were left out"]
    assert len(ours((tmp_path / "out.fcpxml").read_bytes())[0]) == 2


def test_two_projects_with_music(placed):
    text = wrapped(project(clip(1, 0, 20), name="A"), project(clip(2, 0, 20), name="B"))
    both = placed(placed(text, STEMS, sequence="A"), STEMS, sequence="B")
    assert good(both)
    assert len(ours(both)) == 6
    assert placed(both, STEMS, sequence="A") == both
    assert placed(both, STEMS, sequence="B") == both


def test_a_project_that_was_copied_with_our_music_keeps_its_asset(placed):
    scored = placed(wrapped(project(clip(1, 0, 20), name="A"))).decode()
    body = scored[scored.index("<project") : scored.index("</project>") + len("</project>")]
    copied = scored.replace(body, body + body.replace('name="A"', 'name="B"', 1))
    result = placed(copied, sequence="B")
    assert good(result)
    assert len({e.get("ref") for e in ours(result)}) == 2


def test_documents_without_resources(placed):
    text = document(gap(0, 20))
    cut = text.index("<resources>"), text.index("</resources>") + len("</resources>")
    bare = text[: cut[0]] + tag("resources", tag("format", id="f1", frameDuration="1001/30000s")) + text[cut[1] :]
    assert good(placed(bare))


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("file:///m/a.mov", "file:///music/my%20cut/%C3%A9%20%231%20100%25.wav"),
        ("file://localhost/m/a.mov", "file://localhost/music/my%20cut/%C3%A9%20%231%20100%25.wav"),
        ("./a%20b.mov", "file:///music/my%20cut/%C3%A9%20%231%20100%25.wav"),
    ],
)
def test_urls_in_the_style_of_the_document(placed, url, written):
    text = SIMPLE
    for number in range(1, 5):
        text = text.replace(asset(number), asset(number, src=url))
    found = [e.get("src") for e in ET.fromstring(placed(text)).iter("media-rep")]
    assert found[-1] == written


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_stay(placed, codec):
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(codec, codec)
    text = SIMPLE.replace("UTF-8", declared).replace('"Cut"', '"Découpage"')
    result = placed(text.encode(codec))
    assert "Découpage" in result.decode(codec)
    assert [m.get("value") for m in ET.fromstring(result).iter("marker")][1] == "a < b & \"c\" 'd' é漢"


def test_a_bundle_keeps_its_other_files(tmp_path):
    bundle, output = tmp_path / "cut.fcpxmld", tmp_path / "scored.fcpxmld"
    (bundle / "media").mkdir(parents=True)
    (bundle / "Info.fcpxml").write_text(SIMPLE)
    (bundle / "media" / "track.bin").write_bytes(b"\0\1")
    for _ in range(2):
        place(bundle, output, MUSIC)
        assert sorted(p.relative_to(output).as_posix() for p in output.rglob("*")) == [
            *("Info.fcpxml", "media", "media/track.bin")
        ]
        assert len(ours((output / "Info.fcpxml").read_bytes())) == 1
    assert (bundle / "Info.fcpxml").read_text() == SIMPLE
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.fcpxmld", "scored.fcpxmld"]
    place(bundle, tmp_path / "plain.fcpxml", MUSIC)
    assert len(ours((tmp_path / "plain.fcpxml").read_bytes())) == 1
    with pytest.raises(TimelineError, match="replace the timeline itself"):
        place(bundle, bundle, MUSIC)
    with pytest.raises(OutputError):
        place(bundle, tmp_path / "none" / "x.fcpxmld", MUSIC)


def test_the_timeline_itself_is_never_replaced(tmp_path):
    source = tmp_path / "cut.fcpxml"
    source.write_text(SIMPLE)
    with pytest.raises(TimelineError, match="replace the timeline itself"):
        place(source, source, MUSIC)
    with pytest.raises(OutputError):
        place(source, tmp_path / "none" / "out.fcpxml", MUSIC)
    assert source.read_text() == SIMPLE


@pytest.mark.parametrize(
    ("rate", "drop_frame", "start"),
    [(Fraction(24), False, 86400), (RATE, True, 107892), (Fraction(24000, 1001), False, 0), (Fraction(12), False, 5)],
)
def test_music_alone_has_the_frame_of_the_cut(tmp_path, rate, drop_frame, start):
    model = CutModel("Reel 1", rate, 25 / rate, drop_frame=drop_frame, start_frame=start)
    output = tmp_path / "music.fcpxml"
    music_only(model, STEMS, output)
    assert good(output.read_bytes())
    back = read(output)
    assert (back.rate, back.duration, back.drop_frame, back.start_frame) == (rate, 25 / rate, drop_frame, start)
    assert [m.time * back.rate for m in back.markers] == [3, 7]
    assert [clip.get("enabled") for clip in ours(output.read_bytes())] == [None, "0", "0"]


@needs_samples
def test_the_rules_find_no_fault_with_final_cut():
    for name in SAMPLE_NAMES:
        assert broken_rules((SAMPLES / name).read_bytes()) == []


def test_the_rules_find_faults():
    bad = [
        SIMPLE.replace('id="a2"', 'id="a1"'),
        SIMPLE.replace('ref="a1"', 'ref="zz"'),
        document(clip(1, 0, 20, 0, MARK + clip(2, 3, 4, lane=1))),
        document(clip(1, 0, 20, 0, tag("metadata") + MARK)),
        document(clip(1, 0, 20), version="1.8").replace('src="file', 'path="file'),
        SIMPLE.replace('version="1.11"', 'version="1.8"'),
        document(tag("spine", clip(1, 0, 20))),
        document(clip(1, 0, 20, 0, tag("marker", start="0s"))),
        SIMPLE.replace(f'duration="{t(20)}"', 'duration="20"'),
    ]
    assert all(broken_rules(text.encode()) for text in bad)
