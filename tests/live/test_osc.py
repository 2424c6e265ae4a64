import json
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.events import Midi, NoteOff, NoteOn, StateMessage
from emsync_bridge.live.outputs.osc import MAX_BUNDLE, OscTarget, bundles
from emsync_bridge.live.outputs.osc_dialects import dialect_names, load_dialect

ON, OFF = NoteOn(2, 60, 90, 7, 0.5), NoteOff(2, 60, 7)


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        near.settimeout(2)
        yield near


def received(near):
    bundle = OscBundle(near.recv(65536))
    return bundle, [(message.address, *message.params) for message in bundle]


def test_every_dialect_says_notes():
    assert {name for name in dialect_names() if not load_dialect(name).has_notes} == {"ardour", "ableton"}
    for name in set(dialect_names()) - {"ardour", "ableton"}:
        dialect = load_dialect(name)
        ((on, *_),), ((off, *_),) = dialect.messages(ON), dialect.messages(OFF)
        assert on.startswith("/")
        assert off.startswith("/")
        assert dialect.messages(Midi(b"\xf8")) == []


def test_reapers_keyboard():
    assert load_dialect("reaper").messages(ON) == [("/vkb_midi/2/note/60", [90])]
    assert load_dialect("bitwig").messages(OFF) == [("/vkb_midi/2/note/60", [0])]


def test_our_own_stream_on_the_wire(receiver):
    output = OscTarget("emsync", port=receiver.getsockname()[1]).open()
    output.send(time.perf_counter(), [ON, StateMessage("emotion", (0.5, -0.25))])
    messages = received(receiver)[1]
    assert messages == [("/emsync/note", 7, 2, 60, 90, 0.5), ("/emsync/emotion", 0.5, -0.25)]
    output.send(time.perf_counter(), [OFF])
    assert received(receiver)[1] == [("/emsync/off", 7)]
    output.close()
    assert received(receiver)[1] == [("/emsync/off", 7)], "releases are sent twice"


def test_states_are_repeated_so_that_a_lost_datagram_does_not_matter(receiver):
    output = OscTarget("emsync", port=receiver.getsockname()[1]).open()
    now = time.perf_counter()
    output.send(now, [StateMessage("transport", (1, 2.0, 1.0)), StateMessage("hit", ("cut", "A", 5, 1.0))])
    received(receiver)
    for later in (0.1, 0.5, 1.2):
        output.poll(now + later)
    assert [received(receiver)[1] for _ in range(2)] == [[("/emsync/transport", 1, 2.0, 1.0)]] * 2
    output.close()


def test_supercollider_gets_the_time_ahead(receiver):
    output = OscTarget("supercollider", port=receiver.getsockname()[1]).open()
    assert output.lookahead == 0.2
    output.send(time.perf_counter() + 0.2, [ON])
    bundle, _ = received(receiver)
    assert bundle.timestamp - time.time() == pytest.approx(0.2, abs=0.1)
    output.send(time.perf_counter() - 0.1, [OFF])
    assert received(receiver)[0].timestamp == 0, "a time that has passed is sent as immediate"
    output.close()


@given(st.lists(st.binary(min_size=4, max_size=300).map(lambda data: data + b"\0" * (-len(data) % 4)), max_size=60))
def test_bundles_fit_a_datagram_and_keep_order(messages):
    found = []
    for bundle in bundles(messages, 0):
        assert len(bundle) <= MAX_BUNDLE
        place = 16
        while place < len(bundle):
            size = int.from_bytes(bundle[place : place + 4], "big")
            found.append(bundle[place + 4 : place + 4 + size])
            place += 4 + size
    assert found == messages


def test_a_users_own_dialect(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"like": "emsync", "port": 7000, "note_on": ["/n/{channel}", "$pitch", 1.5, "x"]}))
    dialect = load_dialect(str(path))
    assert dialect.messages(ON) == [("/n/2", [60, 1.5, "x"])]
    assert dialect.messages(OFF) == [("/emsync/off", [7])]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "one JSON object"),
        ("{", "Not JSON"),
        ("[" * 100_000, "Not JSON"),
        ('{"like": "emsync", "port": 0}', "port"),
        ('{"like": "emsync", "note_on": ["/n", "$colour"]}', "'colour'"),
        ('{"like": "emsync", "surprise": 1}', "surprise"),
        ('{"like": "emsync", "note_off": []}', "go together"),
        ('{"like": "emsync", "states": {"hit": [["/h", "$9"]]}}', "'9'"),
        ('{"like": "emsync", "states": {"hit": [[]]}}', "empty"),
        ('{"like": "emsync", "transport": {"play": [["play"]]}}', "slash"),
        ('{"like": "emsync", "transport": {"play": [["/play", "$bar"]]}}', "'bar'"),
        ('{"like": "emsync", "feedback": {"position": {"/t": {"unit": "weeks"}}}}', "feedback.position"),
        ('{"like": "emsync", "feedback": {"ask": [["/t", "$now"]], "position": {}}}', "'now'"),
    ],
)
def test_a_bad_dialect_is_a_message(tmp_path, text, says):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(EmsyncError, match=says):
        load_dialect(str(path))


def test_unknown_names_are_messages():
    with pytest.raises(EmsyncError, match="emsync, supercollider"):
        load_dialect("cubase")
    with pytest.raises(EmsyncError, match="cannot be sent"):
        OscTarget("emsync", host="no host").open()


def test_a_daw_is_ordered_to_roll_to_stop_and_to_stand_elsewhere(receiver):
    output = OscTarget("ardour", port=receiver.getsockname()[1], notes=False, lead=True).open()
    said = []
    for rolling, position in ((0, 1.0), (1, 2.0), (0, 3.0), (0, 4.0)):
        output.send(output.clock(), [StateMessage("transport", (rolling, position, 1.0, 2 * position)), ON])
        said += received(receiver)[1]
    assert said == [("/locate", 48000, 0), ("/locate", 96000, 1), ("/transport_stop",), ("/locate", 192000, 0)]
    output.close()
