from fractions import Fraction
from pathlib import Path

import pytest

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.reading import read_timeline as read

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"
NTSC_30 = Fraction(30000, 1001)


def model_of(tmp_path, text, *, rate=None, sequence=None, encoding="utf-8"):
    path = tmp_path / "list.edl"
    path.write_bytes(text.encode(encoding))
    return read(path, sequence=sequence, rate=rate)


def frames(model):
    return [(leaf.start * model.rate, leaf.end * model.rate, leaf.name) for leaf in model.leaves]


def spans(model):
    return [(t.start * model.rate, t.end * model.rate, t.edit * model.rate) for t in model.transitions]


def sample(name):
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the sample timelines are not here")
    return read(path, sequence=None, rate=None)


# Record in and out of every picture event with a length, counted apart from this project:
#   tr -d '\r' < LIST | awk -v r=RATE 'function f(t,a){split(t,a,":");return ((a[1]*60+a[2])*60+a[3])*r+a[4]}
#     /^[0-9]+ .* V /{i=f($(NF-1));o=f($NF);if(s==""){s=i};printf "%d-%d ", i-s,o-s}'
CDL = """
0-36 36-73 97-247 247-271 271-296 296-338 338-407 407-566 566-611 611-667 667-698 698-781 781-830 830-947 947-1020
1020-1065 1065-1130 1130-1395 1419-1658 1658-1697 1697-1780 1780-1845 1845-1878 1878-1914 1914-1964 1964-2014 2014-2049
2049-2092 2092-2150 2150-2178 2178-2226 2226-2243 2243-2284 2284-2297 2297-2332 2332-2396 2396-2422 2422-2449 2449-2492
"""
# the same way from the timecodes of the lines with LOC:
LOCATORS = """
0 40 205 254 283 307 379 474 637 737 807 886 947 1130 1153 1419 1528 1739 1859 1893 1930 1993 2039 2068 2116 2150 2170
2197 2229 2252 2289 2311 2386 2407 2427 2449 2450
"""


@pytest.mark.parametrize(
    ("name", "rate", "expected", "start_frame"),
    [
        ("avid_speed_effects.edl", 24, "0-126 12240-12257 12257-12258 12258-12276 16600-16636", 86400),
        ("edl_dissolves.edl", 24, "0-30 30-81 81-162 162-246 246-342 342-477", 92441),
        ("premiere_25fps.edl", 25, "0-1499 1499-2250 2250-2867 2867-3035 3035-3160 3160-3271 3271-4022", 0),
        ("edl_key_dropframe.edl", NTSC_30, "0-57", 108022),
        ("edl_markers_cdl.edl", 24, CDL, 191724),
    ],
)
def test_every_event_of_a_real_list_is_on_its_frame(name, rate, expected, start_frame):
    model = sample(name)
    assert model.rate == rate
    assert [f"{start}-{end}" for start, end, _ in frames(model)] == expected.split()
    assert model.duration * rate == int(expected.rpartition("-")[2])
    assert model.start_frame == start_frame


def test_dissolves_of_a_real_list():
    assert spans(sample("edl_dissolves.edl")) == [(81, 116, 81), (162, 226, 162)]
    premiere = sample("premiere_25fps.edl")
    assert spans(premiere) == [(2867, 2937, 2867)]
    assert premiere.transitions[0].name == "CROSS DISSOLVE"


def test_locators_of_a_real_list():
    model = sample("edl_markers_cdl.edl")
    assert [marker.time * 24 for marker in model.markers] == [int(frame) for frame in LOCATORS.split()]
    assert (model.markers[0].name, model.markers[0].color) == ("Sc 117 INTERCUT", "GREEN")
    assert model.markers[1].name == "VFX  117_GUD_0030 add Norway landscape"


def test_freezes_speed_and_names_of_an_avid_list():
    freeze, jump, join, onwards, fast = sample("avid_speed_effects.edl").leaves[0:5]
    assert (freeze.speed, jump.speed, join.speed, onwards.speed) == (1, 0, 0, 1)
    assert fast.speed == Fraction("47.6") / 24
    # the freeze before the moving clip carries the clip's own name, so that the join can be seen for what it is
    assert join.name == onwards.name == "Z682_157 (LAY2)"
    assert join.source_at(join.end) == onwards.source


def test_generator_reverse_and_media_of_a_premiere_list():
    leaves = sample("premiere_25fps.edl").leaves
    assert (leaves[4].kind, leaves[4].media, leaves[4].name) == ("generator", None, "Black Video")
    assert leaves[0].media == "Jellyfish.jpg"
    backwards = leaves[-1]
    assert backwards.speed == -1
    assert backwards.source_at(backwards.end) == 0


def test_the_background_of_a_key_is_the_picture():
    model = sample("edl_key_dropframe.edl")
    assert model.drop_frame
    assert [leaf.kind for leaf in model.leaves] == ["picture"]


def test_a_key_lies_above_its_background(tmp_path):
    model = model_of(
        tmp_path,
        "001  A1  V  K B      00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n"
        "001  B1  V  K    010 00:00:00:00 00:00:02:00 01:00:01:00 01:00:03:00\n"
        "* FROM CLIP NAME: below\n* KEY CLIP NAME: lower third\n",
    )
    assert [(leaf.kind, leaf.name, leaf.layer) for leaf in model.leaves] == [
        ("picture", "below", (0,)),
        ("title", "lower third", (0, 0)),
    ]
    assert not model.transitions


def test_a_dissolve_begins_at_its_record_in(tmp_path):
    model = model_of(
        tmp_path,
        "001 A V C     00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n"
        "002 A V C     00:00:04:00 00:00:04:00 01:00:04:00 01:00:04:00\n"
        "002 B V D 025 00:00:10:00 00:00:14:00 01:00:04:00 01:00:08:00\n"
        "* FROM CLIP NAME: first\n* TO CLIP NAME: second\n",
    )
    assert spans(model) == [(96, 121, 96)]
    assert frames(model)[1] == (96, 192, "second")


def test_fades_wipes_and_black(tmp_path):
    model = model_of(
        tmp_path,
        "001 BL V C        00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n"
        "001 A  V D    012 00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        "* TO CLIP NAME: opening\n"
        "002 A  V C        00:00:02:00 00:00:02:00 01:00:02:00 01:00:02:00\n"
        "002 B  V W001 100 00:00:02:00 00:00:04:00 01:00:02:00 01:00:04:00\n"
        "003 B  V C        00:00:04:00 00:00:04:00 01:00:04:00 01:00:04:00\n"
        "003 BL V D    024 00:00:00:00 00:00:01:00 01:00:04:00 01:00:05:00\n",
    )
    # the wipe outlasts its event and ends with it
    assert spans(model) == [(0, 12, 0), (48, 96, 48), (96, 120, 96)]
    assert model.transitions[1].name == "wipe 001"
    assert frames(model) == [(0, 48, "opening"), (48, 96, "B")]
    assert model.duration == 5


def test_one_clip_name_for_a_dissolve_goes_to_the_side_that_it_fits(tmp_path):
    text = (
        "001 A V C     00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: one\n"
        "002 A V C     00:00:04:00 00:00:04:00 01:00:04:00 01:00:04:00\n"
        "002 B V D 025 00:00:10:00 00:00:14:00 01:00:04:00 01:00:08:00\n* FROM CLIP NAME: {}\n"
    )
    assert frames(model_of(tmp_path, text.format("one")))[1][2] == "B"
    assert frames(model_of(tmp_path, text.format("two")))[1][2] == "two"


@pytest.mark.parametrize(
    ("channels", "is_picture"),
    [
        ("V", True),
        ("AA/V", True),
        ("A2/V", True),
        ("A/V", True),
        ("B", True),
        ("VA1A2", True),
        ("V1A1A2", True),
        ("ASMBL", True),
        ("A", False),
        ("A2", False),
        ("AA", False),
        ("A12", False),
        ("NONE", False),
    ],
)
def test_channel_fields(tmp_path, channels, is_picture):
    text = f"001 TAPE_1 {channels} C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
    model = model_of(tmp_path, text)
    assert bool(model.leaves) == is_picture
    assert model.duration == 1
    assert any("sound only" in warning for warning in model.warnings) != is_picture


def test_second_video_track_and_reels_with_spaces(tmp_path):
    model = model_of(
        tmp_path,
        "001 TAPE 1 V2 C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
        "002 V V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
        "003 V C 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00\n"
        "004 001 C 00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00\n",
    )
    assert [(leaf.layer, leaf.name) for leaf in model.leaves] == [
        ((0,), "V"),
        ((0,), ""),
        ((0,), "001"),
        ((1,), "TAPE 1"),
    ]


def test_of_events_that_overlap_the_later_record_in_wins(tmp_path):
    model = model_of(
        tmp_path,
        "007 A  V C 00:00:00:00 00:00:10:00 01:00:00:00 01:00:10:00\n"
        "008 B  V C 00:00:00:00 00:00:02:00 01:00:04:00 01:00:06:00\n"
        "009 BL V C 00:00:00:00 00:00:01:00 01:00:08:00 01:00:09:00\n"
        "010 C  V C 00:00:00:00 00:00:02:00 01:00:09:12 01:00:11:12\n",
    )
    assert frames(model) == [(0, 96, "A"), (96, 144, "B"), (144, 192, "A"), (216, 228, "A"), (228, 276, "C")]
    assert model.leaves[2].source == 6
    assert any("3 events" in warning for warning in model.warnings)


def test_record_side_is_the_truth_where_lengths_differ(tmp_path):
    model = model_of(
        tmp_path,
        "001 A V C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:02:00\n"
        "002 B V C 00:00:00:00 00:00:00:00 01:00:02:00 01:00:04:00\n"
        "003 C V C 00:00:08:00 00:00:06:00 01:00:04:00 01:00:06:00\n"
        "004 D V C 00:00:00:00 00:00:02:01 01:00:06:00 01:00:08:00\n",
    )
    assert [(start, end) for start, end, _ in frames(model)] == [(0, 48), (48, 96), (96, 144), (144, 192)]
    assert [leaf.speed for leaf in model.leaves] == [2, None, -1, 1]
    assert model.leaves[2].source_at(Fraction(6)) == 6
    assert any("differ in length in 4 events" in warning for warning in model.warnings)


@pytest.mark.parametrize(
    ("m2", "source", "speed"),
    [
        ("M2   A       000.0                01:00:00:00", "01:00:00:00 01:00:00:01", 0),
        ("M2   A       -024.0               01:00:00:00", "01:00:00:00 01:00:04:00", -1),
        ("M2   A       012.0                01:00:00:00", "01:00:00:00 01:00:04:00", Fraction(1, 2)),
        ("M2   A       023.9                01:00:00:00", "01:00:00:00 01:00:04:00", 1),
        ("M2 A +048.0", "01:00:00:00 01:00:08:00", 2),
    ],
)
def test_speed_lines(tmp_path, m2, source, speed):
    model = model_of(tmp_path, f"001 A V C {source} 01:00:00:00 01:00:04:00\n{m2}\n")
    assert model.leaves[0].speed == speed


def test_speed_of_each_side_of_a_dissolve(tmp_path):
    model = model_of(
        tmp_path,
        "001 AX V C     00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        "001 AX V D 010 00:00:30:00 00:00:34:00 01:00:02:00 01:00:04:00\n"
        "M2  AX 012.0 00:00:00:00\nM2  AX 048.0 00:00:30:00\n",
    )
    assert [leaf.speed for leaf in model.leaves] == [Fraction(1, 2), 2]


def test_a_long_event_has_the_speed_of_its_lengths(tmp_path):
    # 1000 record frames, 1033 source frames: 24.792 frames per second, written as 24.8
    model = model_of(tmp_path, "001 A V C 00:00:00:00 00:00:43:01 01:00:00:00 01:00:41:16\nM2 A 024.8 00:00:00:00\n")
    assert model.leaves[0].speed == Fraction(1033, 1000)


def test_markers_of_a_resolve_list(tmp_path):
    model = model_of(
        tmp_path,
        "TITLE: Timeline 1\nFCM: NON-DROP FRAME\n\n"
        "001  001      V     C        01:00:02:00 01:00:02:01 01:00:02:00 01:00:02:01  \n"
        "a note |C:ResolveColorLavender |M:emsync: joy |D:48\n\n"
        "002  001      V     C        01:00:01:00 01:00:01:01 01:00:01:00 01:00:01:01  \n"
        " |C:ResolveColorBlue |M:a|b |D:1\n",
    )
    assert not model.leaves
    assert [(m.time, m.duration, m.name, m.comment, m.color) for m in model.markers] == [
        (1, 0, "a|b", "", "BLUE"),
        (2, 2, "emsync: joy", "a note", "LAVENDER"),
    ]
    assert model.start_frame == 86400
    assert any("01:00:00:00" in warning for warning in model.warnings)


def test_locators_keep_their_words_and_only_known_colours_are_colours(tmp_path):
    model = model_of(
        tmp_path,
        "001 A V C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n"
        "* LOC: 01:00:01:00 RED     Fix THE sky\n*LOC: 01:00:02:00 Look here\n* LOC: 01:00:03:00 cyan\n"
        "* LOC: 02:00:00:00 RED lost\n* LOC: 01:00:00:99 RED lost\n* LOC: nowhere\n",
    )
    assert [(m.time, m.color, m.name) for m in model.markers] == [
        (1, "RED", "Fix THE sky"),
        (2, "", "Look here"),
        (3, "CYAN", ""),
    ]
    assert any("2 markers" in warning for warning in model.warnings)


def test_the_dialects_other_lines_are_quiet_and_junk_is_counted(tmp_path):
    event = "001 A V C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n"
    quiet = (
        "* COMMENT\n*ASC_SOP (1 1 1)(0 0 0)(1 1 1)\n*ASC_SAT 0.9\nAUD  3    4\nREM words\nEFFECTS NAME IS X\n"
        ">>> SOURCE A 060a2b34\n=> V1 clip\nGPI GPI-T PULSE 001\n; words\nFINAL CUT PRO REEL: A REPLACED BY: B\n\x1a"
    )
    assert not any("Not understood" in warning for warning in model_of(tmp_path, event + quiet).warnings)
    model = model_of(tmp_path, event + "lorem ipsum\n002 A V C 00:00:00:00\n" + "x" * 5000)
    assert any("3 lines" in warning and "lorem ipsum" in warning for warning in model.warnings)


def test_backward_events_are_left_out_and_midnight_is_passed(tmp_path):
    model = model_of(
        tmp_path,
        "001 A V C 00:00:00:00 00:00:10:00 23:59:55:00 00:00:05:00\n"
        "002 B V C 00:00:00:00 00:00:01:00 00:00:05:00 00:00:06:00\n"
        "003 C V C 00:00:00:00 00:00:01:00 00:00:06:12 00:00:06:00\n* LOC: 00:00:01:00 RED there\n",
    )
    assert frames(model) == [(0, 240, "A"), (240, 264, "B")]
    assert model.markers[0].time == 6
    assert model.start_frame == 86400 * 24 - 120
    assert any("1 event" in warning for warning in model.warnings)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_encodings_and_line_ends(tmp_path, encoding, newline):
    text = "TITLE: Überblick\n001 A V C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: Élan\n"
    model = model_of(tmp_path, text.replace("\n", newline), encoding=encoding)
    assert (model.name, model.leaves[0].name) == ("Überblick", "Élan")


def test_media_is_the_file_where_the_list_has_one(tmp_path):
    model = model_of(
        tmp_path,
        "001 A001C002 V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: 12-3\n"
        "002 A001C002 V C 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00\n* FROM CLIP NAME: A001C002_R1.MOV\n"
        "003 A001C002 V C 00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00\n* SOURCE FILE: S:\\day 1\\a.mxf\n"
        "004 AX       V C 00:00:00:00 00:00:01:00 01:00:03:00 01:00:04:00\n* FROM CLIP NAME: my clip\n",
    )
    assert [leaf.media for leaf in model.leaves] == ["A001C002", "A001C002_R1.MOV", "S:\\day 1\\a.mxf", "my clip"]


def test_files_as_nucoda_writes_them(tmp_path):
    model = model_of(
        tmp_path,
        "001 A V C 01:00:04:05 01:00:05:12 00:59:53:11 00:59:54:18\n* FROM FILE: S:\\path\\take_1.0001.exr\n"
        "002 A V C     01:00:06:13 01:00:06:13 00:59:54:18 00:59:54:18\n"
        "002 B V D 012 01:00:06:13 01:00:08:15 00:59:54:18 00:59:56:20\n* FROM FILE: a.exr\n* TO FILE: b.exr\n",
    )
    assert [leaf.media for leaf in model.leaves] == ["S:\\path\\take_1.0001.exr", "b.exr"]


@pytest.mark.parametrize(
    "text",
    [
        "TITLE: nothing\nFCM: NON-DROP FRAME\n",
        "",
        "001 A V C 00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n",
        "001 A V C 00:00:00:00 00:00:00:00 01:00:00:130 01:00:01:00\n",
    ],
)
def test_lists_without_events(tmp_path, text):
    with pytest.raises(TimelineError):
        model_of(tmp_path, text)


def test_the_only_sequence_is_the_title(tmp_path):
    text = "TITLE: Reel 1\n001 A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
    assert model_of(tmp_path, text, sequence="reel 1").name == "Reel 1"
    with pytest.raises(TimelineError, match="Reel 1"):
        model_of(tmp_path, text, sequence="Reel 2")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(TimelineError, match="not found"):
        read(tmp_path / "none.edl", sequence=None, rate=None)


TWO_EVENTS = """TITLE: PADDED
FCM: NON-DROP FRAME
001  A        V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00
002  B        V     C        02:00:00:00 02:00:03:10 01:00:02:00 01:00:05:10
"""


@pytest.mark.parametrize(
    "padded",
    [
        TWO_EVENTS.encode() + b"\x1a" + bytes(2000),
        TWO_EVENTS.encode() + bytes(100_000),
        TWO_EVENTS.encode().replace(b"\n", b"\r\n" + bytes(300)),
        bytes(512) + TWO_EVENTS.encode(),
        TWO_EVENTS.encode("utf-16"),
        TWO_EVENTS.encode("utf-16-le"),
        TWO_EVENTS.encode("utf-16-be"),
        ("TITLE: 映画の編集\n" + TWO_EVENTS.partition("\n")[2]).encode("utf-16-le"),
    ],
)
def test_padding_and_encodings(tmp_path, padded):
    path = tmp_path / "cut.edl"
    path.write_bytes(padded)
    model = read(path, rate=Fraction(24))
    assert [(start, end) for start, end, _ in frames(model)] == [(0, 48), (48, 130)]
    assert not any("Not understood" in warning for warning in model.warnings)


@pytest.mark.parametrize(
    ("kind", "length"),
    [("V      010", 10), ("V   010", 10), ("AA/V 010", 10), ("V 000", 0), ("V", 0), ("V2 5", 5)],
)
def test_a_blank_transition_is_a_dissolve_of_its_length_or_a_cut(tmp_path, kind, length):
    text = f"TITLE: T\n001  A  V  C  00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n002  B  {kind}  "
    model = model_of(tmp_path, text + "00:00:10:00 00:00:12:00 01:00:02:00 01:00:04:00\n", rate=Fraction(24))
    assert len(model.leaves) == 2
    assert spans(model) == ([(48, 48 + length, 48)] if length else [])


@pytest.mark.parametrize(("jump", "is_cut"), [(-2, True), (-1, False), (0, False), (1, False), (2, True)])
def test_a_source_that_is_one_frame_off_carries_on(tmp_path, jump, is_cut):
    text = (
        "TITLE: T\n001  A  V  C  00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        f"002  A  V  C  00:00:0{1 + (24 + jump) // 24}:{(24 + jump) % 24:02} 00:00:04:00 01:00:02:00 01:00:04:00\n"
    )
    model = model_of(tmp_path, text, rate=Fraction(24))
    assert [edit.frame for edit in cut_list(model).edits] == ([48] if is_cut else [])
