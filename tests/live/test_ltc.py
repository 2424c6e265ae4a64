"""Linear Time Code: bits, sound, and back, at every rate, speed and direction."""

import ctypes
import ctypes.util
import wave
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Spotting
from emsync_bridge.errors import RenderError
from emsync_bridge.live.sync.ltc import BITS, LEVEL, SYNC_WORD, ltc_bits, ltc_blocks, ltc_piece, read_ltc_bits
from emsync_bridge.live.sync.ltc_file import write_ltc
from emsync_bridge.live.sync.ltc_jack import LtcChase, LtcSource
from emsync_bridge.live.sync.ltc_reader import LtcReader
from emsync_bridge.live.sync.mtc import MtcRate, MtcTime, mtc_count, mtc_format, mtc_label

FRAME_RATES = [
    *((Fraction(24), False), (Fraction(24000, 1001), False), (Fraction(25), False), (Fraction(30), False)),
    *(
        (Fraction(30000, 1001), False),
        (Fraction(30000, 1001), True),
        (Fraction(50), False),
        (Fraction(60000, 1001), True),
    ),
]
rates = st.sampled_from(list(MtcRate))


def sound(form, start, seconds, sample_rate=48000):
    return np.concatenate(list(ltc_blocks(form, Fraction(start), Fraction(seconds), sample_rate)))


def counts(labels):
    return [mtc_count(label.time) for label in labels]


@given(rate=rates, data=st.data())
def test_every_label_comes_back(rate, data):
    label = mtc_label(data.draw(st.integers(0, rate.day - 1)), rate)
    bits = ltc_bits(label)
    assert read_ltc_bits(bits, rate.nominal) == label
    assert sum(bits) % 2 == 0
    assert bits[64:] == SYNC_WORD


@given(bits=st.lists(st.integers(0, 1), min_size=64, max_size=64), nominal=st.sampled_from([24, 25, 30]))
def test_what_is_no_label_is_none(bits, nominal):
    found = read_ltc_bits((*bits, *SYNC_WORD), nominal)
    if found is not None:
        assert mtc_label(mtc_count(found), found.rate) == found


def test_the_bits_of_a_known_label():
    """01:23:45:12 at 25, by hand from the table in SMPTE ST 12-1."""
    text = "".join(map(str, ltc_bits(MtcTime(1, 23, 45, 12, MtcRate.FPS_25))))
    groups = [text[i : i + 4] for i in range(0, BITS, 4)]
    wanted = (
        *("0100", "0000", "1000", "0000"),  # 2 frames, 10 frames
        *("1010", "0000", "0010", "0000"),  # 5 s, 40 s
        *("1100", "0000", "0100", "0000"),  # 3 min, 20 min
        *("1000", "0000", "0000", "0000"),  # 1 h; the ones are 22, so the bit for polarity at 59 is 0
        *("0011", "1111", "1111", "1101"),
    )
    ones = sum(part.count("1") for part in wanted)
    assert ones % 2 == 0
    assert tuple(groups) == wanted


@pytest.mark.parametrize(("rate", "drop"), FRAME_RATES)
@pytest.mark.parametrize("sample_rate", [44100, 48000, 96000])
def test_sound_is_read_back_at_its_time(rate, drop, sample_rate):
    form = mtc_format(rate, drop_frame=drop)
    start = 1798 * form.frame_seconds  # over a minute's end, where labels are dropped
    labels = LtcReader(form.rate.nominal).feed(sound(form, start, 2, sample_rate))
    first = counts(labels)[0]
    assert first in (1798, 1799)  # the reader learns the speed on the first label
    assert counts(labels) == list(range(first, first + len(labels)))
    assert len(labels) >= 2 / form.frame_seconds - 2
    for label in labels:
        wanted = (mtc_count(label.time) - 1798) * form.frame_seconds * sample_rate
        assert abs(label.at - float(wanted)) < 2
        assert label.direction == 1
        assert label.time.rate is form.rate


def test_hours_of_timecode_do_not_drift():
    form = mtc_format(Fraction(30000, 1001), drop_frame=True)
    total, found, reader = 0, [], LtcReader(30)
    blocks = ltc_blocks(form, Fraction(3600), Fraction(240), 24000)
    for block in blocks:
        total += len(block)
        found += reader.feed(block)
    assert total == 240 * 24000
    last = found[-1]
    wanted = (mtc_count(last.time) * form.frame_seconds - 3600) * 24000
    assert abs(last.at - float(wanted)) < 1
    assert counts(found) == list(range(mtc_count(found[0].time), mtc_count(last.time) + 1))


@given(
    speed=st.floats(0.25, 3.0),
    backwards=st.booleans(),
    inverted=st.booleans(),
    gain=st.floats(0.05, 3.0),
    rate=st.sampled_from(FRAME_RATES),
    seed=st.integers(0, 2**16),
)
def test_any_speed_direction_polarity_and_level_with_noise(speed, backwards, inverted, gain, rate, seed):
    form = mtc_format(rate[0], drop_frame=rate[1])
    plain = sound(form, 3600, Fraction(12, 10))
    at = np.arange(0, len(plain) - 1, speed)
    played = np.interp(at, np.arange(len(plain)), plain)
    if backwards:
        played = played[::-1]
    noise = np.random.default_rng(seed).normal(0, 0.02 * LEVEL, len(played))
    labels = LtcReader(form.rate.nominal).feed(((-1) ** inverted * gain * (played + noise)).astype(np.float32))
    assert len(labels) >= 0.8 * 1.2 / form.frame_seconds - 3
    found = counts(labels)
    direction = -1 if backwards else 1
    assert {label.direction for label in labels} == {direction}
    assert {later - earlier for earlier, later in pairwise(found)} <= {direction}
    for label in labels:
        assert label.samples * speed == pytest.approx(float(form.frame_seconds) * 48000, rel=0.02)


@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_blocks_of_any_size_read_the_same(sizes):
    form = mtc_format(Fraction(25))
    whole = sound(form, 10, 1)
    reader, found, begin = LtcReader(25), [], 0
    for size in [*sizes, len(whole)]:
        found += reader.feed(whole[begin : begin + size])
        begin += size
    assert counts(found) == counts(LtcReader(25).feed(whole))


@given(seed=st.integers(0, 2**16), kind=st.sampled_from(["noise", "silence", "sine", "clipped"]))
def test_what_is_no_timecode_gives_no_labels(seed, kind):
    chance = np.random.default_rng(seed)
    samples = {
        "noise": chance.normal(0, 0.3, 24000),
        "silence": chance.normal(0, 0.0005, 24000),
        "sine": np.sin(np.arange(24000) * chance.uniform(0.001, 3)),
        "clipped": np.sign(np.sin(np.arange(24000) * chance.uniform(0.01, 1))),
    }[kind]
    assert LtcReader(25).feed(samples.astype(np.float32)) == []


def test_a_gap_and_a_jump_are_taken_up_again():
    form = mtc_format(Fraction(25))
    there, later = sound(form, 10, 1), sound(form, 500, 1)
    gap = np.zeros(7777, np.float32)
    found = counts(LtcReader(25).feed(np.concatenate([there, gap, later, there])))
    for begin in (250, 12500):
        assert len([count for count in found if begin <= count < begin + 25]) >= 23
    assert all(250 <= count < 275 or 12500 <= count < 12525 for count in found)


def test_the_file_is_as_long_as_the_timeline_and_begins_at_its_timecode(tmp_path):
    rate = Fraction(30000, 1001)
    spotting = Spotting("reel", float(200 / rate), rate, start_frame=107892, drop_frame=True)
    write_ltc(tmp_path / "reel.ltc.wav", spotting, 48000)
    with wave.open(str(tmp_path / "reel.ltc.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 48000)
        assert sound.getnframes() == round(200 / rate * 48000)
        samples = np.frombuffer(sound.readframes(10**6), "<i2").astype(np.float32) / 32768
    labels = LtcReader(30).feed(samples)
    assert labels[0].time == MtcTime(1, 0, 0, 1, MtcRate.FPS_30_DROP)
    assert len(labels) >= 198


def test_the_sound_stays_as_it_was():
    """The level in the middle of each half bit of 01:00:00:00 at 25, 12 samples apart at 48 kHz."""
    levels = sound(mtc_format(Fraction(25)), 3600, Fraction(1, 25))[6::12]
    assert np.packbits(levels > 0).tobytes().hex() == "ccccccccccccccccccccccccb333333335555552"


def test_a_rate_without_linear_time_code_is_refused_in_words(tmp_path):
    with pytest.raises(RenderError, match="no linear time code at 12 frames") as refusal:
        write_ltc(tmp_path / "a.wav", Spotting("reel", 10.0, Fraction(12)), 48000)
    assert refusal.value.setting == "ltc"
    assert not (tmp_path / "a.wav").exists()


def chased(form, stretches, start=Fraction(3600), block=1024):
    """Let a follower hear stretches of timecode one after the other; return it and the time at their end."""
    chase, now = LtcChase(LtcSource(form, start), 48000.0), 0.0
    for samples in stretches:
        for begin in range(0, len(samples), block):
            part = samples[begin : begin + block]
            now += len(part) / 48000
            chase.feed(part, now)
    return chase, now


@pytest.mark.parametrize(("rate", "drop"), FRAME_RATES)
def test_a_follower_is_where_the_sound_is(rate, drop):
    form = mtc_format(rate, drop_frame=drop)
    chase, now = chased(form, [sound(form, 3605, 1)])
    line = chase.line(now)
    assert line.position_at(now) == pytest.approx(6.0, abs=0.005)
    assert line.rate == pytest.approx(1.0, rel=0.01)
    assert chase.warning == ""
    assert chase.line(now + 0.5) is None


def test_a_follower_goes_where_the_sound_jumps_and_stands_while_it_runs_backwards():
    form = mtc_format(Fraction(25))
    chase, now = chased(form, [sound(form, 3605, 1), sound(form, 3620, 1)])
    assert chase.line(now).position_at(now) == pytest.approx(21.0, abs=0.005)
    chase, now = chased(form, [sound(form, 3605, 1), sound(form, 3600, 1)[::-1]])
    assert chase.line(now) is None


def test_sound_that_is_made_as_it_is_heard_is_the_same():
    form = mtc_format(Fraction(25))
    pieces = [ltc_piece(form, 3600 + at / 48000, 1024, 48000) for at in range(0, 48000, 1024)]
    labels = LtcReader(25).feed(np.concatenate(pieces))
    assert counts(labels) == list(range(90001, 90001 + len(labels)))
    assert len(labels) >= 23


class TimecodeFrame(ctypes.Structure):
    """The end of a label as libltc hands it over."""

    _fields_ = [("bits", ctypes.c_uint8 * 10), ("start", ctypes.c_longlong), ("end", ctypes.c_longlong)]
    _fields_ += [("reverse", ctypes.c_int), ("rest", ctypes.c_uint8 * 4096)]


def libltc():
    name = ctypes.util.find_library("ltc")
    if name is None:
        pytest.skip("libltc is not installed")
    library = ctypes.CDLL(name)
    library.ltc_decoder_create.restype = ctypes.c_void_p
    return library


@pytest.mark.parametrize(("rate", "drop"), FRAME_RATES)
def test_another_program_reads_the_same(rate, drop):
    library, form = libltc(), mtc_format(rate, drop_frame=drop)
    samples = sound(form, 1798 * form.frame_seconds, 3)
    decoder = ctypes.c_void_p(library.ltc_decoder_create(int(48000 * form.frame_seconds), 512))
    data = np.ascontiguousarray(samples)
    library.ltc_decoder_write_float(
        decoder, data.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(data)), ctypes.c_longlong(0)
    )
    frame, found = TimecodeFrame(), []
    while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
        bits = tuple(byte >> bit & 1 for byte in frame.bits for bit in range(8))
        found.append((read_ltc_bits(bits, form.rate.nominal), frame.start, frame.reverse))
    library.ltc_decoder_free(decoder)
    assert len(found) >= 3 / form.frame_seconds - 3
    numbers = [mtc_count(time) for time, _, _ in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(time == mtc_label(number, form.rate) for (time, _, _), number in zip(found, numbers, strict=True))
    for (_, start, reverse), number in zip(found, numbers, strict=True):
        assert not reverse
        assert abs(start - float((number - 1798) * form.frame_seconds * 48000)) < 30
