"""Music into OpenTimelineIO documents: only additions, the editor's dialect, and nothing twice."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import opentimelineio as otio
import otio_make as make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from otio_make import SHARED, clip, marker, placement, track, url_of

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.placement import PlacedMarker, Placement
from emsync_bridge.timeline.reading import read_timeline

SAMPLES = sorted(SHARED.glob("*.otio"))


def without_ours(node):
    """Return a document without what emsync added, and without arrays that are empty then."""
    if isinstance(node, dict):
        return {key: without_ours(value) for key, value in node.items()}
    if isinstance(node, list):
        return [
            without_ours(one)
            for one in node
            if not (isinstance(one, dict) and "emsync_bridge" in one.get("metadata", {}))
        ]
    return node


def ours(path):
    tracks = json.loads(path.read_text(encoding="utf-8"))["tracks"]["children"]
    return [one for one in tracks if "emsync_bridge" in one["metadata"]]


def missing_lines(before, after):
    """Return the lines of one text that do not follow in order in another, commas and empty arrays aside."""
    old, new = ([line.rstrip(", ") for line in text.splitlines() if "[]" not in line] for text in (before, after))
    rest = iter(new)
    return [line for line in old if line not in rest]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_real_files_keep_every_line_and_every_value(tmp_path, wav, path):
    out, again = tmp_path / "out.otio", tmp_path / "again.otio"
    before = path.read_bytes()
    place(path, out, placement(wav))
    assert path.read_bytes() == before
    # numbers compare as text: no digit changes
    exactly = {"parse_float": str, "parse_int": str}
    old, new = (json.loads(data, **exactly) for data in (before, out.read_bytes()))
    cleaned = without_ours(new)
    old["tracks"].setdefault("markers", [])
    assert cleaned == old
    assert missing_lines(before.decode(), out.read_bytes().decode()) == []
    assert (b"\r\n" in before) == (b"\r\n" in out.read_bytes())
    assert not re.search(rb"(?<!\r)\n", out.read_bytes()) or b"\r\n" not in before
    place(out, again, placement(wav))
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_library_reads_what_was_written(tmp_path, wav, path):
    out = tmp_path / "out.otio"
    place(path, out, placement(wav, stems=(("drums", wav), ("strings", wav))))
    timeline = otio.adapters.read_from_file(str(out))
    tracks = [one for one in timeline.tracks if "emsync_bridge" in one.metadata]
    assert [(one.kind, one.name, one.enabled) for one in tracks] == [
        ("Audio", "AI Music", True),
        ("Audio", "AI Music drums", False),
        ("Audio", "AI Music strings", False),
    ]
    assert all(one[0].trimmed_range().duration.value == 96 for one in tracks)
    assert all(one[0].trimmed_range() == one[0].available_range() for one in tracks)
    assert timeline.tracks[-3:] == tracks


def test_a_second_run_replaces_the_first(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48), clip("B", 48)), markers=[marker("mine", 3)]))
    first, second, fresh = (tmp_path / f"{name}.otio" for name in ("first", "second", "fresh"))
    place(source, first, placement(wav, stems=(("drums", wav),)))
    other = Placement(wav, 96, 48000, 2, (PlacedMarker(48, "new"),), track_name="Other")
    place(first, second, other)
    place(source, fresh, other)
    assert second.read_bytes() == fresh.read_bytes()
    assert [one["name"] for one in ours(second)] == ["Other"]


def test_taking_everything_out_gives_the_document_back(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48)), markers=[marker("mine", 3)]))
    with_markers, without = tmp_path / "a.otio", tmp_path / "b.otio"
    place(source, with_markers, placement(wav))
    place(with_markers, without, Placement(wav, 48, 48000, 2))
    written = json.loads(without.read_text())
    assert [one["name"] for one in written["tracks"]["markers"]] == ["mine"]
    written["tracks"]["children"].pop()
    assert written == json.loads(source.read_text())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    JSON_VALUES,
    st.sampled_from([{"indent": 4}, {"indent": "\t"}, {"indent": 1}, {}, {"separators": (",", ":")}]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.sampled_from(["list", "empty", "null", "none"]),
    st.booleans(),
)
def test_any_layout_and_any_metadata_stay(value, layout, line_break, mark, markers, ascii_only):
    document = make.timeline(track(clip("A é", 48), clip("B", 48), metadata={"x": value}), start=1.5, rate=24.0)
    document["tracks"]["markers"] = {"list": [marker("m", 1)], "empty": [], "null": None, "none": None}[markers]
    if markers == "none":
        del document["tracks"]["markers"]
    text = json.dumps(document, ensure_ascii=ascii_only, **layout).replace("\n", line_break)
    try:
        data = mark + text.encode()
    except UnicodeEncodeError:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wav, source, out, again = (folder / name for name in ("s.wav", "in.otio", "out.otio", "again.otio"))
        wav.write_bytes(b"")
        source.write_bytes(data)
        try:
            place(source, out, placement(wav))
        except TimelineError:
            with pytest.raises(TimelineError):
                read_timeline(source)
            return
        new = out.read_bytes()
        assert new.startswith(mark)
        exactly = {"parse_float": str, "parse_int": str}
        cleaned = without_ours(json.loads(new.decode("utf-8-sig"), **exactly))
        old = json.loads(text, **exactly)
        old["tracks"]["markers"] = old["tracks"].get("markers") or []
        assert cleaned == old
        # all of the text before the new track is still there, character by character
        head = text[: text.index('"children"')]
        assert new.decode("utf-8-sig").startswith(head.split('"markers"')[0])
        if line_break == "\r\n" and "indent" in layout:
            assert not re.search(rb"(?<!\r)\n", new)
        place(out, again, placement(wav))
        assert again.read_bytes() == new


# dialects


def only_track(tmp_path, wav, document, **more):
    out = tmp_path / "out.otio"
    place(make.save(tmp_path, document), out, placement(wav, **more))
    (one,) = ours(out)
    return one, one["children"][-1], json.loads(out.read_text())["tracks"]["markers"]


def test_resolve_gets_its_own_metadata_and_a_bare_path(tmp_path, wav):
    document = make.timeline(track(clip("A", 48)), start=86400, metadata={"Resolve_OTIO": {}})
    one, sound, markers = only_track(tmp_path, wav, document)
    assert one["metadata"]["Resolve_OTIO"] == {"Audio Type": "Stereo", "Locked": False, "SoloOn": False}
    assert sound["metadata"]["Resolve_OTIO"]["Channels"] == [
        {"Source Channel ID": 0, "Source Track ID": 0},
        {"Source Channel ID": 1, "Source Track ID": 0},
    ]
    assert url_of(sound) == str(wav)
    assert [(m["marked_range"]["start_time"]["value"], m["metadata"]["Resolve_OTIO"]["Note"]) for m in markers] == [
        (0, ""),
        (24, "onset 1.000 s, error 0.0 ms"),
    ]
    schemas = set(re.findall(r'"OTIO_SCHEMA": "(\w+)\.', json.dumps([one, markers])))
    assert schemas <= {"Track", "Clip", "ExternalReference", "Marker", "TimeRange", "RationalTime"}


def test_what_resolve_does_with_its_files_is_mentioned(tmp_path, wav):
    for name, note in (("A", "copy the music's track"), ("Title", "with titles")):
        tracks = track(clip(name, 96, media=make.missing()) if name == "Title" else clip(name, 96))
        source = make.save(tmp_path, make.timeline(tracks, metadata={"Resolve_OTIO": {}}))
        (found,) = place(source, tmp_path / "out.otio", placement(wav))
        assert note in found


def test_premiere_gets_its_own_metadata_and_a_link_of_its_own(tmp_path, wav):
    linked = clip("A", 48, metadata={"PremierePro_OTIO": {"LinkID": "41"}})
    document = make.timeline(track(linked), metadata={"PremierePro_OTIO": {"MetadataVersion": "1.0"}})
    one, sound, _ = only_track(tmp_path, wav, document)
    assert one["metadata"]["PremierePro_OTIO"]["AudioChannels"] == {"ChannelType": "Stereo", "NumberOfChannels": 2}
    assert sound["metadata"]["PremierePro_OTIO"]["LinkID"] == "42"
    assert sound["effects"] == []
    assert url_of(sound).startswith("file:///")
    assert url_of(sound).endswith("/the%20score%20%231.wav")


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("file:///m/a.mov", "file://{quoted}"),
        ("file://localhost/m/a.mov", "file://localhost{quoted}"),
        ("/m/a.mov", "{plain}"),
        ("E:\\m\\a.mov", "{plain}"),
        ("media/a.mov", "{name}"),
        ("media/a%20b.mov", "{quoted_name}"),
    ],
)
def test_the_style_of_the_document_is_kept(tmp_path, wav, media, expected):
    _, sound, _ = only_track(tmp_path, wav, make.timeline(track(clip("A", 48, media=media))))
    quoted_name = "the%20score%20%231.wav"
    quoted = f"{tmp_path.as_posix()}/{quoted_name}"
    assert url_of(sound) == expected.format(plain=wav, name=wav.name, quoted=quoted, quoted_name=quoted_name)


def test_the_rate_is_spelled_as_the_document_does(tmp_path, wav):
    document = make.timeline(track(clip("A", 48, rate=23.976)), start=0, rate=23.976)
    _, sound, markers = only_track(tmp_path, wav, document)
    assert sound["source_range"]["duration"] == make.time(96.0, 23.976)
    assert markers[1]["marked_range"]["start_time"] == make.time(24.0, 23.976)


def test_documents_of_old_versions_get_clips_of_old_versions(tmp_path, wav):
    old = clip("A", 48) | {"OTIO_SCHEMA": "Clip.1", "media_reference": make.external("/m/a.mov")}
    del old["media_references"], old["active_media_reference_key"]
    _, sound, _ = only_track(tmp_path, wav, make.timeline(track(old)))
    assert sound["OTIO_SCHEMA"] == "Clip.1"
    assert sound["media_reference"]["available_range"]["duration"]["value"] == 96


def test_a_trimmed_timeline_gets_its_music_where_it_begins(tmp_path, wav):
    document = make.timeline(track(clip("A", 48), clip("B", 48)), source_range=make.span(24, 48))
    one, _, markers = only_track(tmp_path, wav, document)
    assert one["children"][0]["OTIO_SCHEMA"] == "Gap.1"
    assert one["children"][0]["source_range"]["duration"]["value"] == 24
    assert [m["marked_range"]["start_time"]["value"] for m in markers] == [24, 48]
    assert [float(m.time) for m in read_timeline(tmp_path / "out.otio").markers] == [0, 1]


def test_one_of_several_timelines_gets_the_music(tmp_path, wav):
    reels = [make.timeline(track(clip("A", 24)), name=f"Reel {n}") for n in (1, 2)]
    source, out = make.save(tmp_path, make.collection(*reels)), tmp_path / "out.otio"
    place(source, out, placement(wav, 24), sequence="Reel 2")
    first, second = json.loads(out.read_text())["children"]
    assert first == reels[0]
    assert len(second["tracks"]["children"]) == 2


def test_documents_that_the_library_refuses_are_written_too(tmp_path, wav):
    document = make.timeline(track(clip("A", 48), {"OTIO_SCHEMA": "Hologram.1", "source_range": make.span(0, 9)}))
    source, out = make.save(tmp_path, document), tmp_path / "out.otio"
    (note,) = place(source, out, placement(wav, 57))
    assert "Hologram" in note
    assert json.loads(out.read_text())["tracks"]["children"][0] == document["tracks"]["children"][0]


# refusals


def test_the_input_is_never_the_output(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48))))
    link = tmp_path / "link.otio"
    link.symlink_to(source)
    before = source.read_bytes()
    for output in (source, tmp_path / "." / "cut.otio", link):
        with pytest.raises(TimelineError, match="replace the timeline"):
            place(source, output, placement(wav))
    assert source.read_bytes() == before


def test_nothing_is_left_behind_when_the_output_cannot_be_written(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48))))
    with pytest.raises(OutputError):
        place(source, tmp_path / "no such folder" / "out.otio", placement(wav))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TimelineError):
        place(source, tmp_path, placement(wav))
    assert sorted(tmp_path.rglob("*")) == before


def test_formats_that_cannot_take_music_say_what_to_use(tmp_path, wav):
    for name, data, error in (
        ("a.edl", b"TITLE: x\n", OutputError),
        ("a.aaf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OutputError),
        ("a.mp4", b"\0\0\0\x18ftypmp42", TimelineError),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(error):
            place(tmp_path / name, tmp_path / "out", placement(wav))
        assert not (tmp_path / "out").exists()


def test_music_must_exist_and_the_document_must_be_a_timeline(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48))))
    with pytest.raises(TimelineError, match="not found"):
        place(source, tmp_path / "out.otio", placement(tmp_path / "none.wav"))
    with pytest.raises(TimelineError, match="parts of a timeline"):
        place(make.save(tmp_path, track(clip("A", 48)), "track.otio"), tmp_path / "out.otio", placement(wav))


def test_music_of_another_length_is_mentioned(tmp_path, wav):
    source = make.save(tmp_path, make.timeline(track(clip("A", 48))))
    assert place(source, tmp_path / "out.otio", placement(wav, 96)) == [
        "The music is 48 frames longer than the timeline"
    ]
