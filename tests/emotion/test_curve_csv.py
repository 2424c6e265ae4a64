from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Shot, Spotting
from emsync_bridge.emotion.overrides.curve_csv import read_curve_csv, write_curve_csv
from emsync_bridge.errors import EmotionError, OutputError

CLASSES = {"anger": 0.1, "disgust": 0.05, "fear": 0.6, "joy": 0.05, "sadness": 0.15, "surprise": 0.05}

CURVE = EmotionCurve(
    (
        EmotionSpan(0, 2.5, Affect(-0.4, 0.2), confidence=0.4, reason="dark, slow, low sound", ekman=CLASSES),
        EmotionSpan(2.5, 4, Affect(0.8, 0.477), confidence=1, reason="=joy", ordered=(True, True)),
        EmotionSpan(4, 6, Affect(0, 0.1), confidence=1, silence=True, ordered=(False, True)),
    )
)


def edited(path: Path, text: str) -> EmotionCurve:
    path.write_text(text, encoding="utf-8")
    return read_curve_csv(path)


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    write_curve_csv(CURVE, path)
    back = read_curve_csv(path)
    for span, found in zip(CURVE.spans, back.spans, strict=True):
        assert (found.start, found.end) == (span.start, span.end)
        assert found.affect == span.affect
        assert found.silence == span.silence
        assert found.reason == span.reason
        assert found.confidence == pytest.approx(span.confidence, abs=0.005)
        assert found.ordered == span.ordered
        if span.ekman is not None:
            assert found.ekman == pytest.approx(span.ekman, abs=0.001)
    assert ",=joy" not in path.read_text(encoding="utf-8-sig")
    assert [entry.name for entry in tmp_path.iterdir()] == ["curve.csv"]


RATES = (24, 25, 30, Fraction(24000, 1001), Fraction(30000, 1001))

a_length = st.one_of(
    st.builds(
        Fraction, st.integers(1, 500), st.sampled_from((24, 25, 30, Fraction(24000, 1001), Fraction(30000, 1001)))
    ),
    st.floats(0.003, 1000).map(Fraction),
)
a_value = st.floats(-1, 1)
a_row = st.tuples(a_length, a_value, a_value, st.tuples(st.booleans(), st.booleans()), st.floats(0, 1), st.booleans())


@settings(deadline=None)  # files on a busy disk
@given(st.lists(a_row, min_size=1, max_size=20), st.booleans())
def test_any_curve_comes_back_to_the_last_digit(tmp_path_factory: pytest.TempPathFactory, rows, commas: bool) -> None:
    clock, made = Fraction(0), []
    for length, valence, arousal, ordered, confidence, silence in rows:
        span = EmotionSpan(float(clock), float(clock + length), Affect(valence, arousal), silence=silence)
        made.append(replace(span, ordered=ordered, confidence=1.0 if all(ordered) else confidence))
        clock += length
    path = tmp_path_factory.mktemp("csv") / "curve.csv"
    write_curve_csv(EmotionCurve(tuple(made)), path)
    if commas:  # as a spreadsheet of another language saves it
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [[cell.replace(".", ",") for cell in row] for row in csv.reader(file)]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(cells)

    def told(spans):
        return [(s.start, s.end, s.affect, s.silence, s.ordered, s.confidence) for s in spans]

    assert told(read_curve_csv(path).spans) == told(made)


def test_a_changed_number_is_an_order(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    write_curve_csv(CURVE, path)
    changed = edited(
        tmp_path / "b.csv", path.read_text(encoding="utf-8-sig").replace(",-0.400,0.200,", ",-0.900,0.200,")
    )
    span = changed.spans[0]
    assert span.affect == Affect(-0.9, 0.2)
    assert span.ordered == (True, False)
    assert span.reason == "as edited; dark, slow, low sound"
    assert span.ekman != pytest.approx(CLASSES, abs=0.01)
    again = tmp_path / "again.csv"
    write_curve_csv(changed, again)
    assert read_curve_csv(again).spans[0].ordered == (True, False)
    assert read_curve_csv(again).spans[0].reason == span.reason


def test_shots_timecode_and_numbers_stand_beside(tmp_path: Path) -> None:
    cut = Spotting(
        "cut", 6.0, Fraction(25), start_frame=90000, shots=(Shot(0, 2.5), Shot(2.5, 4), Shot(4, 5), Shot(5, 6))
    )
    moves = (("face", 0.19, 0.0), ("scene", -0.05, 0.0), ("motion", 0.0, -0.21))
    curve = EmotionCurve((replace(CURVE.spans[0], contributions=moves), *CURVE.spans[1:]))
    write_curve_csv(curve, tmp_path / "c.csv", cut)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["shot"] for row in rows] == ["1", "2", "3-4"]
    assert [row["timecode"] for row in rows] == ["01:00:00:00", "01:00:02:12", "01:00:04:00"]
    assert rows[0]["numbers"] == "valence -.40: face +.19, scene -.05; arousal +.20: motion -.21"
    assert [row["sure"] for row in rows] == ["faint, none", "yours", ""]


def test_an_edit_by_hand(tmp_path: Path) -> None:
    curve = edited(
        tmp_path / "a.csv",
        "start,end,valence,arousal,mood,silence\n4,6,0,0,,yes\n0,2,-0.4,0.2,,\n2,3,,,joy,\n6,8,0.1,0.3,v=-0.5,\n8,9,0,0,silence,\n",
    )
    assert [span.start for span in curve.spans] == [0, 2, 4, 6, 8]
    assert [span.end for span in curve.spans] == [2, 4, 6, 8, 9]
    assert curve.at(2.5).affect == Affect(0.8, 0.477)
    assert curve.at(2.5).confidence == 1
    assert sum((curve.at(2.5).ekman or {}).values()) == pytest.approx(1)
    assert curve.at(6.5).affect == Affect(-0.5, 0.3)
    assert [span.silence for span in curve.spans] == [False, False, True, False, True]


def test_a_spreadsheet_in_german(tmp_path: Path) -> None:
    curve = edited(tmp_path / "a.csv", "start;end;valence;arousal\n0,0;1,5;-0,25;0,5\n1,5;3;0,75;1\n")
    assert curve.spans[0].affect == Affect(-0.25, 0.5)
    assert curve.spans[1].start == 1.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks columns"),
        ("a,b\n1,2\n", "lacks columns"),
        ("start,end,valence,arousal\n", "no rows"),
        ("start,end,valence,arousal\n0,1,2,0\n", "Line 2: valence"),
        ("start,end,valence,arousal\n0,1,nan,0\n", "Line 2: valence"),
        ("start,end,valence,arousal\n0,1,0,0\n0.5,2,0,0\n", "overlap"),
        ("start,end,valence,arousal\n0,0,0,0\n", "no length"),
        ("start,end,valence,arousal,classes\n0,1,0,0,fear 7\n", "Line 2: classes"),
        ("start,end,valence,arousal,classes\n0,1,0,0,bliss 0.5\n", "Line 2: classes"),
        ("start,end,valence,arousal,mood\n0,1,0,0,joi\n", "Did you mean joy"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EmotionError, match=says):
        edited(tmp_path / "a.csv", text)


def test_no_text_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00start")
    with pytest.raises(EmotionError, match="UTF-8"):
        read_curve_csv(tmp_path / "a.csv")
    with pytest.raises(EmotionError, match="cannot be opened"):
        read_curve_csv(tmp_path / "none.csv")
    with pytest.raises(OutputError):
        write_curve_csv(CURVE, tmp_path / "no" / "folder.csv")


@settings(deadline=None)  # files on a busy disk
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    try:
        curve = edited(path, f"start,end,valence,arousal,mood,silence\n{text}")
    except (EmotionError, UnicodeEncodeError):
        return
    assert all(one.end == other.start for one, other in pairwise(curve.spans))


TIMED = Spotting("cut", 10.0, Fraction(25), start_frame=90000, shots=(Shot(0, 10),))


def test_start_and_end_may_be_timecode_of_the_cut(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "start,end,mood\n01:00:00:00,01:00:02:12,joy\n01:00:02:12,4.5,fear\n4.5,01:00:30:00,joy\n"
    )
    spans = read_curve_csv(tmp_path / "a.csv", TIMED).spans
    assert [(span.start, span.end) for span in spans] == [(0, 2.48), (2.48, 4.5), (4.5, 10)]


@pytest.mark.parametrize(
    ("text", "cut", "words"),
    [
        ("01:00:01:00", None, "Line 2: start is timecode"),
        ("00:00:01:00", TIMED, "Line 2: start"),
        ("01:00:01:61", TIMED, "Line 2: start"),
    ],
)
def test_timecode_that_cannot_be_counted_names_its_line(
    tmp_path: Path, text: str, cut: Spotting | None, words: str
) -> None:
    (tmp_path / "a.csv").write_text(f"start,end,mood\n{text},20,joy\n")
    with pytest.raises(EmotionError, match=words):
        read_curve_csv(tmp_path / "a.csv", cut)


SHOTS = Spotting("Cut", 12.0, Fraction(25), shots=(Shot(0.0, 4.0), Shot(4.0, 7.0), Shot(7.0, 12.0)))


def test_rows_may_name_shots_instead_of_times(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("shot;mood\n1;joy\n2-3;fear\n")
    spans = read_curve_csv(table, SHOTS).spans
    assert [(span.start, span.end, span.reason) for span in spans] == [(0.0, 4.0, "joy"), (4.0, 12.0, "fear")]


def test_a_relative_mood_moves_the_numbers_of_its_row(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("start,end,valence,arousal,mood\n0,4,0.2,0.1,darker\n4,8,-0.9,0.1,darker\n")
    first, second = read_curve_csv(table).spans
    assert first.affect == Affect(pytest.approx(-0.1), 0.1)
    assert second.affect.valence == -1.0
    assert first.ordered == (True, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("shot,mood\n4,joy\n", "shots are 1 to 3"),
        ("shot,mood\n3-2,joy\n", "shot 3-2 is not there"),
        ("shot,mood\nthree,joy\n", "must be a number such as 3"),
        ("start,end,mood\n0,4,joy -> fear\n", "no ramp"),
        ("start,end,mood\n0,4,darker\n", "'darker' moves valence and arousal, which the row lacks"),
        ("shot,feeling\n1,joy\n", "lacks columns: mood, or valence and arousal"),
        ("mood,when\njoy,1\n", "lacks columns: start or shot"),
    ],
)
def test_rows_that_name_no_place_or_no_mood(tmp_path: Path, text: str, says: str) -> None:
    table = tmp_path / "a.csv"
    table.write_text(text)
    with pytest.raises(EmotionError, match=says):
        read_curve_csv(table, SHOTS)
