"""Options that say nothing to music that is kept are refused with what to do instead."""

import pytest
from click.testing import CliRunner
from places import STORM

from emsync_bridge.cli import main
from emsync_bridge.cli.score import _WITH_REDO, _WITH_TAKE, _new_seed, score
from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.options import RenderOptions
from emsync_bridge.options.fields import options_of

VALUES = {
    "--tempo": "120", "--key": "D minor", "--meter": "3/4", "--min-gap": "2", "--set": "shot1=joy", "--takes": "2",
    "--edit": "{file}", "--curve": "{file}", "--between": "0-4", "--max-bend": "3",
}  # fmt: skip
ONLY_FOR_TAKES = {"--mood": "joy", "--seed": "4", "--instruments": "piano", "--temperature": "1.1"}


@pytest.mark.parametrize(("option", "value"), VALUES.items())
@pytest.mark.parametrize("way", [("--take", "1"), ("--redo", "0-4")])
def test_what_a_kept_cue_settles_is_refused(tmp_path, option, value, way):
    (tmp_path / "file").write_text("{}")
    value = value.format(file=tmp_path / "file")
    arguments = ["score", str(STORM), "--out", str(tmp_path / "out"), "--keep", str(tmp_path / "file"), *way]
    ran = CliRunner().invoke(main, [*arguments, option, value])
    assert ran.exit_code == 2, ran.output
    assert f"{option} has no effect" in " ".join(ran.output.split())
    assert "--keep" in ran.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("option", "value"), ONLY_FOR_TAKES.items())
def test_what_only_a_section_obeys_points_to_redo(tmp_path, option, value):
    (tmp_path / "file").write_text("{}")
    arguments = ["score", str(STORM), "--out", str(tmp_path / "out"), "--keep", str(tmp_path / "file")]
    ran = CliRunner().invoke(main, [*arguments, "--take", "1", option, value])
    assert ran.exit_code == 2
    assert "--redo" in ran.output
    ran = CliRunner().invoke(main, [*arguments, "--redo", "0-4", option, value])
    assert "has no effect" not in ran.output


def test_the_options_that_are_obeyed_exist():
    names = {parameter.name for parameter in score.params}
    assert names >= _WITH_TAKE | _WITH_REDO | {option.name for option in options_of(RenderOptions)}


def test_a_section_without_a_seed_draws_one_that_no_take_has():
    takes = tuple(Take(seed, (), TempoMap()) for seed in (1, 2, 7))
    cue = Cue(Spotting("cut", 4.0, 24), EmotionCurve(()), takes)
    assert _new_seed(cue) not in (1, 2, 7)
