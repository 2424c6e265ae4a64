from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.sync.mtc import (
    MtcPosition,
    MtcRate,
    MtcTime,
    QuarterFrameReader,
    full_frame,
    mtc_count,
    mtc_format,
    mtc_label,
    quarter_frame,
    read_full_frame,
)

rates = st.sampled_from(MtcRate)
NTSC = Fraction(1000, 1001)


@pytest.mark.parametrize(
    ("rate", "drop", "code", "divisor"),
    [
        (24 * NTSC, False, MtcRate.FPS_24, 1),
        (Fraction(24), False, MtcRate.FPS_24, 1),
        (Fraction(25), False, MtcRate.FPS_25, 1),
        (30 * NTSC, False, MtcRate.FPS_30, 1),
        (30 * NTSC, True, MtcRate.FPS_30_DROP, 1),
        (Fraction(30), True, MtcRate.FPS_30, 1),
        (48 * NTSC, False, MtcRate.FPS_24, 2),
        (Fraction(50), False, MtcRate.FPS_25, 2),
        (60 * NTSC, True, MtcRate.FPS_30_DROP, 2),
        (60 * NTSC, False, MtcRate.FPS_30, 2),
        (Fraction(60), False, MtcRate.FPS_30, 2),
        (120 * NTSC, True, MtcRate.FPS_30_DROP, 4),
    ],
)
def test_each_frame_rate_has_its_code(rate, drop, code, divisor):
    assert mtc_format(rate, drop_frame=drop).rate is code
    assert mtc_format(rate, drop_frame=drop).frame_seconds == divisor / rate


@pytest.mark.parametrize("rate", [Fraction(15), Fraction(12), Fraction(23), Fraction(90)])
def test_a_rate_without_a_code_is_refused(rate):
    with pytest.raises(EmsyncError, match="MIDI Time Code has no"):
        mtc_format(rate)


def test_drop_frame_labels_as_known():
    drop = MtcRate.FPS_30_DROP
    assert mtc_label(1799, drop)[:4] == (0, 0, 59, 29)
    assert mtc_label(1800, drop)[:4] == (0, 1, 0, 2)
    assert mtc_label(17982, drop)[:4] == (0, 10, 0, 0)
    assert mtc_label(107892, drop)[:4] == (1, 0, 0, 0)
    assert mtc_label(-1, drop)[:4] == (23, 59, 59, 29)


@given(rates, st.integers(0, 2_592_000))
def test_labels_count_up_by_one_and_back(rate, count):
    count %= rate.day
    label = mtc_label(count, rate)
    assert mtc_count(label) == count
    assert label < mtc_label(count + 1, rate) or count + 1 == rate.day
    assert read_full_frame(full_frame(label)) == label


def test_every_drop_frame_label_of_an_hour_exists_once():
    labels = [mtc_label(count, MtcRate.FPS_30_DROP) for count in range(107892)]
    assert len(set(labels)) == 107892
    assert not [t for t in labels if t.frames < 2 and t.seconds == 0 and t.minutes % 10]


def test_a_full_frame_as_a_daw_sends_it():
    # Ardour 7.3 at 0 h 0 m 2 s 15 f, 30 frames per second.
    assert read_full_frame(bytes.fromhex("F07F7F01016000020FF7")) == MtcTime(0, 0, 2, 15, MtcRate.FPS_30)


@given(st.binary(max_size=12))
def test_other_messages_are_no_full_frame(message):
    label = read_full_frame(message)
    assert label is None or read_full_frame(full_frame(label)) == label


@given(rates, st.integers(0, 4 * 2_592_000), st.sampled_from([1, -1]), st.integers(24, 60))
def test_a_stream_is_understood_within_three_labels(rate, start, direction, length):
    day = 4 * rate.day
    reader = QuarterFrameReader()
    found = []
    for step in range(length):
        quarter = (start + direction * step) % day
        found.append(reader.feed(quarter_frame(quarter, rate)))
        assert found[-1] in (None, MtcPosition(quarter, rate, direction))
    assert found[-1] is not None
    assert None not in found[found.index(found[-1]) if found[-1] in found else -1 :]
    first = next(i for i, position in enumerate(found) if position)
    assert 15 <= first <= 22
    assert None not in found[first:]


@given(
    rates,
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(1, 40), st.integers(-5000, 5000), st.booleans()), max_size=6),
)
def test_jumps_and_turns_are_never_misread(rate, quarter, moves):
    """After a jump the old count may run on until the next label shows it, never longer."""
    reader, direction = QuarterFrameReader(), 1
    for length, jump, turn in moves:
        quarter = (quarter + jump) % (4 * rate.day)
        direction = -direction if turn else direction
        for since in range(1, length + 1):
            quarter = (quarter + direction) % (4 * rate.day)
            position = reader.feed(quarter_frame(quarter, rate))
            if since > 24:
                assert position == MtcPosition(quarter, rate, direction)
            elif since > 16 and position:
                assert position.quarter == quarter


@given(st.lists(st.binary(min_size=1, max_size=3)))
def test_any_bytes_are_survived(messages):
    reader = QuarterFrameReader()
    for message in messages:
        reader.feed(message)
        reader.feed(b"\xf1" + message[:1])
