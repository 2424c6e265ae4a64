"""Shell completion of values that are names."""

import pytest
from click.shell_completion import ShellComplete

from emsync_bridge.cli import main
from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.emotion.overrides.moods import MOODS
from emsync_bridge.music.analysis.keys import parse_key


def completions(option, incomplete):
    shell = ShellComplete(main, {}, "emsync", "_EMSYNC_COMPLETE")
    return [item.value for item in shell.get_completions(["score", "CUT.otio", option], incomplete)]


def test_moods_are_completed():
    assert completions("--mood", "") == sorted(MOODS)
    assert set(completions("--mood", "te")) == {name for name in MOODS if name.startswith("te")} != set()


def test_keys_are_completed_to_what_is_a_key():
    found = completions("--key", "b")
    assert found == ["Bb", "B", "Bbm", "Bm"]
    for key in completions("--key", ""):
        parse_key(key)


@pytest.mark.parametrize("before", ["", f"{INSTRUMENTS[0]},"])
def test_instruments_are_completed_one_after_another(before):
    left = [name for name in INSTRUMENTS if name not in before]
    assert completions("--instruments", before) == [f"{before}{name}" for name in left]


def test_the_sound_of_the_picture_is_completed():
    assert completions("--original-sound", "k") == ["keep"]
