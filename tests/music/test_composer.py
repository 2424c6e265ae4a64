"""Composing with a network: the same seed the same music, hits on the frame, a file that other programs read."""

import io
from fractions import Fraction

import mido
import pytest
import torch
from scored_cuts import mood, spotting

from emsync_bridge.cue import Cue, HitPoint, Meter, Spotting
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import MusicError
from emsync_bridge.midi import conductor_track, reader, writer
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.generation import compose
from emsync_bridge.music.generation.batch import compose_takes
from emsync_bridge.music.generation.take import hit_answers
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.options import MusicOptions

CUT = spotting(24.0, [4.5, 9.125, 15.0])
MOOD = mood((0, 9, 0.6, -0.4), (9, 15, -0.5, 0.7), (15, 19), (19, 24, 0.5, 0.5))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("checkpoint")
    config = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=64)
    checkpoint.save(config, GeneratorNetwork(config).weights(), {"name": "untrained"}, folder)
    return checkpoint.load(folder)


@pytest.fixture(scope="module")
def take(untrained):
    return compose.compose(CUT, MOOD, untrained, seed=4)


def test_the_same_seed_gives_the_same_take_and_another_seed_another(untrained, take):
    assert compose.compose(CUT, MOOD, untrained, seed=4) == take
    assert compose.compose(CUT, MOOD, untrained, seed=5).notes != take.notes


def test_every_hit_is_answered_within_a_tenth_of_a_millisecond(take):
    assert [answer.hit for answer in take.answers] == [1, 2]  # the third hit begins a silence
    for answer in take.answers:
        assert abs(answer.error_ms) < 0.1


def test_an_answer_is_measured_on_the_notes_and_not_taken_from_the_plan(untrained):
    plan = plan_composition(CUT, MOOD)
    assert [a.onset for a in hit_answers(CUT, [], plan)] == [None, None]


def test_the_music_is_silent_where_silence_was_asked_for_and_sounds_to_the_end(take):
    seconds = take.tempo_map.seconds
    for note in take.notes:
        assert not (15.001 < seconds(note.start) < 18.999)
    assert seconds(max(note.end for note in take.notes)) == pytest.approx(24.0, abs=0.06)


def test_options_are_met(untrained):
    take = compose.compose(
        CUT, MOOD, untrained, seed=1, options=MusicOptions(ensemble=("strings",), bpm=120, transpose=2)
    )
    assert {note.instrument for note in take.notes} == {"strings"}
    assert take.key in ("D major", "B minor")
    assert 120 * 0.86 < take.tempo_map.bpm(0) < 120 * 1.15


def test_a_key_that_is_asked_for_holds_and_ends_the_piece(untrained):
    for key, scale, tonic in (
        ("D minor", {2, 4, 5, 7, 9, 10, 11, 0, 1}, {2, 5, 9}),
        ("Eb", {3, 5, 7, 8, 10, 0, 2}, {3, 7, 10}),
    ):
        take = compose.compose(CUT, mood((0, 24, 0, 0)), untrained, seed=2, options=MusicOptions(key=key))
        assert {note.pitch % 12 for note in take.notes} <= scale
        last = max(note.start for note in take.notes)
        assert {note.pitch % 12 for note in take.notes if note.start == last} <= tonic
        assert take.key == {"D minor": "D minor", "Eb": "Eb major"}[key]
    with pytest.raises(MusicError, match="is not a key"):
        compose.compose(CUT, MOOD, untrained, seed=1, options=MusicOptions(key="H moll"))


def test_a_smooth_tempo_and_another_meter_keep_the_hits(untrained):
    options = MusicOptions(smooth_tempo=True, meter=Meter(0, 3))
    take = compose.compose(CUT, MOOD, untrained, seed=4, options=options)
    assert take.tempo_map.meters[0] == Meter(0, 3)
    assert len(take.tempo_map.tempos) > 20
    assert all(abs(answer.error_ms) < 0.1 for answer in take.answers)


def test_takes_written_side_by_side_are_those_of_their_seeds(untrained, take):
    takes = compose_takes(CUT, MOOD, untrained, seeds=(4, 5, 6))
    assert takes[0] == take
    assert [one.seed for one in takes] == [4, 5, 6]
    assert len({one.notes for one in takes}) == 3
    guided = compose_takes(CUT, MOOD, untrained, seeds=(4, 5), options=MusicOptions(guidance=2.5))
    assert guided[1] == compose.compose(CUT, MOOD, untrained, seed=5, options=MusicOptions(guidance=2.5))


def test_guidance_changes_what_is_written_and_none_is_as_before(untrained, take):
    assert compose.compose(CUT, MOOD, untrained, seed=4, options=MusicOptions(guidance=1.0)) == take
    assert compose.compose(CUT, MOOD, untrained, seed=4, options=MusicOptions(guidance=2.5)).notes != take.notes


@pytest.mark.parametrize("text", ["C", "c", "Am", "F# minor", "Bb major", "Db", "g#m"])
def test_keys_are_read_and_named(text):
    shift, mode = keys.parse_key(text)
    assert keys.parse_key(keys.key_name(shift, minor=mode == "minor")) == (shift, mode)


def test_drums_alone_cannot_answer_a_hit(untrained):
    with pytest.raises(MusicError, match="chord"):
        compose.compose(CUT, MOOD, untrained, seed=1, options=MusicOptions(ensemble=("drums",)))


def test_a_cue_comes_back_from_its_document(take):
    cue = Cue(CUT, MOOD, (take,), settings={"seed": 4})
    assert from_document(Cue, to_document(cue)) == cue


def test_the_midi_file_says_what_the_take_says(take, tmp_path):
    path = tmp_path / "take.mid"
    writer.write_midi(take, CUT, path)
    assert reader.read_midi(path).notes == take.notes
    midi = mido.MidiFile(path)
    assert midi.type == 1
    assert midi.length == pytest.approx(24.0, abs=0.06)
    assert [track.name for track in midi.tracks] == ["test", "Piano", "Strings"]
    markers = [message.text for message in midi.tracks[0] if message.type == "marker"]
    assert markers == ["start", "cut", "cut", "cut", "end"]


def test_markers_in_the_midi_file_are_at_their_hits(take):
    midi = mido.MidiFile(file=io.BytesIO(writer.midi_bytes(take, CUT)))
    clock, times = 0.0, []
    for message in midi:  # merged, times in seconds under the tempo map
        clock += message.time
        if message.type == "marker":
            times.append(clock)
    assert times == pytest.approx([hit.time for hit in CUT.hits], abs=0.002)


@pytest.mark.parametrize(
    ("start", "rate", "drop", "expected"),
    [
        (86400, "24", False, (24, 1, 0, 0, 0)),
        (86405, "24000/1001", False, (24, 1, 0, 0, 5)),
        (90012, "25", False, (25, 1, 0, 0, 12)),
        (107892, "30000/1001", True, (29.97, 1, 0, 0, 0)),
        (108000, "30000/1001", False, (30, 1, 0, 0, 0)),
        (180031, "50", False, (25, 1, 0, 0, 15)),
        (216000 + 59, "60", False, (30, 1, 0, 0, 29)),
        (215784, "60000/1001", True, (29.97, 1, 0, 0, 0)),
    ],
)
def test_the_smpte_offset_is_the_start_timecode(start, rate, drop, expected):
    offset = conductor_track.smpte_offset(start, Fraction(rate), drop_frame=drop)
    assert (offset.frame_rate, offset.hours, offset.minutes, offset.seconds, offset.frames) == expected


def test_names_that_midi_cannot_spell_do_not_stop_it(take):
    cut = Spotting("雨の夜", 24.0, Fraction(24), hits=(HitPoint(4.5, 108, "cut", name="Łódź ☂"),))
    assert mido.MidiFile(file=io.BytesIO(writer.midi_bytes(take, cut))).tracks[0].name


def test_a_piece_shorter_than_a_beat_and_one_with_nothing_but_silence_are_music_too(untrained):
    short = compose.compose(spotting(0.5), mood((0, 0.5, 0, 0)), untrained, seed=1)
    assert short.notes
    silent = compose.compose(spotting(5.0), mood((0, 5)), untrained, seed=1)
    assert silent.notes == ()
