"""The sound of an earlier cue holds when its music is worked on again, and the new cue says what was rendered."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from places import STORM

import emsync_bridge
from emsync_bridge.cli import main
from emsync_bridge.cue.cue_file import read_cue
from emsync_bridge.options import RenderOptions, ScoreOptions
from emsync_bridge.options.fields import Option, options_of
from emsync_bridge.scoring.settings import settings_of, sound_as_before, with_sound

LOUDNESS = ("ebu", "-18", "-9.5", "music")
NOT_KEPT = {"certificate", "certificate_key", "duck", "soundfont", "sfz"}


def values(option: Option) -> st.SearchStrategy:
    if option.choices:
        return st.sampled_from(option.choices)
    if option.type is bool:
        return st.booleans()
    if option.type is float:
        return st.floats(option.low, option.high)
    return st.sampled_from(LOUDNESS if option.name == "loudness" else ("1m01", "2m14A"))


SOUNDS = st.fixed_dictionaries(
    {option.name: values(option) for option in options_of(RenderOptions) if option.name not in NOT_KEPT}
)


@given(SOUNDS)
def test_every_option_of_the_sound_comes_back_from_a_cue(chosen):
    earlier = RenderOptions(**chosen)
    settings = settings_of(ScoreOptions(render=earlier))
    assert sound_as_before(ScoreOptions(), settings).render == earlier
    assert with_sound({"seed": 3, "room": "dry"}, earlier) == {"seed": 3, **settings}


@given(SOUNDS, SOUNDS)
def test_what_is_given_now_counts(chosen, now):
    given_now = {name: value for name, value in now.items() if value != getattr(RenderOptions(), name)}
    settings = settings_of(ScoreOptions(render=RenderOptions(**chosen)))
    found = sound_as_before(ScoreOptions(render=RenderOptions(**given_now)), settings).render
    assert found == RenderOptions(**{**chosen, **given_now})
    back = sound_as_before(ScoreOptions(), settings, {"loudness", "bits"}).render
    assert (back.loudness, back.bits) == ("music", "24")


@pytest.mark.parametrize(
    "settings",
    [
        {"loudness": "loud"}, {"loudness": 3}, {"bits": "23"}, {"tail": 1000.0}, {"tail": "2"}, {"stems": "yes"},
        {"fade_in": True}, {"soundfont": "/no/such.sf2"}, {"sfz": "violins=/no/such.sfz"}, {"room": None},
    ],
)  # fmt: skip
def test_what_a_damaged_or_foreign_cue_says_is_left_out(settings):
    assert sound_as_before(ScoreOptions(), settings) == ScoreOptions()


def test_own_instruments_come_back_where_they_are(tmp_path: Path):
    font, violins, oboe = (tmp_path / name for name in ("a.sf2", "b, c.sfz", "d.sfz"))
    for path in (font, violins, oboe):
        path.write_bytes(b"")
    earlier = RenderOptions(soundfont=font, sfz=(f"violins={violins}", f"oboe={oboe}"))
    assert sound_as_before(ScoreOptions(), settings_of(ScoreOptions(render=earlier))).render == earlier


def test_a_section_composed_again_sounds_as_the_rest_did(tmp_path: Path):
    asked = ["--loudness", "ebu", "--bits", "16", "--sample-rate", "44100", "--fade-out", "0.5", "--style", "orchestra"]
    first = CliRunner().invoke(main, ["score", str(STORM), "--out", str(tmp_path / "a"), "--between", "0-12", *asked])
    assert first.exit_code == 0, first.output
    kept = next((tmp_path / "a").glob("*.cue.json"))
    again = ["score", str(STORM), "--keep", str(kept), "--redo", "4-8", "--out", str(tmp_path / "b")]
    ran = CliRunner().invoke(main, [*again, "--bits", "24"])
    assert ran.exit_code == 0, ran.output
    assert "-23.0 LUFS" in ran.output
    cue = read_cue(next((tmp_path / "b").glob("*.cue.json")))
    sound = {"loudness": "ebu", "sample_rate": "44100", "fade_out": 0.5}
    names = {option.name for option in options_of(RenderOptions)}
    assert {name: value for name, value in cue.settings.items() if name in names} == sound
    plain = emsync_bridge.redo(
        STORM,
        cue,
        emsync_bridge.Section(4.0, 8.0),
        tmp_path / "c",
        replace(ScoreOptions(), render=RenderOptions(sample_rate="48000")),
    )
    assert plain.cue.settings.get("loudness") is None
    assert "-20.0 LUFS" in plain.loudness.text
