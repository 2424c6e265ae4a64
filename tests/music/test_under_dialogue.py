"""Music that steps back while people speak: no melody, fewer and softer notes, hits as exact as before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scored_cuts import mood, spotting

from emsync_bridge.cue import Directive, Note, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.music.arranged_stream import ArrangedStream
from emsync_bridge.music.arranged_takes import arranged_takes
from emsync_bridge.music.arranging.themes.motifs import motif_bank
from emsync_bridge.music.generation.request import SectionChange, for_network, plan_for
from emsync_bridge.music.recomposing import options_as_before, recompose
from emsync_bridge.options import MusicOptions
from emsync_bridge.orders.dialogue import marked_dialogue, with_dialogue

SPEECH = ((20.0, 32.0), (50.0, 58.0))
CUT = spotting(80.0, (10.0, 26.0, 40.0, 54.0, 66.0))
SPOKEN = with_dialogue(CUT, SPEECH)
UNDER = MusicOptions(under_dialogue=True)
SEEDS = (1, 2, 3)


def takes(valence: float, arousal: float, options: MusicOptions = UNDER, cut=SPOKEN) -> tuple[Take, ...]:
    return arranged_takes(cut, mood((0, 80, valence, arousal)), seeds=SEEDS, options=options, motifs=motif_bank())


def notes_in(take: Take, spans: tuple[tuple[float, float], ...]) -> list[Note]:
    second = take.tempo_map.seconds
    return [note for note in take.notes if any(a <= second(note.start) < b for a, b in spans)]


MOODS = [(0.6, 0.6), (-0.6, 0.7), (0.3, -0.5)]


@pytest.mark.parametrize(("valence", "arousal"), MOODS)
def test_melody_rests_while_people_speak_and_is_heard_elsewhere(valence: float, arousal: float) -> None:
    for take in takes(valence, arousal):
        second = take.tempo_map.seconds
        lines = [note for note in take.notes if note.role in ("melody", "counter")]
        sounding = [n for n in lines if any(second(n.start) < b and second(n.end) > a for a, b in SPEECH)]
        assert lines
        assert not sounding


@pytest.mark.parametrize(("valence", "arousal"), MOODS)
def test_music_under_speech_is_thinner_softer_and_lower(valence: float, arousal: float) -> None:
    def measured(options: MusicOptions) -> np.ndarray:
        inside = [n for take in takes(valence, arousal, options) for n in notes_in(take, SPEECH) if n.role != "accent"]
        pitched = [note.pitch for note in inside if note.instrument != "drums"]
        return np.array([len(inside), np.mean([note.velocity for note in inside]), max(pitched)])

    under, plain = measured(UNDER), measured(MusicOptions())
    assert under[0] < 0.7 * plain[0]
    assert under[1] < plain[1] - 4
    assert under[2] <= 67 < plain[2]


def test_hits_are_as_exact_under_speech() -> None:
    for take in takes(0.6, 0.6):
        assert len(take.answers) == 5
        assert max(abs(answer.error_ms or 0.0) for answer in take.answers) < 1.0
        assert all(answer.onset is not None for answer in take.answers)


def test_without_the_option_markers_leave_the_notes_alone() -> None:
    assert takes(0.6, 0.6, MusicOptions())[0].notes == takes(0.6, 0.6, MusicOptions(), CUT)[0].notes


def test_speech_throughout_leaves_music() -> None:
    for take in takes(0.6, 0.6, cut=with_dialogue(CUT, [(0.0, 80.0)])):
        assert not [note for note in take.notes if note.role == "melody"]
        assert len(take.notes) > 40


def test_a_section_composed_again_stays_under_speech() -> None:
    take, curve = takes(0.6, 0.6)[0], mood((0, 80, 0.6, 0.6))
    options = options_as_before(take, {"under_dialogue": True})
    again = recompose(take, SPOKEN, curve, SectionChange(10.0, 40.0, 9, options))
    assert again.notes != take.notes
    assert not [note for note in notes_in(again, SPEECH[:1]) if note.role == "melody"]


def test_music_that_is_composed_while_it_plays_steps_back_in_every_chapter() -> None:
    long = with_dialogue(spotting(900.0, (100.0, 400.0, 700.0)), [(720.0, 760.0)])
    curve = mood((0, 900, 0.5, 0.5))
    stream = ArrangedStream(plan_for(long, curve, UNDER), (long, curve), seed=1, options=UNDER, motifs=motif_bank())
    while not stream.over:
        stream.compose_bar()
    take = stream.take(long)
    inside = notes_in(take, ((720.0, 760.0),))
    assert inside
    assert not [note for note in inside if note.role == "melody"]


def test_only_players_make_way() -> None:
    with pytest.raises(MusicError, match="arranged for players"):
        for_network(UNDER)


def test_speech_that_is_marked_already_is_not_marked_twice() -> None:
    marked = replace(CUT, directives=(Directive(10.0, "duck", 30.0),))
    assert with_dialogue(marked, [(12.0, 20.0)]) == marked
    assert marked_dialogue(with_dialogue(marked, [(12.0, 20.0), (40.0, 44.0)]))[0] == ((10.0, 30.0), (40.0, 44.0))
