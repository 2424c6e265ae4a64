"""The arranged score from end to end: a given theme, the themes of a programme, the plain file, single parts again."""

import json
from dataclasses import replace
from fractions import Fraction

import mido
import pytest
from places import STORM

from emsync_bridge.cue import Note, Spotting, Take, TempoMap
from emsync_bridge.midi.players import FAMILIES
from emsync_bridge.midi.writer import write_midi
from emsync_bridge.music.theme_files import load_book
from emsync_bridge.options import (
    EmotionOptions,
    MusicOptions,
    PlacedOrder,
    ReadOptions,
    RedoOptions,
    RenderOptions,
    ScoreOptions,
)
from emsync_bridge.scoring.job import ScoringJob, Section

MELODY = [(0, 60), (24, 64), (36, 62), (48, 67), (72, 65), (84, 64), (96, 62), (144, 60)]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Score a stretch of the example with a theme of one's own, stems, the plain file and a palette for a place."""
    folder = tmp_path_factory.mktemp("arranged")
    notes = tuple(Note(start, start + 20, "piano", pitch, 80) for start, pitch in MELODY)
    write_midi(Take(1, notes, TempoMap()), Spotting("hero", 4.0, Fraction(25)), folder / "hero.mid")
    options = ScoreOptions(
        read=ReadOptions(between=(10.0, 34.0)),
        emotion=EmotionOptions(valence=0.3, arousal=0.1, orders=(PlacedOrder("8.5-20", "palette=piano"),)),
        music=MusicOptions(theme=(folder / "hero.mid",), theme_book=folder / "themes.json"),
        render=RenderOptions(stems=True, plain=True),
    )
    job = ScoringJob.open(STORM, folder / "out", options)
    return job, job.score(), folder


def test_the_given_melody_is_the_main_theme_and_is_kept_for_the_programme(scored):
    _, found, folder = scored
    theme = found.cue.take.score.themes[0]
    assert (theme.name, theme.source) == ("A", "file")
    assert [note.degree - theme.notes[0].degree for note in theme.notes[:8]] == [0, 2, 1, 4, 3, 2, 1, 0]
    assert load_book(folder / "themes.json").themes[0] == theme


def test_the_midi_files_have_players_and_the_plain_one_no_swells(scored):
    _, found, _ = scored
    played, plain = mido.MidiFile(found.files["midi"]), mido.MidiFile(found.files["plain midi"])
    assert [track.name for track in played.tracks] == [track.name for track in plain.tracks]
    assert len(played.tracks) > 5

    def swells(file):
        return sum(m.type == "control_change" and m.control == 11 for track in file.tracks for m in track)

    assert swells(plain) == len(plain.tracks) - 1
    assert swells(played) > 5 * swells(plain)
    assert any(m.type == "marker" and m.text == "form: Theme A" for m in played.tracks[0])


def test_stems_are_families(scored):
    _, found, _ = scored
    stems = {kind.removeprefix("stem ") for kind in found.files if kind.startswith("stem ")}
    assert len(stems) > 2
    assert stems <= set(FAMILIES)


def test_a_place_has_its_palette_and_every_hit_is_met(scored):
    _, found, _ = scored
    take = found.cue.take
    placed = [section for section in take.score.sections if section.palette == "piano"]
    assert placed
    for section in placed:
        inside = [note for note in take.notes if section.start < note.start < section.end]
        # what leads to the next hit belongs to the players there
        assert {note.player for note in inside if note.role != "accent"} <= {"piano"}
    assert max(abs(answer.error_ms) for answer in take.answers) < 0.01
    assert any(directive.text == "palette=piano" for directive in found.cue.spotting.directives)


def test_only_the_melody_of_a_section_is_composed_again(scored):
    job, found, _ = scored
    again = job.redo(found.cue, Section(0.0, 12.0, parts=RedoOptions(only=("melody",))))
    old, new = found.cue.take, again.cue.take
    assert [n for n in new.notes if n.role != "melody"] == [n for n in old.notes if n.role != "melody"]
    document = json.loads(again.files["cue"].read_text(encoding="utf-8"))
    assert document["chosen"] == 1


def test_a_section_in_the_manner_of_the_rest(scored):
    job, found, _ = scored
    again = replace(job, options=replace(job.options, takes=replace(job.options.takes, seed=9))).redo(
        found.cue, Section(0.0, 12.0)
    )
    families = {note.player for note in again.cue.take.notes}
    assert families
    assert again.cue.take.score.themes == found.cue.take.score.themes
