"""The published vocabulary: what its tokens mean, and notes that come back from them."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Note
from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.codec import VELOCITY, decode, encode
from emsync_bridge.music.emsync_original.convention_search import usual_orders
from emsync_bridge.music.emsync_original.token_map import find_token_map, read_token_map

keys = st.tuples(st.sampled_from(tok.INSTRUMENTS), st.integers(tok.PITCH_LOW, tok.PITCH_HIGH))
edges = st.lists(st.integers(0, 900), min_size=2, max_size=8, unique=True).map(sorted)


@st.composite
def music(draw):
    """Draw notes of which one may begin where another of its pitch ends."""
    found = []
    for key in draw(st.lists(keys, max_size=6, unique=True)):
        times = draw(edges)
        kept = draw(st.lists(st.booleans(), min_size=len(times) - 1, max_size=len(times) - 1))
        spans = zip(times, times[1:], kept, strict=False)
        found += [Note(start, end, *key, VELOCITY) for start, end, keep in spans if keep]
    return sorted(found)


@given(music(), st.sets(st.integers(0, 900), max_size=5), st.sets(st.integers(0, 900), max_size=3))
def test_notes_bar_lines_and_chords_come_back_from_their_tokens(notes, bars, chords):
    written = encode(notes, bars, chords)
    assert all(0 < token < tok.VOCABULARY for token in written)
    assert decode(written) == (notes, sorted(bars), sorted(chords))


def test_a_pitch_struck_again_as_it_ends_is_two_notes_although_on_comes_before_off():
    first, second = Note(0, 10, "piano", 60, VELOCITY), Note(10, 20, "piano", 60, VELOCITY)
    written = encode([first, second], [0])
    again = written.index(tok.shift(10)) + 1
    assert [tok.name_of(token) for token in written[again : again + 2]] == ["ON_PIANO_60", "OFF_PIANO_60"]
    assert decode(written)[0] == [first, second]


def test_a_note_without_off_rings_to_the_end_and_an_off_without_on_is_passed_over():
    written = [tok.off_of(tok.on("bass", 40)), tok.on("piano", 60), tok.shift(5)]
    assert decode(written)[0] == [Note(0, 5, "piano", 60, VELOCITY)]
    assert decode(written, end=50)[0] == [Note(0, 50, "piano", 60, VELOCITY)]


def test_the_vocabulary_has_1011_tokens_of_different_names():
    names = [tok.name_of(token) for token in range(tok.VOCABULARY)]
    assert len(set(names)) == len(names) == 1011
    assert names[:6] == ["<PAD>", "<START>", "<BAR>", "<CHORD>", "<LESS_INSTRUMENTS>", "<MORE_INSTRUMENTS>"]
    assert (names[tok.shift(1)], names[tok.shift(125)]) == ("TIMESHIFT_8", "TIMESHIFT_1000")
    assert names[tok.on("drums", 21)] == "ON_DRUMS_21"
    assert names[-1] == "OFF_STRINGS_108"


def test_every_usual_order_numbers_every_token_once():
    assert all(sorted(numbers) == list(range(tok.VOCABULARY)) for numbers in usual_orders().values())
    first = next(iter(usual_orders().values()))
    assert first.tolist() == list(range(tok.VOCABULARY))


NUMBERS = np.random.default_rng(5).permutation(tok.VOCABULARY)


def spelled(spelling):
    return {spelling(tok.name_of(token)): int(NUMBERS[token]) for token in range(tok.VOCABULARY)}


def parts(name):
    return (
        tuple(int(word) if word.isdigit() else word for word in name.rsplit("_", 1)) if name[-1].isdigit() else (name,)
    )


@pytest.mark.parametrize(
    "document",
    [
        spelled(str),
        {"tokens": {"instruments": ["strings"], "numbers": spelled(str.lower)}},
        {str(number): name for name, number in spelled(str).items()},
        [name for _, name in sorted((number, name) for name, number in spelled(str).items())],
    ],
    ids=["by name", "inside", "by number", "in order"],
)
def test_a_token_map_is_read_in_any_shape(document, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_token_map(path).tolist() == NUMBERS.tolist()


def test_a_token_map_of_tuples_beside_the_weights_is_found(tmp_path):
    (tmp_path / "config.json").write_text('{"layers": 11}', encoding="utf-8")
    torch.save({"event_to_number": spelled(parts), "beat_to_chordtick": 64}, tmp_path / "maps.pt")
    numbers, path = find_token_map(tmp_path, tmp_path / "model.pt")
    assert numbers.tolist() == NUMBERS.tolist()
    assert path.name == "maps.pt"


@pytest.mark.parametrize("text", ["{}", "[1, 2]", '{"ON_PIANO_60": 1}', "no json", "[" * 100_000])
def test_what_is_no_token_map_is_refused(text, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CheckpointError):
        read_token_map(path)
    assert find_token_map(tmp_path, tmp_path / "model.pt") is None
