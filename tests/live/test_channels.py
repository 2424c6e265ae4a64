"""Arranged takes played live: a channel for each player or family, its sound, and its controllers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_virtual import Recorder

from emsync_bridge.cue import Control, Note, Spotting, Take, TempoMap
from emsync_bridge.live.events import Midi, NoteOn
from emsync_bridge.live.playback.channels import ChannelPlan, program_messages
from emsync_bridge.live.playback.engine import PREROLL, PlaybackEngine
from emsync_bridge.live.playback.part import join_parts, last_controllers, part_of, split_part
from emsync_bridge.midi.players import PLAYERS

CUT = Spotting("cut", 8.0, Fraction(25))
EXPRESSION = bytes((0xB0, 11))
PITCHED = [player.name for player in PLAYERS.values() if not player.unpitched]


def take(*names, controls=(), times=1):
    notes = [
        Note(
            24 * i, 24 * i + 20, PLAYERS[name].group, 38 if PLAYERS[name].unpitched else PLAYERS[name].center, 80, name
        )
        for i in range(times)
        for name in names
    ]
    return Take(1, tuple(sorted(notes)), TempoMap(), controls=tuple(controls))


def swell(player, *pairs):
    return [Control(tick, player, 11, value) for tick, value in pairs]


def test_every_player_has_a_channel_of_its_own():
    part = part_of(take("flute", "oboe", "horns", "snare", "cymbals"), CUT)
    assert dict(part.channels) == {"flute": 0, "oboe": 1, "horns": 2, "snare": 9}
    assert sorted({strike.channel for strike in part.strikes}) == [0, 1, 2, 9]


def test_a_family_may_share_a_channel():
    plan = ChannelPlan("family")
    part = part_of(take("flute", "oboe", "horns", "snare"), CUT, plan=plan)
    assert len({strike.channel for strike in part.strikes}) == 3
    assert [name for name, _ in part.channels] == ["flute", "horns", "snare"]


def test_more_players_than_channels_play_on_those_of_their_kin():
    part = part_of(take(*PITCHED), CUT)
    assert {strike.channel for strike in part.strikes} == set(range(16)) - {9}


def test_players_keep_their_channels_in_later_parts():
    plan = ChannelPlan()
    first = dict(part_of(take("violins", "basses"), CUT, plan=plan).channels)
    later = dict(part_of(take("flute", "violins", "basses"), CUT, plan=plan).channels)
    assert {name: later[name] for name in first} == first


def test_sounds_are_those_of_the_players():
    sent = [message.data for message in program_messages((("oboe", 3), ("strings", 5)))]
    assert bytes((0xC3, PLAYERS["oboe"].program)) in sent
    assert bytes((0xB3, 10, PLAYERS["oboe"].pan)) in sent
    assert bytes((0xC5, 48)) in sent


def test_controllers_go_out_at_their_time_before_the_notes():
    output = Recorder()
    engine = PlaybackEngine(
        output, part_of(take("flute", controls=swell("flute", (0, 40), (24, 90))), CUT), send_programs=False
    )
    engine.play(0.0)
    for step in range(300):
        engine.step(step / 100)
    heard = [
        (round(when - PREROLL, 3), event.data[2]) for when, event in output.of(Midi) if event.data[:2] == EXPRESSION
    ]
    assert heard == [(0.0, 40), (0.5, 90)]
    kinds = [
        type(event) for _, event in output.of((Midi, NoteOn)) if not isinstance(event, Midi) or event.data[0] == 0xB0
    ]
    assert kinds.index(Midi) < kinds.index(NoteOn)


def test_playing_from_the_middle_sends_the_controllers_that_hold_there():
    output = Recorder()
    music = take("flute", controls=swell("flute", (0, 40), (24, 90), (96, 20)), times=8)
    engine = PlaybackEngine(output, part_of(music, CUT), send_programs=False)
    engine.play(0.0, position=1.0)
    for step in range(20):
        engine.step(step / 100)
    assert [e.data[2] for _, e in output.of(Midi) if e.data[:2] == EXPRESSION] == [90]


def test_a_channel_of_several_players_swells_with_the_loudest():
    plan = ChannelPlan("family")
    controls = sorted([*swell("flute", (0, 40), (48, 100)), *swell("oboe", (24, 60), (72, 30))])
    part = part_of(take("flute", "oboe", controls=controls), CUT, plan=plan)
    assert [m.data[2] for _, m in part.marks if isinstance(m, Midi)] == [40, 60, 100]


def test_a_part_that_takes_over_brings_its_controllers_along():
    old = part_of(take("flute", controls=swell("flute", (0, 127)), times=8), CUT)
    new = part_of(take("flute", controls=swell("flute", (0, 30), (180, 50)), times=8), CUT)
    both = join_parts(old, new, 2.0)
    assert [(at, m.data[2]) for at, m in both.marks if isinstance(m, Midi)] == [(0.0, 127), (2.0, 30), (3.75, 50)]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 127)), max_size=60, unique_by=lambda pair: pair[0]),
    st.integers(2, 7),
)
@pytest.mark.parametrize("position", [0.0, 2.0])
def test_pieces_hold_all_controllers_from_their_position_on(position, values, size):
    music = part_of(take("flute", "horns", controls=swell("flute", *sorted(values)), times=16), CUT)
    whole = join_parts(part_of(take("flute"), CUT), music, position)
    built = part_of(take("flute"), CUT)
    for piece, begin in split_part(music, position, size):
        built = join_parts(built, piece, begin)
    assert built.strikes == whole.strikes
    for moment in (3.0, 5.0, 8.0, 12.0):
        assert last_controllers([m for m in built.marks if m[0] <= moment]) == last_controllers(
            [m for m in whole.marks if m[0] <= moment]
        )
