"""The codec: what goes in comes out."""

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import INSTRUMENTS, Note
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok

notes = st.lists(
    st.builds(
        lambda start, length, instrument, pitch, velocity: Note(start, start + length, instrument, pitch, velocity),
        st.integers(0, 400),
        st.integers(1, 200),
        st.sampled_from(INSTRUMENTS),
        st.integers(0, 127),
        st.integers(1, 127),
    ),
    min_size=1,
    max_size=60,
)


@given(notes)
def test_playable_notes_survive_a_round_trip(raw):
    playable = codec.playable(raw)
    end = max((note.end for note in playable), default=1)
    bars = list(range(0, end, 96))
    encoded = codec.encode(playable, bars, end)
    decoded, lines, chords = codec.decode(encoded.tokens)
    assert decoded == [
        Note(n.start, n.start + tok.DRUM_TICKS, *n_rest(n)) if n.instrument == "drums" else n for n in playable
    ]
    assert lines == bars
    assert chords == []
    assert encoded.ticks[-1] == end


def n_rest(note):
    return note.instrument, note.pitch, note.velocity


@given(notes)
def test_playable_is_stable_and_keeps_every_onset(raw):
    once = codec.playable(raw)
    assert codec.playable(once) == once
    kept = {(n.start, n.instrument) for n in once}
    assert kept == {
        (n.start, n.instrument) for n in raw if n.instrument != "drums" or tok.PITCH_LOW <= n.pitch <= tok.PITCH_HIGH
    }
    for note in once:
        assert tok.PITCH_LOW <= note.pitch <= tok.PITCH_HIGH
        assert note.velocity in tok.VELOCITY_LEVELS


def test_a_pitch_struck_again_at_the_moment_it_ends_stays_two_notes():
    twice = [Note(0, 24, "piano", 60, 74), Note(24, 48, "piano", 60, 74)]
    encoded = codec.encode(twice, [0], 48)
    assert [tok.name_of(token) for token in encoded.tokens] == [
        "START", "BAR", "VELOCITY_74", "ON_PIANO_60", "TIMESHIFT_24", "OFF_PIANO_60", "ON_PIANO_60",
        "TIMESHIFT_24", "OFF_PIANO_60", "END",
    ]  # fmt: skip
    assert codec.decode(encoded.tokens)[0] == twice


def test_no_shift_crosses_a_bar_line():
    encoded = codec.encode([Note(0, 300, "strings", 60, 74)], [0, 96, 192, 288], 300)
    clock = 0
    for token in encoded.tokens:
        if tok.is_shift(token):
            following = clock + token - tok.SHIFT_0
            assert clock // 96 == (following - 1) // 96
            clock = following


@given(st.lists(st.integers(0, tok.VOCABULARY - 1), max_size=200))
def test_any_token_sequence_decodes_to_proper_notes(tokens):
    for note in codec.decode(tokens)[0]:
        assert note.end > note.start
        assert 1 <= note.velocity <= 127


def test_every_token_has_its_own_name():
    assert len({tok.name_of(token) for token in range(tok.VOCABULARY)}) == tok.VOCABULARY


def test_long_chords_are_three_long_notes_apart_from_each_other():
    seconds = [tick / 48 for tick in range(2000)]  # 120 quarter notes per minute

    def chord(start, length, voices=3):
        return [Note(start, start + length, "piano", 60 + 4 * i, 74) for i in range(voices)]

    notes = [*chord(0, 48), *chord(48, 48), *chord(200, 38), *chord(300, 48, voices=2), *chord(500, 39)]
    assert codec.long_chords(notes, seconds) == [0, 500]  # too near, too short, too thin, long enough
