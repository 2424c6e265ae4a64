from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emsync_bridge.cue import HitPoint, Spotting
from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.spotting.csv_reader import read_spotting_csv
from emsync_bridge.timeline.spotting.export import export_spotting

NTSC = Fraction(1000, 1001)
RATE = Fraction(25)
START = 90000


def hit(frame, kind="cut", name="", weight=0.8, answered=True, span=None):
    return HitPoint(frame / 25, frame, kind, weight, name, answered, span)


CUT = Spotting(
    name="Reel 1",
    duration=40.0,
    rate=RATE,
    start_frame=START,
    hits=(
        hit(0, "start", "opening", 1.0),
        hit(100, name="kitchen"),
        hit(250, "transition", "street", 0.9, span=(9.0, 11.0)),
        hit(600, "marker", "slam", 1.0, answered=False),
        hit(1000, "end", weight=1.0),
    ),
    warnings=("first",),
)


def edited(tmp_path, *rows, encoding="utf-8", newline="\r\n", cut=CUT):
    path = tmp_path / "edit.csv"
    path.write_bytes(newline.join(rows).encode(encoding))
    return read_spotting_csv(path, cut)


HEAD = "timecode,frame,seconds,kind,weight,name,answered"
ROWS = (
    "01:00:00:00,0,0.000000,start,1.0,opening,yes",
    "01:00:04:00,100,4.000000,cut,0.8,kitchen,yes",
    "01:00:10:00,250,10.000000,transition,0.9,street,yes",
    "01:00:24:00,600,24.000000,marker,1.0,slam,no",
    "01:00:40:00,1000,40.000000,end,1.0,,yes",
)


def test_an_untouched_table_changes_nothing(tmp_path):
    export_spotting(CUT, tmp_path / "hits.csv")
    assert read_spotting_csv(tmp_path / "hits.csv", CUT) == CUT
    assert edited(tmp_path, HEAD, *ROWS) == CUT


@pytest.mark.parametrize(
    "row",
    [
        "01:00:05:00,100,4.000000,cut,0.8,kitchen,yes",
        "01:00:04:00,125,4.000000,cut,0.8,kitchen,yes",
        "01:00:04:00,100,5,cut,0.8,kitchen,yes",
        "01:00:05:00,125,4.000000,cut,0.8,kitchen,yes",
        ",125,,cut,0.8,kitchen,yes",
        "01:00:05:00,125,5.01,cut,0.8,kitchen,yes",
    ],
)
def test_the_time_that_was_edited_moves_the_hit(tmp_path, row):
    assert edited(tmp_path, HEAD, ROWS[0], row, *ROWS[2:]).hits[1] == hit(125, name="kitchen")


def test_a_cell_moved_onto_another_hits_frame(tmp_path):
    moved = edited(tmp_path, HEAD, ROWS[0], "01:00:10:00,100,4.000000,cut,0.8,kitchen,yes", *ROWS[3:])
    assert moved.hits[1] == hit(250, name="kitchen")


def test_a_transition_keeps_its_span_as_long_as_it_is_in_it(tmp_path):
    inside = edited(tmp_path, HEAD, "01:00:10:00,260,10.000000,transition,0.9,street,yes")
    assert (inside.hits[1].frame, inside.hits[1].span) == (260, (9.0, 11.0))
    outside = edited(tmp_path, HEAD, "01:00:10:00,300,10.000000,transition,0.9,street,yes")
    assert (outside.hits[1].frame, outside.hits[1].span) == (300, None)


def test_added_and_removed_rows(tmp_path):
    result = edited(tmp_path, HEAD, ROWS[1], ",,30.5,,,new idea,", "01:00:35:00,,,,0.5,,no", ",,,,,,")
    # 30.5 s lie between two frames and go to the later
    assert result.hits == (
        CUT.hits[0],
        CUT.hits[1],
        hit(763, "marker", "new idea", 1.0),
        hit(875, "marker", "", 0.5, answered=False),
        CUT.hits[-1],
    )


def test_edited_weight_name_kind_and_decision(tmp_path):
    result = edited(
        tmp_path,
        HEAD,
        "01:00:04:00,100,4.000000,marker,0.25,the kitchen,no",
        "01:00:24:00,600,24.000000,marker,1.0,,x",
        "01:00:00:00,0,0.000000,start,0.5,opening,yes",
    )
    assert result.hits[1] == hit(100, "marker", "the kitchen", 0.25, answered=False)
    assert result.hits[2] == hit(600, "marker", "", 1.0)
    assert result.hits[0] == hit(0, "start", "opening", 0.5)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_spreadsheet_habits(tmp_path, separator, encoding, newline):
    rows = [
        ("Name", "ANSWERED", " Seconds ", "weight", "remarks"),
        ("Küche", "WAHR", '"4,0"', '"0,8"', "ours"),
        ("straße", "nein", '"10,25"', "90 %", ""),
    ]
    result = edited(tmp_path, *(separator.join(row) for row in rows), "", encoding=encoding, newline=newline)
    assert result.hits[1:-1] == (
        hit(100, name="Küche"),
        hit(256, "marker", "straße", 0.9, answered=False),
    )


def test_excels_separator_line_thousands_and_formula_signs(tmp_path):
    long = replace(CUT, duration=4000.0, hits=(*CUT.hits[:-1], HitPoint(4000.0, 100_000, "end")))
    result = edited(
        tmp_path, '"sep=;"', "frame;name;weight", "1.234;'=A1;1", "12,345;'quoted' word;,5", "99 000;'';1e-1", cut=long
    )
    assert [(each.frame, each.name, each.weight) for each in result.hits[1:-1]] == [
        (1234, "=A1", 1.0),
        (12345, "'quoted' word", 0.5),
        (99000, "'", 0.1),
    ]


def test_two_rows_on_one_frame_are_told(tmp_path):
    result = edited(tmp_path, HEAD, *ROWS, ",100,,,,twice,")
    assert [each.name for each in result.hits if each.frame == 100] == ["twice"]
    assert result.warnings == ("first", "Rows 3 and 7 of the table name one frame; row 7 is used")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("01:00:04:25,100,4,cut,0.8,k,yes", "Row 3, column timecode: The timecode 01:00:04:25 does not exist at 25"),
        ("tomorrow,100,4,cut,0.8,k,yes", "Row 3, column timecode: 'tomorrow' is not a timecode"),
        ("01:00:04:00,100.5,4,cut,0.8,k,yes", "Row 3, column frame: '100.5' is not a whole number"),
        ("01:00:04:00,100,four,cut,0.8,k,yes", "Row 3, column seconds: 'four' is not a number"),
        ("01:00:04:00,100,4,jump,0.8,k,yes", "Row 3, column kind: 'jump' is none of cut"),
        ("01:00:04:00,100,4,cut,1.8,k,yes", "Row 3, column weight: 1.8 is not between 0 and 1"),
        ("01:00:04:00,100,4,cut,0.8,k,perhaps", "Row 3, column answered: 'perhaps' is neither"),
        (",,,cut,0.8,k,yes", "Row 3, columns timecode, frame and seconds: The row names no time"),
        (",1000,,cut,0.8,k,yes", "Row 3, column frame: The time is not inside the timeline"),
        (",-5,,cut,0.8,k,yes", "Row 3, column frame: The time is not inside the timeline"),
        ("00:59:59:24,,,cut,0.8,k,yes", "Row 3, column timecode: The time is not inside"),
        (",5,,start,0.8,k,yes", "Row 3, column frame: The start of the timeline cannot be moved"),
        ("01:00:05:00,130,4,cut,0.8,k,yes", "The columns disagree: timecode means frame 125, frame means frame 130"),
        (",,1e999,,,,", "Row 3, column seconds"),
    ],
)
def test_cells_that_make_no_sense_are_named(tmp_path, row, where):
    with pytest.raises(TimelineError) as caught:
        edited(tmp_path, HEAD, ROWS[0], row)
    assert where in str(caught.value)


@pytest.mark.parametrize("rows", [(), ("",), ("a,b,c", "1,2,3"), ("01:00:00:00,1,2",)])
def test_tables_without_a_time_column(tmp_path, rows):
    with pytest.raises(TimelineError, match="no column named timecode"):
        edited(tmp_path, *rows)


def test_a_damaged_table_is_told(tmp_path):
    with pytest.raises(TimelineError, match="damaged"):
        edited(tmp_path, HEAD, '"' + "x" * 200_000 + '"')


RATES = [
    (24 * NTSC, False),
    (RATE, False),
    (30 * NTSC, True),
    (30 * NTSC, False),
    (60 * NTSC, True),
    (Fraction(120), False),
]
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(RATES))
def test_any_spotting_survives_the_round_trip(tmp_path, data, rate_and_drop):
    rate, drop = rate_and_drop
    frames = data.draw(st.integers(2, 300_000))
    places = data.draw(st.lists(st.integers(1, frames - 1), unique=True, max_size=12).map(sorted))
    inner = tuple(
        HitPoint(
            float(frame / rate),
            frame,
            data.draw(st.sampled_from(["cut", "transition", "marker"])),
            data.draw(st.floats(0, 1)),
            data.draw(NAMES),
            data.draw(st.booleans()),
        )
        for frame in places
    )
    cut = Spotting(
        "x",
        float(frames / rate),
        rate,
        drop,
        data.draw(st.integers(0, 2_000_000)),
        (HitPoint(0.0, 0, "start"), *inner, HitPoint(float(frames / rate), frames, "end")),
    )
    export_spotting(cut, tmp_path / "hits.csv")
    assert read_spotting_csv(tmp_path / "hits.csv", cut) == cut


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5), st.binary(max_size=5)), max_size=8))
def test_damaged_tables_give_a_spotting_or_a_message(tmp_path, damage):
    data = bytearray("\r\n".join([HEAD, *ROWS]).encode())
    for place, cut, insert in damage:
        data[place : place + cut] = insert
    path = tmp_path / "edit.csv"
    path.write_bytes(bytes(data))
    try:
        result = read_spotting_csv(path, CUT)
    except TimelineError:
        return
    assert all(0 <= each.frame <= 1000 and 0 <= each.weight <= 1 for each in result.hits)
