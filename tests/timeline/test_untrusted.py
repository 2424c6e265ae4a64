"""Files that are damaged, hostile or something else: a message or a cut model, never anything else."""

from __future__ import annotations

import copy
import json
import random
import tempfile
import zipfile
from pathlib import Path

import otio_make as make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from otio_make import SHARED, clip, dissolve, gap, marker, stack, track, warp

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format, sniff
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.spotting.spot import spot

DOCUMENT = make.timeline(
    track(
        clip("A", 48, 10, available=(0, 100), markers=[marker("m", 12)], effects=[warp(2.0)]),
        dissolve(6, 6),
        stack(track(clip("n", 24)), track(gap(4), clip("t", 8, media=make.missing())), source_range=make.span(2, 20)),
        gap(12),
        clip("B", 24, media=make.generator()),
    ),
    track(clip("S", 100), kind="Audio"),
    start=86400,
    metadata={"PremierePro_OTIO": {"MetadataVersion": "1.0"}},
    markers=[marker("s", 5)],
)


def outcome(path, **options):
    """Return the cut model or the message; any other exception is the test's failure."""
    try:
        model = read_timeline(path, **options)
    except TimelineError as problem:
        return problem
    spot(model)
    return model


def outcome_of(data, name="cut.otio"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return outcome(path)


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [10**30, -(10**30), 1e308, 1e-300, float("nan"), float("inf"), 48000.0, "24", "", [], {}, [[]], "Gap.1"]
    ),
    st.sampled_from(
        ["Clip.2", "Track.1", "Stack.1", "Timeline.1", "Nothing.1", "Clip", "Clip.99", "SerializableObjectRef.1"]
    ),
)


def places(node, path=()):
    yield path
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


PLACES = list(places(DOCUMENT))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES[1:]), STRANGE, st.booleans()), min_size=1, max_size=4))
def test_strange_values_anywhere(changes):
    document = copy.deepcopy(DOCUMENT)
    for path, value, drop in changes:
        node = document
        try:
            for key in path[:-1]:
                node = node[key]
            if drop:
                del node[path[-1]]
            else:
                node[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    outcome_of(json.dumps(document).encode())


@given(st.integers(0, 2**32), st.integers(1, 8))
def test_flipped_bytes(seed, count):
    data = bytearray(json.dumps(DOCUMENT).encode())
    dice = random.Random(seed)
    for _ in range(count):
        place = dice.randrange(len(data))
        data[place : place + dice.choice([0, 1, 1, 20])] = bytes([dice.randrange(256)])
    outcome_of(bytes(data))


@given(st.sampled_from(["otio", "xml", "fcpxml", "edl"]), st.integers(0, 2**32))
def test_damaged_samples(suffix, seed):
    samples = sorted(path for path in SHARED.glob(f"*.{suffix}") if path.stat().st_size < 60_000)
    if not samples:
        pytest.skip("the sample timelines are not here")
    dice = random.Random(seed)
    data = bytearray(dice.choice(samples).read_bytes())
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(data))
        data[place : place + dice.choice([0, 1, 1, 1, 30])] = bytes([dice.randrange(256)] * dice.choice([0, 1]))
    outcome_of(bytes(data[: dice.choice([None, None, dice.randrange(len(data))])]))


@given(st.binary(max_size=300))
def test_any_bytes(data):
    outcome_of(data)


@pytest.mark.parametrize("depth", [300, 5_000, 200_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_deep_nesting(depth, brackets):
    opening = '{"x":' if brackets == "{}" else "["
    inner = f"{opening * depth}1{brackets[1] * depth}"
    problem = outcome_of(f'{{"OTIO_SCHEMA":"Timeline.1","metadata":{inner}}}'.encode())
    assert "nesting exceeds" in str(problem)


def test_nests_within_nests():
    inner = clip("n", 24)
    for _ in range(60):
        inner = stack(track(inner))
    assert isinstance(outcome_of(json.dumps(make.timeline(track(inner))).encode()), CutModel)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_range": make.span(0, -24)}, "negative length"),
        ({"source_range": make.span(0, float("nan"))}, "out of range"),
        ({"source_range": make.span(float("inf"), 24)}, "out of range"),
        ({"source_range": make.span(0, 24, 0)}, "out of range"),
        ({"source_range": make.span(0, 24, -24)}, "out of range"),
        ({"source_range": make.span(0, 1e9)}, "longer than"),
        ({"effects": [warp(float("nan"))]}, "is outside"),
        ({"effects": [warp(1e300)]}, "is outside"),
        ({"markers": [marker("m", 2, -3)]}, "negative length"),
        ({"source_range": make.span(0, 0)}, "empty"),
    ],
)
def test_impossible_times(change, message):
    problem = outcome_of(json.dumps(make.timeline(track(clip("A", 24) | change))).encode())
    assert isinstance(problem, TimelineError)
    assert message in str(problem)
    assert problem.where


def test_a_ten_hour_timeline_is_read():
    model = outcome_of(json.dumps(make.timeline(track(*(clip(f"c{n}", 86400) for n in range(10))))).encode())
    assert model.duration == 36000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"hello", "neither a known timeline"),
        (b"{}", "not an OpenTimelineIO"),
        (b'{"OTIO_SCHEMA": ', "JSON is damaged"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "\xff"}', "UTF-8"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": null}', ""),
        (b'{"OTIO_SCHEMA": "Marker.2", "name": "x"}', ""),
        (b"<html></html>", "neither FCPXML"),
        (b"PK\x03\x04nonsense", "damaged"),
        (b"\x1f\x8b\x08\x00prproj", "Compressed"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "neither a known timeline"),
        (b"\x89PNG\r\n\x1a\n", "still picture"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ""),
    ],
)
def test_what_is_no_timeline(data, message):
    problem = outcome_of(data)
    assert isinstance(problem, TimelineError)
    assert message in str(problem)


def test_missing_files_and_folders(tmp_path):
    assert "File not found" in str(outcome(tmp_path / "nothing.otio"))
    assert "not a timeline bundle" in str(outcome(tmp_path))
    assert "opened" in str(outcome(Path("a\0b")))


def test_a_huge_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("emsync_bridge.timeline.formats.MAX_BYTES", 100)
    assert "larger" in str(outcome(make.save(tmp_path, DOCUMENT)))


def test_a_senseless_rate_is_refused(tmp_path):
    for rate in (0, -24, 10**6):
        assert "outside 1 to 1000" in str(outcome(make.save(tmp_path, DOCUMENT), rate=rate))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'\xef\xbb\xbf\n {"a": 1, "OTIO_SCHEMA": "Timeline.1"}', Format.OTIO),
        (b'{"filler": "' + b"x" * 3_000_000 + b'", "OTIO_SCHEMA": "Timeline.1"}', Format.OTIO),
        (b'<?xml version="1.0"?>\n<!DOCTYPE xmeml>\n<xmeml version="4">', Format.XMEML),
        ('<?xml version="1.0"?><fcpxml version="1.10">'.encode("utf-16"), Format.FCPXML),
        (b"TITLE: X\n", Format.EDL),
        (b"title: x\r\nFCM: DROP FRAME\r\n", Format.EDL),
        (b"001  AX  V  C  01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n", Format.EDL),
        (b"\x00\x00\x00\x20ftypqt  ", Format.VIDEO),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", Format.VIDEO),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00", Format.VIDEO),
        (b"RIFF\x00\x00\x00\x00AVI LIST", Format.VIDEO),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\x00", Format.VIDEO),
        ((b"\x47" + bytes(187)) * 5, Format.VIDEO),
        ((bytes(4) + b"\x47" + bytes(187)) * 5, Format.VIDEO),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.AAF),
    ],
)
def test_content_counts_and_not_the_suffix(tmp_path, data, kind):
    path = tmp_path / "timeline.misleading"
    path.write_bytes(data)
    assert sniff(path) is kind


def test_folders_and_zips_are_told_apart(tmp_path):
    for name, content, kind in (("a", "content.otio", Format.OTIOD), ("b", "Info.fcpxml", Format.FCPXML)):
        (tmp_path / name).mkdir()
        (tmp_path / name / content).write_text("{}")
        assert sniff(tmp_path / name) is kind
    for content, kind in (("content.otio", Format.OTIOZ), ("project.xml", None)):
        with zipfile.ZipFile(tmp_path / "c.zip", "w") as bundle:
            bundle.writestr(content, "{}")
        if kind:
            assert sniff(tmp_path / "c.zip") is kind
        else:
            with pytest.raises(TimelineError, match=r"content\.otio"):
                sniff(tmp_path / "c.zip")


@pytest.mark.parametrize("schema", ["Clip.1", "Clip.0", "Clip.-1", "Clip.+1"])
def test_clips_of_version_1_with_the_references_of_version_2(schema):
    """OpenTimelineIO 0.18.1 takes the process down with it."""
    document = make.timeline(track(clip("A", 24, media="/m/a.mov") | {"OTIO_SCHEMA": schema}, clip("B", 24)))
    model = outcome_of(json.dumps(document).encode())
    assert (model.leaves[0].name, model.leaves[0].media) == ("A", "/m/a.mov")


@pytest.mark.parametrize("name", ["media_references", "markers", "effects", "enabled", "source_range"])
def test_members_that_stand_twice(name):
    """OpenTimelineIO 0.18.1 takes the process down with some of them; of two, the last counts."""
    first = clip("A", 24, media="/m/a.mov")
    text = json.dumps(make.timeline(track(first, clip("B", 24, media="/m/b.mov"))))
    member = f'"{name}": {json.dumps(first[name])}'
    assert member in text
    model = outcome_of(text.replace(member, f"{member}, {member}").encode())
    assert [(leaf.name, leaf.media) for leaf in model.leaves] == [("A", "/m/a.mov"), ("B", "/m/b.mov")]


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0", b"SDPX"])
def test_a_still_picture_is_called_one(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "still"
    path.write_bytes(head + bytes(200))
    with pytest.raises(TimelineError, match="still picture"):
        read_timeline(path)
