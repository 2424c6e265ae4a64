"""SFZ instruments of people's own in place of sounds of the bank."""

from __future__ import annotations

import wave
from contextlib import suppress
from pathlib import Path

import mido
import numpy as np
import pytest
from pieces import decibels

from emsync_bridge.errors import RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.render import render_midi
from emsync_bridge.render.sfz.instrument import SfzInstrument, own_instruments, parsed_sfz
from emsync_bridge.render.sfz.text import standalone_text
from emsync_bridge.render.sounding import Sounding, sounding_of

needs_sfizz = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("pysfizz") is None, reason="the extra sfz is not installed"
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library in folders: a sine at 220 Hz in two files of SFZ, found through an include and a default path."""
    folder = tmp_path / "My library"
    (folder / "Samples").mkdir(parents=True)
    (folder / "parts").mkdir()
    at = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE
    with wave.open(str(folder / "Samples" / "long sine.wav"), "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes((16_000 * np.sin(2 * np.pi * 220 * at)).astype("<i2").tobytes())
    (folder / "parts" / "region.sfz").write_text("<region> sample=long sine.wav pitch_keycenter=57\n")
    path = folder / "violins.sfz"
    path.write_text('<control> default_path=Samples/\n<global> ampeg_release=0.2\n#include "parts\\region.sfz"\n')
    return path


def a_piece(path: Path, *controls: mido.Message, name: str = "Violins I") -> Path:
    """Write two bars at 120 bpm: a note of 3 s that begins at 0.5 s."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name), mido.Message("program_change", program=48)])
    track += controls
    track.append(mido.Message("note_on", note=69, velocity=90, time=480))
    track.append(mido.Message("note_off", note=69, time=6 * 480))
    track.append(mido.MetaMessage("end_of_track", time=960))
    mido.MidiFile(tracks=[track]).save(path)
    return path


def sound_of(midi: Path, *sfz: str) -> np.ndarray:
    sounding = Sounding(room="dry", stems=False, sfz=parsed_sfz(sfz))
    report = render_midi(midi, midi.with_suffix(".wav"), seconds=5, sounding=sounding)
    with wave.open(str(report.path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3)
    wide = np.zeros((len(data), 4), np.uint8)
    wide[:, 1:] = data
    return (wide.view("<i4")[:, 0] / 2.0**31).reshape(-1, 2)


@needs_sfizz
def test_a_player_plays_with_the_instrument_at_the_pitch_and_time_and_level_of_the_score(
    tmp_path: Path, library: Path
) -> None:
    midi = a_piece(tmp_path / "a.mid")
    bank = sound_of(midi)
    own = sound_of(midi, f"violins={library}")
    spectrum = np.abs(np.fft.rfft(own[SAMPLE_RATE : 3 * SAMPLE_RATE].sum(1) * np.hanning(2 * SAMPLE_RATE)))
    assert abs(int(spectrum.argmax()) / 2 - 440) < 1.5  # an octave above the sample
    loud = np.flatnonzero(np.abs(own).max(1) > 0.05 * np.abs(own).max())
    assert abs(loud[0] / SAMPLE_RATE - 0.5) < 0.02
    assert 3.4 < loud[-1] / SAMPLE_RATE < 4  # longer than sfizz holds of a sample before it asks the disk
    steady = slice(SAMPLE_RATE, 3 * SAMPLE_RATE)
    assert abs(decibels(np.mean(bank[steady] ** 2)) - decibels(np.mean(own[steady] ** 2))) < 6
    assert np.array_equal(own, sound_of(midi, f"Violins = {library}"))


@needs_sfizz
def test_a_family_plays_with_it_and_other_players_keep_the_bank(tmp_path: Path, library: Path) -> None:
    strings = a_piece(tmp_path / "a.mid")
    assert not np.array_equal(sound_of(strings), sound_of(strings, f"strings={library}"))
    assert np.array_equal(sound_of(strings), sound_of(strings, f"violas={library}", f"brass={library}"))


@needs_sfizz
def test_pan_expression_and_pedal_are_heard(tmp_path: Path, library: Path) -> None:
    def played(*controls: mido.Message) -> np.ndarray:
        return sound_of(a_piece(tmp_path / "a.mid", *controls), f"violins={library}")

    def control(number: int, value: int, time: int = 0) -> mido.Message:
        return mido.Message("control_change", control=number, value=value, time=time)

    left, right = np.square(played(control(10, 0))).sum(0)
    assert left > 3 * right  # the mix brings the low end to the middle
    held = played(control(64, 127))
    assert np.abs(held[round(4.2 * SAMPLE_RATE) : round(4.4 * SAMPLE_RATE)]).max() > 0.01 * np.abs(held).max()


@needs_sfizz
def test_short_and_long_pieces_play_alike_in_stretches(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emsync_bridge.render import synth

    midi = a_piece(tmp_path / "a.mid")
    whole = sound_of(midi, f"violins={library}")
    monkeypatch.setattr(synth, "STRETCH", SAMPLE_RATE)
    assert np.abs(sound_of(midi, f"violins={library}") - whole).max() < 1e-5


def test_names_and_files_that_are_not_there_are_said(tmp_path: Path, library: Path) -> None:
    for text, message in (
        (f"kazoo={library}", "no player or family 'kazoo'"),
        ("violins=/nowhere/a.sfz", "no file of this name"),
        (f"violins={library.parent}", "no file of this name"),
        ("violins", "names no file"),
    ):
        with pytest.raises(RenderError, match=message) as problem:
            sounding_of(RenderOptions(sfz=(text,)))
        assert problem.value.setting == "sfz"


def test_without_the_extra_it_is_said_how_to_get_it(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emsync_bridge.render.sfz.instrument.find_spec", lambda _name: None)
    with pytest.raises(RenderError, match=r"emsync-bridge\[sfz\]"):
        parsed_sfz([f"violins={library}"])


@needs_sfizz
@pytest.mark.parametrize("text", ["", "no sfz", "<region> sample=missing.wav", "<group>\0", '#include "a.sfz"'])
def test_files_without_a_sound_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.sfz"
    path.write_text(text)
    with pytest.raises(RenderError) as problem:
        own_instruments([("violins", path)])
    assert str(path) in str(problem.value)
    assert problem.value.setting == "sfz"


@needs_sfizz
def test_bytes_at_random_are_refused_or_play(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    path = tmp_path / "a.sfz"
    for length in (10, 200, 3000):
        path.write_bytes(b"<region> sample=*sine " + random.integers(0, 256, length, np.uint8).tobytes())
        with suppress(RenderError):
            SfzInstrument(path)


def test_a_text_that_stands_alone_names_its_samples_in_full(library: Path) -> None:
    text = standalone_text(library)
    folder = library.parent.resolve().as_posix()
    assert text.startswith(f"<control> hint_ram_based=1 default_path={folder}/\n")
    assert f"default_path={folder}/Samples/" in text
    assert "#include" not in text
    assert "long sine.wav" in text


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sfz"
    with path.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(RenderError, match="larger than 4 MB"):
        standalone_text(path)
