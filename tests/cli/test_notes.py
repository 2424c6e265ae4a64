"""Notes and advice of the commands: orders that overrule each other, files of another kind, versions, counts."""

import json
import re
from itertools import pairwise

import click
import mido
import pytest
from click.testing import CliRunner
from places import STORM_MEDIA
from test_messages import CLIP, CUT, MARKER, emsync

from emsync_bridge.cli import main
from emsync_bridge.cli.conform import conform
from emsync_bridge.cli.score import score
from emsync_bridge.cli.shared.console import counted, warn


@pytest.fixture
def cut(tmp_path):
    """Return a cut of two clips with an order for the mood."""
    markers = MARKER % ("emsync: joy", "RED", 12)
    path = tmp_path / "cut.otio"
    path.write_text(CUT % ("cut", f"{CLIP % ('a', '48', markers)}, {CLIP % ('b', '48', '')}"))
    return path


@pytest.mark.parametrize("options", [["--mood", "gloom"], ["--valence", "0.2"], ["--arousal", "0.2"]])
def test_a_mood_for_the_whole_cut_says_that_it_overrules_markers(cut, options):
    said = emsync("feel", cut, "--no-cache", *options).output
    assert "One marker that orders a mood is overruled by the mood for the whole cut" in said
    assert "overruled" not in emsync("feel", cut, "--no-cache").output
    cut.write_text(cut.read_text().replace("emsync: joy", "emsync: silence"))
    assert "overruled" not in emsync("feel", cut, "--no-cache", *options).output


def test_orders_for_places_that_the_cut_lacks_are_refused_before_anything_is_done(cut, tmp_path):
    given = ["--set", "shot99=joy", "--set", "shot1=calm", "--set", "5-9=sad", "--no-cache"]
    for line in (["score", cut, "--out", tmp_path / "new" / "out"], ["feel", cut]):
        ran = emsync(*line, *given)
        assert ran.exit_code == 1
        assert "The cut has no 'shot99'. The cut has no range '5-9'. " in ran.output
        assert "It has shot1 to shot2, from 0 to 4 s (00:00:00:00 to 00:00:04:00)" in ran.output
        assert "(--set)" in ran.output
        assert "..." not in ran.output  # no step has begun
    assert not (tmp_path / "new").exists()


def test_a_choice_of_markers_names_one(cut):
    ran = emsync("spot", cut, "--only-markers", "--markers", " , ")
    assert ran.exit_code == 2
    assert "It names nothing; give a name, or leave the option out" in ran.output


def test_a_rate_that_differs_from_the_document_is_said(cut):
    said = "The document itself counts 24 frames per second; 25 are used, as set"
    assert said in emsync("spot", cut, "--rate", 25).output
    assert "as set" not in emsync("spot", cut, "--rate", 24).output


def test_a_mood_that_does_not_exist_is_refused_before_shots_are_looked_for(tmp_path):
    movie = STORM_MEDIA / "A001_bay.mp4"
    ran = emsync("score", movie, "--mood", "joi", "--out", tmp_path / "out")
    assert ran.exit_code == 2
    assert "Invalid value for '--mood': 'joi' is not a mood. Did you mean joy?" in ran.output
    assert "..." not in ran.output


def test_a_marker_for_a_palette_that_does_not_exist_is_refused_before_anything_is_done(cut, tmp_path):
    cut.write_text(cut.read_text().replace("emsync: joy", "emsync: palette=kazoo"))
    ran = emsync("score", cut, "--no-cache", "--out", tmp_path / "out")
    assert ran.exit_code == 1
    assert "'emsync: palette=kazoo' at 0.50 s: there is no such palette. Change the marker to one of" in ran.output
    assert "..." not in ran.output.replace("kazoo", "")
    assert not (tmp_path / "out").exists()
    assert "no: 'kazoo' is not a palette. Choose from orchestra" in emsync("spot", cut).output


def odd_bars(path, meter):
    """Return the bars of a MIDI file that are not in a meter, and their number in all, as a sequencer counts them."""
    file = mido.MidiFile(path)
    tick, signatures = 0, []
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "time_signature":
            signatures.append((tick, message.numerator, message.denominator))
    number, odd = 0, []
    for (start, above, below), (end, _, _) in pairwise([*signatures, (max(tick, signatures[-1][0] + 1), 0, 0)]):
        length = 4 * file.ticks_per_beat * above // below
        for _ in range(start, end, length):
            number += 1
            odd += [f"{number} ({above}/{below}, at "] if f"{above}/{below}" != meter else []
    return odd, number


@pytest.mark.parametrize("meter", ["5/4", "3/4"])
def test_bars_in_another_meter_than_asked_are_counted_and_named(tmp_path, meter):
    hits = "8,16.5,24,33,44,52.2,61,71"
    line = ["compose", "--duration", 80, "--mood", "joy", "--tempo", 100, "--max-bend", 1, "--out", tmp_path / "a.mid"]
    said = emsync(*line, "--hits", hits, "--meter", meter).output
    odd, count = odd_bars(tmp_path / "a.mid", meter)
    assert len(odd) > 1
    assert f"{len(odd)} of {count} bars are not in {meter}, so that hits fall on a first beat: {odd[0]}" in said
    assert all(bar in said for bar in odd[:8])
    assert "bars are" not in emsync(*line, "--hits", hits).output
    assert "bars are" not in emsync(*line, "--meter", meter).output


@pytest.mark.parametrize(
    ("option", "name", "expected"),
    [
        ("--model", "folder", "Give a folder with card.json and weights.safetensors"),
        ("--theme", "junk.mid", "Give a Standard MIDI File (.mid)"),
        ("--themes", "empty.json", "empty.json: This file holds no themes. Give a new name"),
        ("--script", "table.csv", ".csv files are not read as one. Give a .txt, .text, .md, .fountain, .srt or .vtt"),
    ],
)
def test_files_of_another_kind_are_refused_with_what_to_give(cut, tmp_path, option, name, expected):
    (tmp_path / "folder").mkdir()
    (tmp_path / "junk.mid").write_bytes(b"no music")
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    ran = emsync("score", cut, option, tmp_path / name, "--no-cache", "--out", tmp_path / "out")
    assert ran.exit_code == 1
    assert expected in " ".join(ran.output.split())
    assert "..." not in ran.output  # no step has begun
    assert before == {path: path.read_bytes() for path in before}


def test_music_without_anybody_for_a_chord_names_the_option_before_anything_is_done(cut, tmp_path):
    ran = emsync("score", cut, "--instruments", "drums", "--no-cache", "--out", tmp_path / "out")
    assert ran.exit_code == 1
    assert "(--instruments)" in ran.output
    assert "Composing" not in ran.output


def test_results_beside_earlier_ones_are_said(cut, tmp_path):
    line = ["score", cut, "--no-cache", "--style", "network", "--ducking", "off", "--out", tmp_path / "out"]
    assert "stay as they are" not in emsync(*line).output
    assert "are there already and stay as they are; these are cut v02" in emsync(*line).output.replace(
        f"in {tmp_path / 'out'}", "there"
    )
    document = CliRunner().invoke(main, [*map(str, line), "--json"]).stdout
    assert json.loads(document)["files"]["audio"].endswith("cut v03.wav")


def test_a_note_is_said_once(capsys):
    warn(["Of 2 sequences 'a' was read", "Another", "Of 2 sequences 'a' was read"])
    assert capsys.readouterr().err.splitlines() == ["Note: Of 2 sequences 'a' was read", "Note: Another"]


def test_one_is_not_many():
    assert [counted(number, "hit") for number in range(3)] == ["0 hits", "1 hit", "2 hits"]


@pytest.mark.parametrize("command", [score, conform])
def test_every_option_stands_once_under_a_heading(command):
    with click.Context(command, info_name="emsync", terminal_width=4000) as context:
        lines = command.get_help(context).splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings[0] == "Most used options:"
    assert len(headings) >= 5
    flags = [re.search("--[a-z-]+", line).group() for line in lines if line.startswith("  -")]
    assert len(flags) == len(set(flags))
    shown = {option for option in command.params if isinstance(option, click.Option) and not option.hidden}
    assert len(flags) == len(shown) + 1  # --help itself


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--without", "zither"], "'zither' is not a player or family. Choose from"),
        (["--lead", "zither"], "No player 'zither' can lead a theme. Choose from"),
        (["--without", "bras"], "'bras' is not a player or family. Did you mean brass? Choose from"),
        (["--lead", "obo"], "No player 'obo' can lead a theme. Did you mean oboe? Choose from"),
        (["--palette", "piano", "--without", "keys"], "nobody is left to play one. Leave fewer"),
        (
            ["--palette", "piano", "--instruments", "strings"],
            "nobody is left to play one. Leave fewer",
        ),
        (
            ["--style", "network", "--palette", "piano"],
            "Only music that is arranged for players has a palette",
        ),
        (["--style", "network", "--lead", "oboe"], "Only music that is arranged for players has a leading player"),
        (["--style", "network", "--theme", "{theme}"], "Only music that is arranged for players states themes"),
    ],
)
@pytest.mark.parametrize("command", ["score", "compose"])
def test_what_nobody_can_play_is_refused_before_anything_is_done(cut, tmp_path, command, options, expected):
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(tmp_path / "theme.mid")
    given = [option.format(theme=tmp_path / "theme.mid") for option in options]
    line = ["score", cut, "--no-cache"] if command == "score" else ["compose", "--duration", 5]
    ran = emsync(*line, *given, "--out", tmp_path / ("out" if command == "score" else "out.mid"))
    assert ran.exit_code == 1
    assert expected in ran.output
    assert re.search(r"\(--[a-z]+\)\.$", ran.output.strip())
    assert "..." not in ran.output
    assert not (tmp_path / "out").exists()


def test_players_keep_to_the_instruments_that_are_named_in_a_palette_too(tmp_path):
    line = ["compose", "--duration", 5, "--palette", "band", "--out", tmp_path / "a.mid"]
    assert emsync(*line, "--instruments", "drums,piano").exit_code == 0
    tracks = [
        track.name for track in mido.MidiFile(tmp_path / "a.mid").tracks if any(m.type == "note_on" for m in track)
    ]
    assert set(tracks) <= {"Piano", "Electric Piano", "Organ", "Drum Kit"}
    assert "Drum Kit" in tracks


def test_a_section_that_comes_out_as_it_was_is_said(cut, tmp_path):
    line = ["score", cut, "--no-cache", "--palette", "piano", "--ducking", "off", "--out", tmp_path]
    assert emsync(*line).exit_code == 0
    again = ["score", cut, "--keep", tmp_path / "cut.cue.json", "--redo", "0-4", "--out", tmp_path]
    assert "has the same notes as before. Name other parts" in emsync(*again, "--only", "brass").output
    assert "the same notes as before" not in emsync(*again, "--seed", 9).output
    empty = emsync(*again, "--only", "")
    assert empty.exit_code == 2
    assert "--only names no part" in empty.output
