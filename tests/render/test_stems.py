"""Stems in every mode add up to the mix; alternates leave out what they say; tails and names for dubbing stages."""

from __future__ import annotations

import io
import re
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pieces import Played, band, piece

from emsync_bridge.errors import RenderError
from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.files.stem_names import dub_name
from emsync_bridge.render.files.wav import WavFormat
from emsync_bridge.render.mix.accents import Accent
from emsync_bridge.render.player_stems import render_players
from emsync_bridge.render.render import render_midi
from emsync_bridge.render.sounding import Sounding, target_of


def read(path: Path) -> np.ndarray:
    with WavReader(path) as reader:
        return np.concatenate([block.astype(np.float64) for block in reader.blocks(48_000)])


@pytest.fixture(scope="module")
def midi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stems") / "m.mid"
    path.write_bytes(band(5))
    return path


def peak_of(sound: np.ndarray) -> float:
    return 20 * np.log10(np.abs(sound).max() + 1e-12)


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize(("room", "loudness"), [("hall", "music"), ("studio", "web"), ("dry", "ebu")])
def test_stems_add_up_wet_and_dry(midi: Path, tmp_path: Path, room, loudness: str, dry: bool) -> None:
    sounding = Sounding(room=room, target=target_of(loudness), stems=True, dry=dry, accents=(Accent(2.0),))
    report = render_midi(midi, tmp_path / "m.wav", seconds=5, sounding=sounding)
    names = [name for name, _ in report.stems]
    assert ("room" in names) == (dry and room != "dry")
    assert peak_of(sum(read(path) for _, path in report.stems) - read(report.path)) < -120


def test_dry_stems_die_away_with_their_notes(tmp_path: Path) -> None:
    midi = tmp_path / "m.mid"
    midi.write_bytes(piece([Played("Drums", 0, 240, 38)], end=480 * 4))

    def tail(*, dry: bool) -> float:
        report = render_midi(midi, tmp_path / "m.wav", seconds=4, sounding=Sounding(stems=True, dry=dry))
        sound = read(dict(report.stems)["drums"])
        return float((sound[48_000:] ** 2).sum() / (sound**2).sum())

    assert tail(dry=True) < 0.05 * tail(dry=False)


def test_alternates_leave_out_melody_and_percussion(tmp_path: Path) -> None:
    melody, rest = [Played("Piano", 480 * n, 440, 76 + n % 5) for n in range(8)], tmp_path / "rest.mid"
    others = [Played("Strings", 0, 480 * 8, 60, 70), *(Played("Drums", 480 * n, 240, 38) for n in range(8))]
    whole = tmp_path / "whole.mid"
    whole.write_bytes(piece([*melody, *others], end=480 * 8))
    rest.write_bytes(piece(others, end=480 * 8))
    sounding = Sounding(stems=True, alternates=True, underscore=rest)
    report = render_midi(whole, tmp_path / "m.wav", seconds=4, sounding=sounding)
    found = {name: read(path) for name, path in (*report.alternates, *report.stems)}
    assert [name for name, _ in report.alternates] == ["no-percussion", "no-melody", "underscore"]
    mix = read(report.path)
    assert peak_of(found["no-percussion"] - (mix - found["drums"])) < -120
    assert peak_of(found["no-melody"] - found["underscore"] - found["drums"]) < -120
    assert peak_of(mix - found["no-melody"]) > -60
    spectrum = [np.abs(np.fft.rfft(found[name][:, 0])) for name in ("no-percussion", "underscore")]
    bin_of = round(440 * 2 ** ((76 - 69) / 12) * 4)
    assert spectrum[1][bin_of - 8 : bin_of + 8].max() < 0.2 * spectrum[0][bin_of - 8 : bin_of + 8].max()


@pytest.mark.parametrize(
    ("groups", "melody", "written", "reason"),
    [
        (["Drums", "Piano"], None, "only no-percussion", "the music does not say which notes are its melody"),
        (["Strings", "Piano"], ["Piano"], "only no-melody", "no percussion plays"),
        (["Drums"], [], "none", "nothing but percussion plays and nothing but the melody plays"),
        (["Piano"], None, "none", "no percussion plays and the music does not say which notes are its melody"),
        ([], None, "none", "no percussion plays and"),
        (["Drums", "Piano", "Strings"], ["Drums", "Piano"], "", ""),
    ],
)
def test_alternates_that_are_not_written_are_said(tmp_path: Path, groups, melody, written, reason) -> None:
    def music(names: list[str], path: Path) -> Path:
        path.write_bytes(piece([Played(name, 0, 240, 60) for name in names], end=480))
        return path

    rest = None if melody is None else music(melody, tmp_path / "rest.mid")
    sounding = Sounding(alternates=True, underscore=rest)
    report = render_midi(music(groups, tmp_path / "m.mid"), tmp_path / "m.wav", seconds=0.5, sounding=sounding)
    said = [warning for warning in report.warnings if "alternates" in warning]
    if not written:
        assert said == []
        assert [name for name, _ in report.alternates] == ["no-percussion", "no-melody", "underscore"]
        return
    (warning,) = said
    assert warning.startswith(
        f"Of the alternates (no-percussion, no-melody, underscore) {written} is written: {reason}"
    )
    alone = [] if written == "none" else [written.removeprefix("only ")]
    assert [name for name, _ in report.alternates] == alone


def test_a_tail_rings_on_after_the_length(midi: Path, tmp_path: Path) -> None:
    report = render_midi(midi, tmp_path / "m.wav", seconds=5, sounding=Sounding(tail=1.5, stems=True))
    assert report.samples == 312_000
    assert all(len(read(path)) == 312_000 for _, path in report.stems)
    assert np.abs(read(report.path)[5 * 48_000 : 6 * 48_000]).max() > 1e-4


def brass(*velocities: int) -> bytes:
    """Return three players of the brass, and drums."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    tracks = (("Horns", 0, 60, 55), ("Trumpets", 1, 56, 67), ("Tuba", 2, 58, 36), ("Drums", 9, 0, 38))
    for (name, channel, program, pitch), velocity in zip(tracks, velocities, strict=True):
        notes = []
        for step in range(3):
            chord = [pitch + 2 * step + interval for interval in ((0,) if name == "Drums" else (0, 4, 7, 12))]
            for kind, time in (("note_on", 60), ("note_off", 700)):
                each = {"velocity": velocity, "channel": channel}
                notes += [
                    mido.Message(kind, note=note, time=0 if at else time, **each) for at, note in enumerate(chord)
                ]
        change = mido.Message("program_change", program=program, channel=channel)
        file.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name=name), change, *notes]))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("dry", [False, True])
def test_players_add_up_to_their_family_however_loud_each_plays(tmp_path: Path, dry: bool) -> None:
    midi = tmp_path / "m.mid"
    midi.write_bytes(brass(120, 70, 110, 100))
    sounding = Sounding(stems=True, dry=dry, target=target_of("web"), accents=(Accent(1.0),), form=WavFormat(44_100))
    report = render_midi(midi, tmp_path / "m.wav", seconds=3, sounding=sounding)
    family = read(dict(report.stems)["brass"])
    assert report.gain is not None
    alone = render_players(midi, tmp_path, "brass", report.gain, seconds=3, sounding=sounding)
    sounds = {name: read(path) for name, path in alone.items()}
    assert sorted(sounds) == ["horns", "trumpets", "tuba"]
    # an engine ends a voice that falls below -60 dB, which depends on what sounds beside it
    assert peak_of(sum(sounds.values()) - family) < peak_of(family) - 50
    assert all(peak_of(sound) > peak_of(family) - 40 for sound in sounds.values())
    with pytest.raises(RenderError, match="does not play"):
        render_players(midi, tmp_path, "harp", report.gain, seconds=3, sounding=sounding)
    assert not list(tmp_path.glob(".*"))


def test_names_are_those_of_a_dubbing_stage() -> None:
    assert dub_name("Der Sturm: Schnitt 3", "1m01", "strings", 2) == "Der-Sturm-Schnitt-3_1m01_STRINGS_v02.wav"
    assert dub_name("映画", "2m10", "no-melody", 11) == "Music_2m10_NO-MELODY_v11.wav"


@given(st.text(max_size=200))
def test_names_are_plain_whatever_the_project_is_called(project: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}_1m01_KEYS_v01\.wav", dub_name(project, "1m01", "keys", 1))
