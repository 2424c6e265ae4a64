"""Names that do not exist: each is refused with the nearest one that does."""

import pytest
from written_cut import MARKER, emsync, write_cut


@pytest.mark.parametrize(("word", "guess"), [("joyy", "joy"), ("sadd", "sad"), ("tenshun", "tension")])
def test_a_misspelt_mood_of_a_place_is_refused_with_the_nearest_one(tmp_path, word, guess):
    ran = emsync("feel", write_cut(tmp_path / "cut.otio"), "--set", f"shot2={word}")
    assert ran.exit_code == 2
    assert f"The directive '{word}' is not understood. Did you mean {guess}?" in ran.output


def test_a_marker_may_have_any_name(tmp_path):
    ran = emsync("spot", write_cut(tmp_path / "cut.otio", markers=MARKER % ("joyy", "RED", 24)))
    assert ran.exit_code == 0, ran.output
    assert "joyy" in ran.stdout
    assert "not understood" not in ran.output


@pytest.mark.parametrize(
    ("word", "guess"), [("scor", "score"), ("train-emotoin", "train-emotion"), ("Spot", "spot"), ("xyz", "")]
)
def test_a_command_that_does_not_exist_is_refused_with_the_nearest_one(word, guess):
    ran = emsync(word, "--help")
    assert ran.exit_code == 2
    meant = f"Did you mean {guess}? " if guess else ""
    assert f"There is no command '{word}'. {meant}Commands are spot, feel," in ran.output


@pytest.mark.parametrize(
    ("key", "guess"),
    [
        ("H", "Did you mean B major? "),
        ("H#", "Did you mean C major? "),
        ("h moll", "Did you mean B minor? "),
        ("Eb Dur", "Did you mean Eb major? "),
        ("D mionr", "Did you mean D minor? "),
        ("F# minro", "Did you mean F# minor? "),
        ("xyz", ""),
    ],
)
def test_a_key_that_does_not_exist_is_refused_with_the_one_that_it_may_mean(tmp_path, key, guess):
    ran = emsync("compose", "--duration", "2", "--out", tmp_path / "a.mid", "--key", key)
    assert ran.exit_code == 2
    assert f"'--key': {key!r} is not a key. {guess}Write it as D major, F# minor or Bbm." in ran.output


@pytest.mark.parametrize(
    "option",
    [["--rate", "x"], ["--rate", "0"], ["--meter", "x"], ["--between", "1"], ["--key", "x"], ["--lock", ","]],
)
def test_messages_about_options_end_with_a_stop(tmp_path, option):
    ran = emsync("score", write_cut(tmp_path / "cut.otio"), "--out", tmp_path / "out", *option)
    assert ran.exit_code == 2
    assert ran.output.strip().endswith(".")
