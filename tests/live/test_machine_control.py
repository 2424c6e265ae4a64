from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_virtual import Recorder, follow, run

from emsync_bridge.live.events import NoteOff, NoteOn
from emsync_bridge.live.playback.engine import PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.sync.follow_mtc import MtcReader, MtcSource
from emsync_bridge.live.sync.mmc import MmcCommand, TransportCommand, machine_control, read_machine_control
from emsync_bridge.live.sync.mtc import MtcRate, MtcTime, mtc_format, mtc_label
from emsync_bridge.live.sync.send import SendMtc

FORM = mtc_format(Fraction(25))
PLAY, STOP = machine_control(TransportCommand.DEFERRED_PLAY), machine_control(TransportCommand.STOP)


def locate(seconds):
    return machine_control(TransportCommand.LOCATE, mtc_label(round(25 * seconds), FORM.rate))


def test_messages_as_ardour_sends_them():
    assert read_machine_control(bytes.fromhex("F07F000603F7")) == MmcCommand(TransportCommand.DEFERRED_PLAY)
    assert read_machine_control(bytes.fromhex("F07F000601F7")) == MmcCommand(TransportCommand.STOP)
    found = read_machine_control(bytes.fromhex("F07F0006440601600002 0F00F7"))
    assert found == MmcCommand(TransportCommand.LOCATE, MtcTime(0, 0, 2, 15, MtcRate.FPS_30))


@given(st.sampled_from(TransportCommand), st.sampled_from(MtcRate), st.integers(0, 2_000_000))
def test_orders_come_back(command, rate, frame):
    label = mtc_label(frame, rate) if command is TransportCommand.LOCATE else None
    assert read_machine_control(machine_control(command, label)) == MmcCommand(command, label)


@given(st.binary(max_size=14))
def test_any_bytes_are_survived(message):
    read_machine_control(message)
    read_machine_control(b"\xf0\x7f\x7f\x06" + message + b"\xf7")
    MtcReader(MtcSource(FORM)).feed(b"\xf0\x7f\x7f\x06\x44\x06\x01" + message + b"\xf7", 0.0)


def test_a_daw_without_timecode_is_followed_from_where_it_located_to():
    output = Recorder()
    part = LivePart(
        (PartNote(3.0, 3.2, 9, 36, 80), PartNote(3.5, 20.0, 0, 60, 80), PartNote(8.0, 9.0, 0, 64, 80)), (), 30.0
    )
    engine = PlaybackEngine(output, part, send_programs=False)
    orders = [(1.0, locate(3)), (2.0, PLAY), (3.0, locate(7.6)), (4.0, STOP), (5.0, PLAY)]
    reader = MtcReader(MtcSource(FORM))
    follow(engine, reader, orders, 0.5, 4.5)
    assert [(round(when, 2), e.pitch) for when, e in output.of(NoteOn)] == [(2.0, 36), (2.5, 60), (3.0, 60), (3.4, 64)]
    assert not output.sounding
    assert not engine.rolling
    assert reader.line(4.5) is None
    follow(engine, reader, orders[4:], 4.5, 5.3)
    assert engine.position(5.3) == pytest.approx(8.9)


def test_where_there_is_timecode_it_is_waited_for():
    reader = MtcReader(MtcSource(FORM))
    sender = SendMtc(FORM, machine_control=True)
    for message in sender.locate(2.0):
        reader.feed(message, 0.0)
    assert reader.take_locate() == pytest.approx(2.0)
    started = None
    for moment, message in islice(sender.rolling(2.0), 60):
        reader.feed(message, moment)
        started = started or (reader.line(moment) and moment)
    assert 2.1 < started < 2.2
    reader.feed(STOP, moment)
    assert reader.line(moment) is None, "at once, not after the freewheel"


def test_who_sends_orders_sends_each_once():
    output = Recorder()
    engine = PlaybackEngine(
        output, LivePart((PartNote(0, 9, 0, 60, 80),), (), 9.0), sync=SendMtc(FORM, machine_control=True)
    )
    engine.play(0.0, position=2.0)
    run(engine, 0.0, 1.0)
    engine.replace(1.0, LivePart((), (), 9.0), 4.0)
    run(engine, 1.0, 2.0)
    engine.stop(2.0)
    orders = [read_machine_control(event.data) for _, event in output.log if hasattr(event, "data")]
    assert [order.command.name for order in orders if order] == ["STOP", "LOCATE", "DEFERRED_PLAY", "STOP", "LOCATE"]
    assert len(output.of(NoteOn)) == len(output.of(NoteOff)) == 1
