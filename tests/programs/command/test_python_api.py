"""The functions at the package's top: the example of its docstring and of the page runs as it stands."""

import re
import shutil
import subprocess
import sys
import textwrap
import wave
from pathlib import Path

import pytest
from places import STORM

import emsync_bridge
from emsync_bridge import MusicOptions, ReadOptions, ScoreOptions
from emsync_bridge.errors import EmsyncError
from emsync_bridge.options import EmotionOptions
from emsync_bridge.timeline.reading import read_timeline

PAGE = Path(__file__).parents[3] / "docs" / "python.md"
CALM = ScoreOptions(read=ReadOptions(between=(10.0, 16.0)), emotion=EmotionOptions(mood="calm"))


def example():
    """Return the code of the package's docstring."""
    return textwrap.dedent(emsync_bridge.__doc__.partition("first use:\n")[2])


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    for name in ("CUT.otio", "CUT_v2.otio"):
        shutil.copy(STORM, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(example(), "example", "exec"), names)
    scored, again = names["scored"], names["again"]
    assert capsys.readouterr().out.strip().endswith("D minor")
    assert scored.cue.spotting.duration == 6.0
    assert len(again.cue.takes) == 2
    kept = {note for note in scored.cue.take.notes if scored.cue.take.tempo_map.seconds(note.start) > 4.5}
    assert kept <= set(again.cue.take.notes)
    assert names["moved"].cue.take.notes == scored.cue.take.notes
    assert {hit.state for hit in names["report"].report.hits} == {"kept"}


def test_the_page_shows_the_same_example():
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown.split() == example().split()


def test_the_steps_one_by_one(tmp_path):
    spotting = emsync_bridge.spot(str(STORM), CALM.read)
    mood = emsync_bridge.feel(STORM, CALM)
    assert mood.spotting == spotting
    assert mood.curve.spans[-1].end == pytest.approx(6.0)
    take = emsync_bridge.compose(spotting, mood.curve, MusicOptions(key="C major"), seed=3)
    assert take.key == "C major"
    assert take == emsync_bridge.compose(spotting, mood.curve, MusicOptions(key="C major"), seed=3)


def test_placing_a_sound(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(b"\0" * 4 * 48000)
    emsync_bridge.place(STORM, tmp_path / "a.wav", tmp_path / "out.otio", track="Mine")
    assert read_timeline(tmp_path / "out.otio").leaves == read_timeline(STORM).leaves
    assert "Mine" in (tmp_path / "out.otio").read_text(encoding="utf-8")
    with pytest.raises(EmsyncError, match="cannot be opened"):
        emsync_bridge.place(STORM, tmp_path / "none.wav", tmp_path / "out.otio")


def test_importing_the_package_imports_nothing_else():
    script = "import sys, emsync_bridge; print(*[name for name in sys.modules if name.startswith('emsync_bridge.')])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == ""
    assert set(emsync_bridge.__all__) <= set(dir(emsync_bridge))
    assert all(hasattr(emsync_bridge, name) for name in emsync_bridge.__all__)
    with pytest.raises(AttributeError):
        _ = emsync_bridge.nonsense
