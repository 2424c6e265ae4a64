from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pieces import TICKS, Played, band, decibels, first_sound, piece

from emsync_bridge.errors import RenderError
from emsync_bridge.render import synth
from emsync_bridge.render.bank.sounds import call_groups, sounds_for
from emsync_bridge.render.engines import find_fluidsynth
from emsync_bridge.render.midi_events import SAMPLE_RATE, read_score
from emsync_bridge.render.synth import synthesise

needs_fluidsynth = pytest.mark.skipif(find_fluidsynth() is None, reason="FluidSynth is not installed")

BLOCK = 32  # half an engine block: how far a note may be moved
ATTACK = 100  # samples until a snare drum passes 2 % of its peak


def test_onsets_are_where_the_midi_file_has_them(engine: str) -> None:
    # a tempo change in between, and times that fall on no block and no millisecond
    ticks = [0, 481, 977, 1444, 2203, 2881, 3359]
    midi = piece([Played("Drums", t, 60, 38, 127) for t in ticks], tempos=[(0, 500_000), (1000, 437_211)], end=4800)
    audio = synthesise(midi, engine=engine)
    due = [note.start for note in read_score(midi).parts[0].notes]
    errors = [first_sound(audio, at, before=BLOCK) - at for at in due]
    assert due[0] == 0
    assert due[-1] == round((1000 * 500_000 + 2359 * 437_211) / TICKS * SAMPLE_RATE / 1e6)
    assert max(errors) <= BLOCK + ATTACK
    assert min(errors) > -BLOCK  # nothing sounds at the very edge of the window


@needs_fluidsynth
def test_both_engines_agree_to_a_sample_and_in_balance() -> None:
    midi = piece([Played("Drums", t, 60, 38, 127) for t in (300, 1111)], end=2400)
    ours, theirs = (synthesise(midi, engine=name).sum(axis=1) for name in ("midirenderer", "fluidsynth"))
    size = 2 * len(ours)
    likeness = np.fft.irfft(np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(ours, size)))
    lag = int(np.argmax(likeness))
    assert min(lag, size - lag) <= 1


@needs_fluidsynth
@pytest.mark.parametrize("group", ["Piano", "Strings", "Guitar"])
def test_both_engines_play_the_instruments_with_the_same_colour(group: str) -> None:
    notes = [Played(group, 960 * n, 900, 48 + 7 * n, 30 + 30 * n) for n in range(4)]
    ours, theirs = (_bands(synthesise(piece(notes, end=4800), engine=e)) for e in ("midirenderer", "fluidsynth"))
    difference = ours - theirs
    assert np.abs(difference - difference.mean()).max() < 1  # dB; the level of the engines differs


def _bands(audio: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(audio.sum(axis=1))) ** 2
    frequencies = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    edges = (60, 125, 250, 500, 1000, 2000, 4000)
    return np.array([decibels(power[(frequencies >= e) & (frequencies < 2 * e)].sum()) for e in edges])


def test_the_length_is_the_files_own(engine: str) -> None:
    audio = synthesise(piece([Played("Piano", 0, 480, 60)], end=1920), engine=engine)
    assert audio.shape == (2 * SAMPLE_RATE, 2)
    assert audio.dtype == np.float32


def test_silence_stays_silent(engine: str) -> None:
    assert not synthesise(piece([], end=1920), engine=engine).any()
    gap = synthesise(piece([Played("Drums", 1920, 60, 38)], end=3840), engine=engine)
    assert not gap[: 2 * SAMPLE_RATE - BLOCK].any()


def test_dense_chords_at_full_velocity_are_not_clipped(engine: str) -> None:
    notes = [Played(group, 0, 960, pitch, 127) for group in ("Bass", "Piano", "Strings") for pitch in range(30, 90, 2)]
    notes += [Played("Drums", 0, 60, key, 127) for key in range(35, 60)]
    audio = synthesise(piece(notes, end=1920), engine=engine)
    assert np.isfinite(audio).all()
    peak = np.abs(audio).max()
    assert peak > (1 if engine == "midirenderer" else 0.5)  # the former would have been clipped in its 16 bits
    assert (np.abs(audio) == peak).sum() <= 2


def test_soft_notes_keep_their_resolution() -> None:
    midi = piece([Played("Bass", 0, 960, 40, 127)], end=1920)
    volume, soft_volume = bytes([0xB0, 7, 100]), bytes([0xB0, 7, 12])
    assert volume in midi
    loud, soft = (synthesise(m, engine="midirenderer") for m in (midi, midi.replace(volume, soft_volume)))
    # the volume acts on the level by its square; the shape must survive 37 dB below the loud note
    expected = loud * np.float32((12 / 100) ** 2)
    assert decibels(np.mean((soft - expected) ** 2) / np.mean(expected**2)) < -34  # the engine ends a note at -60 dB


def test_stretches_leave_no_seam(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    midi = band(14)
    whole = synthesise(midi, engine=engine)
    monkeypatch.setattr(synth, "STRETCH", 5 * SAMPLE_RATE // 2 * 2)
    pieces = synthesise(midi, engine=engine)
    second = [slice(at, at + SAMPLE_RATE) for at in range(0, len(whole), SAMPLE_RATE)]
    worst = max(decibels(np.mean((whole[s] - pieces[s]) ** 2) / np.mean(whole[s] ** 2)) for s in second)
    assert worst < -30


@pytest.mark.parametrize("held", ["pedal", "no note-off"])
def test_held_notes_sound_until_they_are_let_go(held: str) -> None:
    import io

    import mido

    track = mido.MidiTrack([mido.Message("program_change", program=48)])
    if held == "pedal":
        track.append(mido.Message("control_change", control=64, value=127))
    track.append(mido.Message("note_on", note=60, velocity=100))
    if held == "pedal":
        track.append(mido.Message("note_off", note=60, time=240))
    track.append(mido.MetaMessage("end_of_track", time=15 * 960))
    buffer = io.BytesIO()
    mido.MidiFile(tracks=[track]).save(file=buffer)
    audio = synthesise(buffer.getvalue(), engine="midirenderer")
    assert np.abs(audio[-SAMPLE_RATE:]).max() > 0.1 * np.abs(audio).max()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    for midi in (data, b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk" + len(data).to_bytes(4, "big") + data):
        with suppress(RenderError):
            read_score(midi)


def test_files_without_beats_are_refused() -> None:
    smpte = b"MThd\0\0\0\6\0\1\0\1\xe7\x28" + b"MTrk\0\0\0\4\0\xff\x2f\0"
    type2 = b"MThd\0\0\0\6\0\2\0\1\1\xe0" + b"MTrk\0\0\0\4\0\xff\x2f\0"
    for midi, reason in ((smpte, "SMPTE"), (type2, "type 2|type 0 and 1")):
        with pytest.raises(RenderError, match=reason):
            read_score(midi)


def test_families_are_parts_and_named_tracks_their_players() -> None:
    score = read_score(band(6))
    assert [part.name for part in score.parts] == ["keys", "strings", "guitars", "bass", "drums"]
    assert [voice.player for part in score.parts for voice in part.voices.values()] == ["piano", "", "", "", ""]


def test_notes_are_divided_into_calls_where_voices_would_be_stolen() -> None:
    chord = [Played(group, 0, 960, pitch) for group in ("Piano", "Strings") for pitch in range(40, 60)]
    score = read_score(piece(chord, end=1920))
    sounds = sounds_for(score, None)
    keys, strings = score.parts
    for part in (keys, strings):
        notes = [note for group in call_groups(sounds, part, part.notes, 64) for note in group]
        assert sorted(notes) == list(part.notes)
    two = replace(strings, notes=tuple(replace(n, channel=n.pitch % 2) for n in strings.notes))
    two = replace(two, voices={0: strings.voices[0], 1: strings.voices[0]})
    assert len(list(call_groups(sounds, two, two.notes, 64))) == 2
    assert len(list(call_groups(sounds, two, two.notes, 1000))) == 1
