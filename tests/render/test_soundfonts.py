from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pieces import Played, decibels, piece

from emsync_bridge.errors import RenderError
from emsync_bridge.render import engines
from emsync_bridge.render.soundfonts import check_soundfont, find_soundfont, louder
from emsync_bridge.render.synth import synthesise


def test_the_default_is_found_without_importing_its_package() -> None:
    script = (
        "import sys; from emsync_bridge.render.soundfonts import find_soundfont; "
        "assert find_soundfont().name == 'TimGM6mb.sf2'; assert 'pretty_midi' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_given_soundfont_wins(tmp_path: Path) -> None:
    own = tmp_path / "own.sf2"
    own.write_bytes(find_soundfont().read_bytes())
    assert find_soundfont(own) == own


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (lambda font: b"", "no SF2"),
        (lambda font: b"RIFF", "no SF2"),
        (lambda font: b"RIFF" + font[4:8] + b"WAVE" + font[12:], "no SF2"),
        (lambda font: font[: len(font) // 2], "cut off"),
        (lambda font: font[:4] + (80).to_bytes(4, "little") + font[8:88], "no samples"),
    ],
)
def test_broken_soundfonts_are_named(tmp_path: Path, cut, message: str) -> None:
    path = tmp_path / "broken.sf2"
    path.write_bytes(cut(find_soundfont().read_bytes()))
    with pytest.raises(RenderError, match=message) as problem:
        find_soundfont(path)
    assert str(path) in str(problem.value)


def test_a_missing_soundfont_is_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="No such file"):
        check_soundfont(tmp_path / "none.sf2")


def test_a_font_that_is_whole_but_nonsense_gives_a_message(tmp_path: Path, engine: str) -> None:
    font = bytearray(find_soundfont().read_bytes())
    presets = font.rfind(b"pdta")
    font[presets + 4 :] = b"\xff" * (len(font) - presets - 4)
    path = tmp_path / "nonsense.sf2"
    path.write_bytes(font)
    with pytest.raises(RenderError):
        synthesise(piece([Played("Piano", 0, 480, 60)], end=960), soundfont=path, engine=engine)


@pytest.mark.parametrize("gain", [6.0, 12.0])
@pytest.mark.parametrize("group", ["Drums", "Bass"])
def test_louder_changes_the_level_and_nothing_else(gain: float, group: str) -> None:
    font = find_soundfont().read_bytes()
    player = engines.MidirendererEngine(find_soundfont())
    midi = piece([Played(group, 0, 960, 38, 127)], end=1920)
    heard = player._render(midi, 0.0).astype(float)
    changed = player._render(midi, gain) / 10 ** (gain / 20)
    assert len(louder(font, gain)) > len(font)
    assert decibels(np.mean((changed - heard) ** 2) / np.mean(heard**2)) < -24  # what is left is reverb below 16 bits
    assert np.abs(changed).max() == pytest.approx(np.abs(heard).max(), rel=0.002)


def test_softer_works_too() -> None:
    player = engines.MidirendererEngine(find_soundfont())
    midi = piece([Played("Drums", 0, 960, 38, 127)], end=1920)
    peaks = [np.abs(player._render(midi, gain).astype(float)).max() for gain in (0.0, -12.0)]
    assert peaks[0] / peaks[1] == pytest.approx(10 ** (12 / 20), rel=0.005)


def test_louder_by_nothing_and_without_presets_is_the_same_file() -> None:
    font = find_soundfont().read_bytes()
    assert louder(font, 0) is font
    assert louder(b"RIFFxxxxsfbk", 12) == b"RIFFxxxxsfbk"
