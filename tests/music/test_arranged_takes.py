"""Takes for players through the doors: exact hits, options, sections and single parts composed again."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from emsync_bridge.cue import Affect, Directive, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.player_tracks import player_of
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranged_takes import arranged_takes, for_players, motif_pool
from emsync_bridge.music.generation.request import SectionChange, for_network
from emsync_bridge.music.generators import compose_takes, style_of
from emsync_bridge.music.recomposing import recompose
from emsync_bridge.music.take_choice import best_of, judge_take
from emsync_bridge.options import MusicOptions, RedoOptions

EXACT = 0.01  # milliseconds: tempo is written in whole microseconds
TIMES = (5.2, 11.0, 17.48, 24.0, 33.32)
CUT = Spotting(
    "cut",
    40.0,
    Fraction(25),
    hits=tuple(HitPoint(time, round(time * 25), "cut") for time in TIMES),
    shots=(Shot(0.0, 40.0),),
)
MOOD = EmotionCurve(
    (
        EmotionSpan(0.0, 17.48, Affect(0.5, -0.2), confidence=1.0),
        EmotionSpan(17.48, 40.0, Affect(-0.4, 0.6), confidence=1.0),
    )
)


def arranged(seeds=(1,), cut=CUT, **options):
    wanted = MusicOptions(**options)
    return arranged_takes(cut, MOOD, seeds=seeds, options=wanted, motifs=motif_pool(MOOD, wanted, None, 1))


@pytest.fixture(scope="module")
def take():
    return arranged()[0]


def outside(notes, start, end):
    return [note for note in notes if not start <= note.start < end]


def test_every_hit_is_met_to_the_tick(take):
    assert len(take.answers) == len(TIMES)
    for answer in take.answers:
        assert abs(answer.error_ms) < EXACT
    hits = {round(take.tempo_map.tick(time)) for time in TIMES}
    assert all(note.offset == 0 for note in take.notes if note.start in hits)


def test_the_same_seed_gives_the_same_take_and_others_another(take):
    assert arranged()[0] == take
    first, second = arranged((1, 2))
    assert first == take
    assert second.notes != first.notes


def test_who_is_left_out_does_not_play_and_who_leads_does():
    without = arranged(without=("brass", "timpani"))[0]
    players = {player_of(note) for note in without.notes}
    assert not any(player.family == "brass" or player.name == "timpani" for player in players)
    led = arranged(lead="oboe")[0]
    assert {note.player for note in led.notes if note.role == "melody"} >= {"oboe"}


@pytest.mark.parametrize("palette", ["orchestra", "chamber", "strings", "piano", "band", "synth", "hybrid", "minimal"])
def test_every_palette_meets_the_hits(palette):
    found = arranged(palette=palette)[0]
    assert max(abs(answer.error_ms) for answer in found.answers) < EXACT
    if palette == "piano":
        assert {note.player for note in found.notes} == {"piano"}


def test_a_stretch_may_have_its_own_palette(take):
    ordered = replace(CUT, directives=(Directive(17.48, "palette=piano", 33.32),))
    found = arranged(cut=ordered)[0]
    tick = found.tempo_map.tick
    inside = {note.player for note in found.notes if tick(20) <= note.start < tick(30)}
    assert inside <= {"piano"}
    assert len({note.player for note in found.notes}) > 3


def test_an_unknown_palette_is_named_with_the_known_ones():
    with pytest.raises(MusicError, match="'kazoo' is not a palette"):
        for_players(MusicOptions(palette="kazoo"), CUT)


@pytest.mark.parametrize(
    ("ensemble", "palette"),
    [
        (("piano",), "piano"),
        (("strings",), "strings"),
        (("drums", "bass", "guitar"), "band"),
        (("piano", "strings"), None),
    ],
)
def test_instruments_that_are_asked_for_name_a_palette(ensemble, palette):
    found = for_players(MusicOptions(ensemble=ensemble), CUT)
    assert found.palette == palette
    assert not set(found.without) & set(ensemble)


def test_a_section_composed_again_leaves_the_rest_as_it_was(take):
    again = recompose(take, CUT, MOOD, SectionChange(17.48, 33.32, 7))
    start, end = (round(take.tempo_map.tick(time)) for time in (17.48, 33.32))
    assert outside(again.notes, start, end) == outside(take.notes, start, end)
    assert again.notes != take.notes
    assert again.tempo_map == take.tempo_map
    assert max(abs(answer.error_ms) for answer in again.answers) < EXACT


def test_a_section_inside_a_phrase_is_composed_another_way_too(take):
    for start, end in ((3.0, 9.0), (12.0, 16.0), (28.0, 33.0)):
        again = recompose(take, CUT, MOOD, SectionChange(start, end, 5))
        assert again.notes != take.notes


def test_the_seed_of_the_take_composes_a_section_another_way(take):
    again = recompose(take, CUT, MOOD, SectionChange(17.48, 33.32, take.seed))
    assert again.notes != take.notes
    assert again.seed == take.seed
    assert again == recompose(take, CUT, MOOD, SectionChange(17.48, 33.32, take.seed))


def test_only_the_melody_is_composed_again_over_the_same_chords(take):
    again = recompose(take, CUT, MOOD, SectionChange(0.0, 17.48, 9, parts=RedoOptions(only=("melody",))))
    rest = [note for note in take.notes if note.role != "melody"]
    assert [note for note in again.notes if note.role != "melody"] == rest
    assert again.score.chords == take.score.chords


def test_what_is_locked_stays(take):
    again = recompose(take, CUT, MOOD, SectionChange(0.0, 40.0, 9, parts=RedoOptions(lock=("bass", "harp"))))
    kept = [note for note in take.notes if note.role == "bass" or note.player == "harp"]
    assert [note for note in again.notes if note.role == "bass" or note.player == "harp"] == kept
    assert again.notes != take.notes


def test_a_part_that_is_none_is_refused(take):
    with pytest.raises(MusicError, match="'kazoo' is not a part"):
        recompose(take, CUT, MOOD, SectionChange(0.0, 17.48, 9, parts=RedoOptions(only=("kazoo",))))


def test_single_parts_of_the_network_alone_cannot_be_composed_again(take):
    with pytest.raises(MusicError, match="arranged for players"):
        recompose(replace(take, score=None), CUT, MOOD, SectionChange(0.0, 9.0, 1, parts=RedoOptions(only=("bass",))))


def test_the_network_plays_without_what_is_left_out():
    assert for_network(MusicOptions(without=("piano",))).ensemble == ("strings",)
    with pytest.raises(MusicError, match="No instrument is left"):
        for_network(MusicOptions(without=("piano", "strings")))


def test_the_shipped_generator_is_arranged_and_each_style_can_be_asked_for():
    assert style_of(MusicOptions(), None) == "orchestra"
    assert style_of(MusicOptions(style="network"), None) == "network"


@pytest.mark.parametrize("style", ["orchestra", "network"])
@pytest.mark.parametrize(("asked", "named"), [("Cb", "Cb major"), ("abm", "Ab minor"), ("C# Major", "C# major")])
def test_a_key_keeps_the_spelling_that_was_asked_for(style, asked, named):
    cut = replace(CUT, duration=11.0, hits=CUT.hits[:1])
    (take,) = compose_takes(cut, MOOD, seeds=(1,), options=MusicOptions(key=asked, style=style))
    (usual,) = compose_takes(cut, MOOD, seeds=(1,), options=MusicOptions(key=named, style=style))
    assert take.key == named
    assert take.notes == usual.notes
    again = recompose(take, cut, MOOD, SectionChange(0.0, 5.2, 7))
    for each in (take, again):
        sections = each.score.sections if each.score else ()
        same = {section.key for section in sections if keys.parse_key(section.key) == keys.parse_key(named)}
        assert each.key == named
        assert same <= {named}
        assert bool(same) == (style == "orchestra")


def test_an_arranged_take_is_worth_more_than_its_notes_in_disorder(take):
    drawn = random.Random(1)
    disordered = tuple(replace(note, pitch=note.pitch + drawn.randrange(-9, 10)) for note in take.notes)
    whole = judge_take(take, CUT, MOOD)
    assert whole.hits == 1
    assert 0 < whole.theme < 1
    assert whole.score > judge_take(replace(take, notes=tuple(sorted(disordered))), CUT, MOOD).score + 0.1


def test_the_best_take_is_the_one_worth_most():
    takes = arranged((1, 2, 3))
    scores = [judge_take(take, CUT, MOOD).score for take in takes]
    assert best_of(takes, CUT, MOOD) == scores.index(max(scores))
    assert best_of(takes[:1], CUT, MOOD) == 0
