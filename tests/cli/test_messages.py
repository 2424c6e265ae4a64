"""Messages about bad input: the file, the fact and what to do, and nothing that a terminal would obey."""

import errno
import os
import sys
import wave
from functools import partial

import mido
import pytest
from click.testing import CliRunner
from places import STORM, STORM_MEDIA
from written_cut import CLIP, CUT, MARKER, emsync, write_cut

from emsync_bridge.cli import main
from emsync_bridge.cli.shared.console import visible
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import staging_folder


@pytest.fixture
def cut(tmp_path):
    """Return a function that writes a timeline of two clips."""
    return partial(write_cut, tmp_path / "cut.otio")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--max-bend", value) for value in ("nan", "inf", "-nan")),
        *((name, "nan") for name in ("--temperature", "--guidance", "--valence", "--tempo", "--duration")),
    ],
)
def test_numbers_that_are_none_are_refused(tmp_path, option, value):
    ran = emsync("compose", "--duration", "2", "--out", tmp_path / "a.mid", option, value)
    assert ran.exit_code == 2
    assert option in ran.output
    assert not list(tmp_path.iterdir())


def test_an_empty_name_of_a_folder_is_not_the_current_one(cut, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = cut()
    before = set(tmp_path.iterdir())
    ran = emsync("score", path, "--out", "")
    assert ran.exit_code == 2
    assert "--out" in ran.output
    assert set(tmp_path.iterdir()) == before


def test_names_cannot_steer_the_terminal(cut):
    name = r"\u001b[2J\u001b]0;mine\u0007\u202eevil\nnext"
    ran = emsync("spot", cut(name=name, clip=name, markers=MARKER % (name, "RED", 12)))
    assert ran.exit_code == 0
    assert r"\x1b[2J" in ran.output
    assert not [one for one in ran.output if not one.isprintable() and one != "\n"]


PERSIAN = "\u0646\u0645\u0648\u0646\u0647\u200c\u0647\u0627"


@pytest.mark.parametrize("text", ["嵐 🎬", "👩‍👩‍👧 ça va", PERSIAN, "a\u00a0b"])
def test_names_of_all_languages_stay_as_they_are(text):
    assert visible(text) == text


@pytest.mark.parametrize("value", ["1e300", "-5"])
def test_a_time_that_makes_no_sense_names_the_file(cut, value):
    path = cut(value=value)
    ran = emsync("spot", path)
    assert ran.exit_code == 1
    assert str(path) in ran.output


@pytest.mark.parametrize("content", [b"", b"MThd", b"RIFF\0\0\0\0RMID", b"no music"])
def test_what_is_no_midi_file_is_named_without_empty_brackets(tmp_path, content):
    (tmp_path / "a.mid").write_bytes(content)
    ran = emsync("render", tmp_path / "a.mid", "--out", tmp_path / "a.wav")
    assert ran.exit_code == 1
    assert str(tmp_path / "a.mid") in ran.output
    assert "()" not in ran.output


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.otio")
    ran = emsync("spot", tmp_path / "pipe.otio")
    assert ran.exit_code == 1
    assert "pipe" in ran.output


def test_a_full_disk_names_the_folder_that_the_user_chose(tmp_path):
    with pytest.raises(OutputError) as raised, staging_folder(tmp_path) as room, staging_folder(room):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.where == str(tmp_path)


def test_a_colour_that_no_marker_has_is_said_with_those_that_are_there(cut):
    path = cut(markers=MARKER % ("m", "RED", 12))
    ran = emsync("spot", path, "--markers", "BLURPLE")
    assert "No marker is BLURPLE; the timeline has 1 RED" in ran.output
    assert "No marker" not in emsync("spot", path, "--markers", "RED").output


def test_the_state_of_no_bridge_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("EMSYNC_BRIDGE_HOME", str(tmp_path))
    ran = emsync("serve", "--status")
    assert ran.exit_code == 1
    assert "No bridge is running" in ran.output


def test_the_mood_table_has_one_name_and_the_earlier_one_still_works(cut, tmp_path):
    path, table = cut(), tmp_path / "mood.csv"
    assert emsync("feel", path, "--no-cache", "--export", table).exit_code == 0
    plain = emsync("feel", path, "--no-cache", "--curve", table)
    earlier = emsync("feel", path, "--no-cache", "--edit", table)
    assert plain.exit_code == earlier.exit_code == 0
    assert "--curve" in earlier.output
    assert plain.output.splitlines()[-1] == earlier.output.splitlines()[-1]
    assert emsync("feel", path, "--curve", table, "--edit", table).exit_code == 2
    assert "--edit" not in emsync("feel", "--help").output


def test_a_mood_table_that_ends_early_is_said(cut, tmp_path):
    (tmp_path / "mood.csv").write_text("start,end,valence,arousal\n0,1,0.5,0.5\n")
    ran = emsync("feel", cut(value="240"), "--curve", tmp_path / "mood.csv")
    assert "mood.csv ends at 1.0 s of 12.0 s" in ran.output


def test_composing_takes_the_table_as_well_as_the_document(cut, tmp_path):
    path, table, document = cut(), tmp_path / "mood.csv", tmp_path / "mood.json"
    assert emsync("feel", path, "--no-cache", "--export", table).exit_code == 0
    document.write_text(CliRunner().invoke(main, ["feel", str(path), "--no-cache", "--json"]).stdout)
    for curve, name in ((table, "a.mid"), (document, "b.mid")):
        ran = emsync("compose", "--duration", 4, "--curve", curve, "--out", tmp_path / name)
        assert ran.exit_code == 0, ran.output
    (tmp_path / "odd.txt").write_text("nothing of both")
    ran = emsync("compose", "--duration", 4, "--curve", tmp_path / "odd.txt", "--out", tmp_path / "c.mid")
    assert ran.exit_code == 1
    assert "odd.txt" in ran.output


def test_many_missing_media_are_one_line(tmp_path):
    media = '"media_reference": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "%s"}, "source_range"'
    clips = ", ".join(
        (CLIP % (f"c{number}", 24, "")).replace('"source_range"', media.replace("%s", f"m{number}.mov"))
        for number in range(40)
    )
    (tmp_path / "cut.otio").write_text(CUT % ("cut", clips))
    ran = emsync("feel", tmp_path / "cut.otio", "--no-cache")
    (line,) = [line for line in ran.output.splitlines() if "m0.mov" in line]
    assert "40 media not found" in line
    assert "32 more" in line


def test_spot_lists_orders_and_says_what_thinned_means(cut):
    markers = ", ".join([MARKER % ("emsync: joy", "RED", 12), MARKER % ("emsync: joyz", "RED", 24)])
    ran = emsync("spot", cut(markers=markers))
    (joy,) = [line for line in ran.output.splitlines() if line.split()[-2:] == ["joy", "yes"]]
    assert joy.startswith("00:00:00:12")
    (typo,) = [line for line in ran.output.splitlines() if "joyz" in line and line.startswith("00:00:01:00")]
    assert "no:" in typo
    thinned = emsync("spot", cut(markers=", ".join(MARKER % ("m", "RED", frame) for frame in (12, 14))))
    assert "thinned: within 4 s of a heavier or earlier hit" in thinned.output
    assert "thinned" not in emsync("spot", cut()).output


def test_an_order_without_a_colon_is_said(cut):
    ran = emsync("spot", cut(markers=MARKER % ("emsync joy", "RED", 12)))
    assert "lacks a colon and is a hit point; 'emsync: joy' is an order" in ran.output
    assert "colon" not in emsync("spot", cut(markers=MARKER % ("emsyncing joy", "RED", 12))).output


def test_sound_longer_than_the_picture_says_how_to_make_it_as_long(cut, tmp_path):
    path = cut()
    for seconds in (4, 7):
        with wave.open(str(tmp_path / f"{seconds}.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 8000 * seconds))
    longer = emsync("place", path, "--audio", tmp_path / "7.wav", "--out", tmp_path / "long.otio")
    assert "72 frames longer" in longer.output
    assert "emsync render --duration 4.000" in longer.output
    assert "--duration" not in emsync(
        "place", path, "--audio", tmp_path / "4.wav", "--out", tmp_path / "fitting.otio"
    ).output  # fmt: skip


def test_music_that_is_silent_throughout_is_said(cut, tmp_path):
    ran = emsync("score", cut(), "--set", "all=silence", "--no-cache", "--out", tmp_path / "out")
    assert ran.exit_code == 0, ran.output
    assert "The music is silent from beginning to end" in ran.output


def test_rendering_says_that_the_sound_rings_on_and_how_to_set_its_length(tmp_path):
    song = mido.MidiFile()
    song.tracks.append(mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]))
    song.save(tmp_path / "a.mid")
    ringing = emsync("render", tmp_path / "a.mid", "--out", tmp_path / "a.wav")
    assert "3 s of it ring on" in ringing.output
    assert "--duration" in ringing.output
    fitted = emsync("render", tmp_path / "a.mid", "--out", tmp_path / "b.wav", "--duration", 1)
    assert "ring on" not in fitted.output
    assert "1.000 s" in fitted.output


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--duck", "abc"], "'abc' is not a range such as 00:10-00:24"),
        (["--duck", "00:10"], "'00:10' is not a range such as 00:10-00:24"),
        (
            ["--duck", "01:00-01:10"],
            "The cut has no range '01:00-01:10'. It runs from 0 to 4 s (00:00:00:00 to",
        ),
        (
            ["--duck", "shot9"],
            "The cut has no 'shot9'. It has shot1 to shot2, from 0 to 4 s (",
        ),
        (["--stem-names", "dub"], "neither stems nor alternates. Ask for stems or alternates too (--stem-names)"),
        (["--stem-sound", "dry"], "no stems. Ask for stems too (--stem-sound)"),
        (["--sfz", "violins"], "'violins' names no file. Write PLAYER=FILE.sfz"),
        (["--sfz", "violins=lost.sfz"], "lost.sfz: There is no file of this name. Check its path (--sfz)"),
        (["--sfz", f"violins={__file__}"], "This is not an SFZ file. Give an .sfz file (--sfz)"),
    ],
)
def test_what_cannot_be_done_with_the_sound_is_said_before_anything_is_composed(cut, tmp_path, options, expected):
    ran = emsync("score", cut(), *options, "--no-cache", "--out", tmp_path / "out")
    assert ran.exit_code in (1, 2)
    assert expected in " ".join(ran.output.split())
    assert "Composing" not in ran.output
    assert not list((tmp_path / "out").glob("*"))


def test_a_cut_without_media_is_told_of_the_options_that_help(cut):
    ran = emsync("feel", cut(), "--no-cache")
    assert "Set --media-root, --picture or --mood, or put directives into markers" in " ".join(ran.output.split())


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--loudness", "loud", "or LUFS from -99 to -1"),
        ("--loudness", "nan", "or LUFS from -99 to -1"),
        ("--loudness", "-300", "or LUFS from -99 to -1"),
        ("--loudness", "", "or LUFS from -99 to -1"),
        ("--cue-number", "x", "such as 1m01"),
    ],
)
def test_a_text_that_an_option_does_not_take_is_refused_before_anything_is_done(tmp_path, option, value, expected):
    (tmp_path / "cut.otio").write_text("not read")
    line = ["score", str(tmp_path / "cut.otio"), "--out", str(tmp_path / "out"), option, value]
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 2
    assert f"Invalid value for '{option}': {value!r} is not" in ran.output
    assert expected in ran.output
    assert not (tmp_path / "out").exists()


class WithoutSdk:
    """Finder of modules on a machine where the MCP SDK is not installed."""

    def find_spec(self, name, _path=None, _target=None):
        if name == "mcp":
            raise ModuleNotFoundError("No module named 'mcp'", name=name)


def test_the_guide_for_agents_is_printed_without_the_sdk(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "mcp" or name.endswith("mcp_server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [WithoutSdk(), *sys.meta_path])
    printed = emsync("mcp", "--skill")
    assert printed.exit_code == 0
    assert printed.output.startswith("---\nname: emsync")
    served = emsync("mcp", "--allow", tmp_path)
    assert served.exit_code == 1
    assert 'pip install "emsync-bridge[mcp]"' in served.output


def test_the_earlier_name_of_the_length_of_a_rendering_still_works(tmp_path):
    music = mido.MidiFile(ticks_per_beat=480)
    music.tracks.append(mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]))
    music.save(tmp_path / "a.mid")
    line = ("render", tmp_path / "a.mid", "--out", tmp_path / "a.wav", "--seconds", 1)
    ran = emsync(*line)
    assert ran.exit_code == 0
    assert "--seconds is called --duration now" in ran.output
    assert "1.000 s" in ran.output
    assert emsync(*line, "--duration", 2).exit_code == 2


@pytest.mark.parametrize("words", [True, False])
def test_a_mood_without_pictures_says_what_it_goes_by(cut, tmp_path, words):
    (tmp_path / "script.txt").write_text("A tense chase through the dark storm.\nEverybody weeps at the funeral.\n")
    ran = emsync("feel", cut(), "--no-cache", *(["--script", tmp_path / "script.txt"] if words else []))
    basis = "words and the rhythm of the cuts" if words else "the rhythm of the cuts"
    assert f"the mood follows only {basis}. " in ran.output


def test_a_cut_of_one_shot_has_one(cut):
    path = cut()
    path.write_text(CUT % ("cut", CLIP % ("a", "48", "")))
    assert "24 frames per second, 1 shot\n" in emsync("spot", path).output


@pytest.fixture
def undecodable(tmp_path):
    """Return a folder whose name is not UTF-8, where the system allows that."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except (OSError, UnicodeError):
        pytest.skip("this system refuses names of files that are not UTF-8, as macOS and Windows do")
    return folder


@pytest.mark.parametrize("where", ["timeline", "folder of the timeline", "results", "sound"])
def test_names_that_no_timeline_can_hold_are_refused_before_anything_is_done(cut, tmp_path, undecodable, where):
    path, out, sound = cut(), tmp_path / "out", tmp_path / "a.wav"
    if where == "timeline":
        path = path.rename(tmp_path / os.fsdecode(b"caf\xe9.otio"))
    elif where == "folder of the timeline":
        path = path.rename(undecodable / "cut.otio")
    elif where == "results":
        out = undecodable / "out"
    else:
        sound = undecodable / "a.wav"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    assert emsync("spot", path).exit_code == 0
    commands = [("place", path, "--audio", sound, "--out", out.parent / "new.otio")]
    if where != "sound":
        commands.append(("score", path, "--no-cache", "--out", out))
    for line in commands:
        ran = emsync(*line)
        assert ran.exit_code == 1
        assert "caf\\udce9" in ran.output
        assert "holds bytes that are not UTF-8 text, which no timeline can name. Rename it" in ran.output
        assert "Composing" not in ran.output
    assert not out.exists()
    assert not (out.parent / "new.otio").exists()


def test_media_whose_names_are_not_utf8_are_named(cut, tmp_path, undecodable):
    (undecodable / "a.mov").write_bytes(bytes(100))
    ran = emsync("feel", cut(), "--no-cache", "--picture", undecodable / "a.mov")
    assert ran.exit_code == 1
    assert "a.mov: Its path holds bytes that are not UTF-8 text. Rename the file or folder." in ran.output


@pytest.mark.parametrize("command", ["feel", "score"])
def test_a_still_in_place_of_a_movie_is_refused(cut, tmp_path, command):
    still = STORM.with_suffix(".png")
    out = ["--out", tmp_path / "out"] if command == "score" else []
    ran = emsync(command, cut(), "--no-cache", "--picture", still, *out)
    assert ran.exit_code == 1
    assert "This is a still picture, not a movie. Export the whole cut as one movie (--picture)" in ran.output


def test_a_movie_of_another_length_than_the_cut_is_said_by_every_command(cut):
    movie = STORM_MEDIA / "A001_bay.mp4"
    said = emsync("feel", cut(value="2400"), "--no-cache", "--picture", movie).output
    assert "A001_bay.mp4 lasts" in said
    assert "Is it of this version of the cut?" in said


@pytest.mark.parametrize(("name", "suffix"), [("cut", ".otio"), ("cut.json", ".otio"), ("CUT.OTIO", ".OTIO")])
def test_results_have_the_suffix_of_their_format(cut, tmp_path, name, suffix):
    path = cut().rename(tmp_path / name)
    line = ("score", path, "--no-cache", "--style", "network", "--ducking", "off", "--out", tmp_path / "out")
    assert emsync(*line).exit_code == 0
    assert (tmp_path / "out" / f"{path.stem}.scored{suffix}").is_file()
    audio = tmp_path / "out" / f"{path.stem}.wav"
    assert emsync("place", path, "--audio", audio, "--out", tmp_path / "new.otio").exit_code == 0
    wrong = emsync("place", path, "--audio", audio, "--out", tmp_path / "new.xml")
    assert f"'new.xml' does not end in {suffix}, as the timeline does" in wrong.output


@pytest.mark.parametrize("name", ["", "two\nlines", "bell\a", "x" * 201])
def test_names_of_tracks_are_one_line(cut, tmp_path, name):
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    line = ("place", cut(), "--audio", tmp_path / "a.wav", "--track", name, "--out", tmp_path / "new.otio")
    ran = emsync(*line)
    assert ran.exit_code == 2
    assert "is not a name of up to 200 characters in one line" in ran.output
    assert "\a" not in ran.output
    assert not (tmp_path / "new.otio").exists()


def test_a_mood_of_another_kind_of_document_is_said_in_plain_words(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    line = ("compose", "--duration", 5, "--curve", tmp_path / "list.json", "--out", tmp_path / "a.mid")
    assert "list.json: This is not a mood as emsync writes it (the whole: input should be" in emsync(*line).output
