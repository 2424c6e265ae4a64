from fractions import Fraction

import pytest

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.reading import read_timeline as read

NTSC = Fraction(1000, 1001)


def model_of(tmp_path, lines, *, rate=None):
    path = tmp_path / "list.edl"
    path.write_text("\n".join(lines))
    return read(path, sequence=None, rate=rate)


def event(source, record):
    return f"001 A V C {source} {record}"


@pytest.mark.parametrize(
    ("frame", "header", "expected", "drop"),
    [
        (23, "", Fraction(24), False),
        (24, "", Fraction(25), False),
        (25, "", Fraction(30), False),
        (29, "FCM: NON-DROP FRAME", Fraction(30), False),
        (29, "FCM: DROP FRAME", 30 * NTSC, True),
        (10, "FCM: DROP FRAME", 30 * NTSC, True),
        (49, "", Fraction(50), False),
        (59, "", Fraction(60), False),
        (40, "FCM: DROP FRAME", 60 * NTSC, True),
        (99, "", Fraction(100), False),
        (119, "", Fraction(120), False),
    ],
)
def test_the_rate_is_worked_out_from_the_highest_frame_number_and_stated(tmp_path, frame, header, expected, drop):
    tail = f"{frame:02}"
    model = model_of(
        tmp_path, [header, event(f"00:00:00:00 00:00:10:{tail}", f"01:00:00:00 01:00:10:{tail}")], rate=None
    )
    assert (model.rate, model.drop_frame) == (expected, drop)
    assert any("does not say its frame rate" in warning for warning in model.warnings)


def test_a_rate_that_is_given_is_used_without_a_word(tmp_path):
    lines = [event("00:00:00:00 00:00:10:00", "01:00:00:00 01:00:10:00")]
    for given in (24 * NTSC, Fraction("23.976"), Fraction(25), Fraction(48)):
        model = model_of(tmp_path, lines, rate=given)
        assert model.rate == (24 * NTSC if given < 24 else given)
        assert not model.warnings


def test_a_rate_without_such_frame_numbers_is_refused(tmp_path):
    lines = [event("00:00:00:00 00:00:10:24", "01:00:00:00 01:00:10:24")]
    with pytest.raises(TimelineError, match="frame number 24"):
        model_of(tmp_path, lines, rate=Fraction(24))


def test_separators_speak_for_each_timecode(tmp_path):
    # the programme counts without drop frame, the source with it: 01:00:00;00 is frame 107892
    model = model_of(
        tmp_path, ["FCM: DROP FRAME", event("01:00:00;00 01:00:10;00", "01:00:00:00 01:00:10:00")], rate=None
    )
    assert (model.rate, model.drop_frame, model.start_frame) == (30 * NTSC, False, 108000)
    assert model.leaves[0].source * model.rate == 107892


def test_the_first_frame_code_is_the_programmes_and_later_ones_the_sources(tmp_path):
    model = model_of(
        tmp_path,
        [
            "FCM: NON-DROP FRAME",
            event("01:00:00:00 01:00:10:00", "01:00:00:00 01:00:10:00"),
            "FCM: DROP FRAME",
            "002 A V C 01:00:00:00 01:00:10:00 01:00:10:00 01:00:20:00",
        ],
    )
    assert (model.drop_frame, model.start_frame) == (False, 108000)
    assert [leaf.source * model.rate for leaf in model.leaves] == [108000, 107892]
    assert model.leaves[1].start * model.rate == 300


def test_drop_frame_across_a_minute(tmp_path):
    # 00:01:00;02 follows 00:00:59;29
    model = model_of(tmp_path, [event("00:00:00;00 00:00:00;03", "00:00:59;28 00:01:00;03")])
    assert model.duration * model.rate == 3


def test_drop_frame_is_not_believed_of_a_list_that_never_reaches_frame_25(tmp_path):
    lines = ["FCM: DROP FRAME"]
    for number in range(60):
        times = [f"01:00:{n // 25:02}:{n % 25:02}" for n in (number, number + 1)]
        lines.append(f"{number:03} A V C {' '.join(times)} {' '.join(times)}")
    model = model_of(tmp_path, lines)
    assert (model.rate, model.drop_frame) == (25, False)
    assert any("says drop frame" in warning for warning in model.warnings)


def test_sources_of_another_rate_do_not_decide(tmp_path):
    lines = []
    for number in range(40):
        times = [f"01:00:{n // 24:02}:{n % 24:02}" for n in (number, number + 1)]
        lines.append(f"{number:03} A V C 00:00:00:{number % 30:02} 00:00:01:{number % 30:02} {' '.join(times)}")
    model = model_of(tmp_path, lines)
    assert model.rate == 24
    assert model.leaves[29].source is None
    assert any("another rate" in warning for warning in model.warnings)


@pytest.mark.parametrize(("given", "used"), [(Fraction(30), 30 * NTSC), (Fraction(60), 60 * NTSC), (25, 25)])
def test_a_whole_rate_with_drop_frame(tmp_path, given, used):
    model = model_of(tmp_path, [event("00:00:00;00 00:00:10;00", "00:02:10;02 00:02:20;02")], rate=Fraction(given))
    assert (model.rate, model.drop_frame) == (used, used != 25)
    assert len(model.warnings) == 1
