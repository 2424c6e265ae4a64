import random
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from emsync_bridge.cue import Tempo, TempoMap
from emsync_bridge.errors import LiveError
from emsync_bridge.live.outputs.osc import pack
from emsync_bridge.live.outputs.osc_dialects import load_dialect
from emsync_bridge.live.sync.follow_osc import LOSS, OscReader, OscSource

SLOW = TempoMap((Tempo(0, 1_000_000),))


def reader_of(name):
    dialect = load_dialect(name)
    return OscReader(dialect, dialect.feedback, SLOW)


SAYS = {
    "ardour": (("/transport_play", [1.0]), ("/transport_play", [0.0]), lambda s: ("/position/time", [clock(s)])),
    "reaper": (("/play", [1.0]), ("/stop", [1.0]), lambda s: ("/time", [s])),
    "bitwig": (("/play", [1]), ("/play", [0]), lambda s: ("/time/str", [clock(s)])),
    "ableton": (
        ("/live/song/get/is_playing", [True]),
        ("/live/song/get/is_playing", [False]),
        lambda s: ("/live/song/get/current_song_time", [s]),
    ),
}


def clock(seconds):
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{seconds % 60:06.3f}"


@pytest.mark.parametrize("name", SAYS)
def test_each_daw_is_understood(name):
    play, stop, at = SAYS[name]
    reader = reader_of(name)
    reader.feed(*at(72.5), 1.0)
    assert reader.line(1.0) is None
    assert reader.take_locate() == pytest.approx(72.5)
    assert reader.take_locate() is None
    reader.feed(*play, 2.0)
    assert reader.line(2.0).position_at(2.0) == pytest.approx(72.5)
    assert reader.begin == pytest.approx(72.5)
    for step in range(1, 40):
        reader.feed(*at(72.5 + step / 10), 2.0 + step / 10)
        reader.feed(*play, 2.0 + step / 10)
    assert reader.line(6.0).position_at(6.0) == pytest.approx(76.5, abs=0.01)
    for step in range(10):
        reader.feed(*at(20 + step / 10), 6.0 + step / 10)
    assert reader.line(7.0).position_at(7.0) == pytest.approx(21, abs=0.02), "located while rolling"
    assert reader.line(6.9 + LOSS + 0.01) is None, "a DAW that is gone"
    reader.feed(*stop, 7.0)
    assert reader.line(7.0) is None


def test_varispeed_and_late_positions_are_smoothed():
    chance = random.Random(3)
    reader = reader_of("ableton")
    reader.feed("/live/song/get/is_playing", [1], 0.0)
    for step in range(100):
        now = step / 10
        reader.feed("/live/song/get/current_song_time", [now * 1.05], now + chance.uniform(0, 0.05))
        if step > 30:
            assert reader.line(now).position_at(now) == pytest.approx(now * 1.05, abs=0.05)
    assert reader.line(now).rate == pytest.approx(1.05, abs=0.03)


@given(
    st.sampled_from(sorted(SAYS)),
    st.lists(st.one_of(st.none(), st.text(), st.floats(), st.booleans(), st.integers()), max_size=3),
)
def test_nonsense_is_survived(name, values):
    reader = reader_of(name)
    for address in [*reader._feedback.position, *reader._feedback.rolling, "/else"]:
        reader.feed(address, values, 0.0)
        reader.feed(address, values, 0.5)
        reader.line(0.5)


def test_a_daw_is_asked_and_heard_and_strangers_and_rubbish_are_not():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daw:
        daw.bind(("127.0.0.1", 0))
        daw.settimeout(2)
        follower = OscSource("ardour", port=daw.getsockname()[1]).open(time.perf_counter)
        follower.attend(0.0)
        data, sender = daw.recvfrom(4096)
        assert OscMessage(data).address == "/set_surface"
        assert OscMessage(daw.recv(4096)).address == "/transport_speed"
        for rubbish in (b"", b"#reply\0\0,s\0\0", b"#bundle\0" + b"\xff" * 20, b"/x\0\0,f\0\0", bytes(40)):
            daw.sendto(rubbish, sender)
        daw.sendto(b"#bundle\0" + bytes(8) + (b"\0\0\xff\xf0#bundle\0" + bytes(8)) * 3000, sender)
        daw.sendto(pack("/position/time", ["00:00:02.500"]), sender)
        until = time.perf_counter() + 2
        located = None
        while located is None and time.perf_counter() < until:
            follower.attend(0.1)
            located = follower.reader.take_locate()
        assert located == pytest.approx(2.5)
        follower.attend(6.0)
        assert OscMessage(daw.recv(4096)).address == "/set_surface", "told again, for a DAW that started later"
        follower.close()


def test_what_cannot_be_followed_is_a_message():
    with pytest.raises(LiveError, match="does not say how"):
        OscSource("supercollider").open(time.perf_counter)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(LiveError, match="cannot be listened to"):
            OscSource("reaper", listen=taken.getsockname()[1]).open(time.perf_counter)
