from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from pieces import Played, decibels, piece

from emsync_bridge.errors import RenderError
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.render.bank import files
from emsync_bridge.render.bank.assembly import assemble
from emsync_bridge.render.bank.catalog import SOUNDS, sound_of_player, sound_of_program
from emsync_bridge.render.bank.older import UNUSED_DAYS
from emsync_bridge.render.bank.soundfont import SoundFont
from emsync_bridge.render.bank.sounds import BankSounds, select, smooth_loop
from emsync_bridge.render.bank.zones import ZoneTable
from emsync_bridge.render.midi_events import read_score
from emsync_bridge.render.synth import synthesise

SMALL = "celesta-mono"
CELESTA = 8


@pytest.fixture(scope="module")
def table() -> ZoneTable:
    return ZoneTable.load(files.DATA / files.TABLE)


def test_every_player_has_a_sound_for_its_whole_range(table: ZoneTable) -> None:
    assert len({sound_of_player(name) for name in PLAYERS}) > 40
    for player in PLAYERS.values():
        sound = sound_of_player(player.name)
        keys = range(player.low, player.high + 1)
        velocities = (1, 30, 64, 100, 127) if not player.unpitched else (64, 127)
        silent = [
            (key, velocity)
            for key in keys
            for velocity in velocities
            if velocity > 20 and not table.chosen(sound, [(key, velocity)])
        ]
        assert not silent, (player.name, silent)


def test_every_program_of_general_midi_is_played_by_something() -> None:
    assert {sound_of_program(program) for program in range(128)} <= SOUNDS.keys()
    assert sound_of_program(48) == "ensemble"
    assert sound_of_program(0, drums=True) == "drum_kit"


def test_the_bank_is_small_enough_to_ship() -> None:
    sizes = {path.name: path.stat().st_size for path in files.DATA.iterdir()}
    assert sum(sizes.values()) <= 40e6
    assert max(sizes.values()) < 20e6
    assert files.checked_bank() == sum(sizes.values())
    licence = (files.DATA / "MuseScore_General.LICENSE").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in licence
    assert "Sam Gossner" in licence


def test_a_stream_is_unpacked_once_and_whole(tmp_path: Path) -> None:
    shares: list[float] = []
    first = files.decoded_streams([SMALL], cache=tmp_path, progress=shares.append)[SMALL]
    assert shares[-1] == 1
    assert first.shape == (files.streams_in()[SMALL].frames, 1)
    assert np.abs(first).max() > 5000
    changed = (tmp_path / f"{SMALL}.pcm").stat().st_mtime_ns
    files.decoded_streams([SMALL], cache=tmp_path, progress=lambda _: pytest.fail("unpacked twice"))
    assert (tmp_path / f"{SMALL}.pcm").stat().st_mtime_ns == changed


@pytest.mark.parametrize("damage", ["cut", "flipped", "no seal", "odd seal"])
def test_a_damaged_cache_is_unpacked_again(tmp_path: Path, damage: str) -> None:
    whole = np.array(files.decoded_streams([SMALL], cache=tmp_path)[SMALL])
    pcm, seal = tmp_path / f"{SMALL}.pcm", tmp_path / f"{SMALL}.json"
    data = bytearray(pcm.read_bytes())
    if damage == "cut":
        pcm.write_bytes(data[:-10])
    elif damage == "flipped":
        data[len(data) // 2] ^= 0x55
        pcm.write_bytes(data)
    elif damage == "no seal":
        seal.unlink()
    else:
        seal.write_text("[1]")
    assert np.array_equal(files.decoded_streams([SMALL], cache=tmp_path)[SMALL], whole)


def test_a_cache_that_was_copied_is_summed_up_once_and_used(tmp_path: Path) -> None:
    files.decoded_streams([SMALL], cache=tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "second", copy_function=shutil.copyfile)
    os.utime(tmp_path / "second" / f"{SMALL}.pcm", (1, 1))
    files.decoded_streams([SMALL], cache=tmp_path / "second", progress=lambda _: pytest.fail("unpacked twice"))
    seal = json.loads((tmp_path / "second" / f"{SMALL}.json").read_text())
    assert seal["changed"] == (tmp_path / "second" / f"{SMALL}.pcm").stat().st_mtime_ns


def test_two_processes_unpack_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from emsync_bridge.render.bank import files; "
        f"found = files.decoded_streams(['{SMALL}', 'harp-mono'], cache=pathlib.Path(sys.argv[1])); "
        f"print(int(abs(found['{SMALL}']).max()))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE) for _ in range(2)]
    heard = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert heard[0] == heard[1] != b"0\n"


def test_a_file_of_the_package_that_is_cut_off_is_named(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    bank.mkdir()
    for name in (files.MANIFEST, files.TABLE, f"{SMALL}.ogg"):
        shutil.copy(files.DATA / name, bank)
    broken = bank / f"{SMALL}.ogg"
    broken.write_bytes(broken.read_bytes()[:-1000])
    with pytest.raises(RenderError, match=r"damaged: .* Reinstall") as problem:
        files.decoded_streams([SMALL], folder=bank, cache=tmp_path / "cache")
    assert str(broken) in str(problem.value)
    broken.unlink()
    with pytest.raises(RenderError, match="cannot be read"):
        files.decoded_streams([SMALL], folder=bank, cache=tmp_path / "cache")
    (bank / files.TABLE).write_bytes(b"PK no table")
    with pytest.raises(RenderError, match="table of the instruments"):
        ZoneTable.load(bank / files.TABLE)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RenderError, match="into the cache"):
        files.decoded_streams([SMALL], cache=tmp_path / "file" / "cache")


@pytest.mark.parametrize("small_disk", ["size=100k"], indirect=True)
def test_a_full_disk_while_unpacking_is_said_and_leaves_nothing_behind(small_disk: Path) -> None:
    with pytest.raises(RenderError, match=r"[Rr]oom|disk|space"):
        files.decoded_streams([SMALL], cache=small_disk / "cache")
    left = [path.name for path in (small_disk / "cache").iterdir() if path.name != "lock"]
    assert left == []


def test_a_loop_runs_on_without_a_step() -> None:
    wave = (10_000 * np.sin(np.arange(4000) / 7)).astype(np.int16)
    before = abs(int(wave[3000]) - int(wave[1000]))
    mended = smooth_loop(wave.copy(), 1000, 3000)
    assert abs(int(mended[2999]) - int(mended[999])) <= 1
    assert before > 100
    assert np.array_equal(mended[:2900], wave[:2900])


def _celesta_font(path: Path) -> bytes:
    """Write the celesta as a soundfont of its own, and return the music that the comparison is made with."""
    midi = piece([Played("Piano", 480 * n, 400, 72 + 5 * n, 90) for n in range(3)], end=2400)
    score = read_score(midi.replace(bytes([0xC2, 0]), bytes([0xC2, CELESTA])))
    sounds = BankSounds(score)
    part = score.parts[0]
    zones = select(sounds, part, part.notes).zones
    path.write_bytes(bytes(assemble(sounds.table, sounds.samples, {CELESTA: zones[0]})))
    return midi.replace(bytes([0xC2, 0]), bytes([0xC2, CELESTA]))


def _compressed(font: Path, out: Path) -> None:
    """Write a soundfont again with its samples as Ogg streams, without pad bytes as some programs leave them out."""
    read = SoundFont(font)
    records = read.samples.copy()
    streams = b""
    for number in range(len(records) - 1):
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "s16le", "-ar", "44100", "-ac", "1"]
        coded = subprocess.run(
            [*command, "-i", "-", "-c:a", "libvorbis", "-q:a", "8", "-f", "ogg", "-"],
            input=read.data(number),
            capture_output=True,
            check=True,
        ).stdout
        loop = read.loop(number)
        records[number]["start"], records[number]["end"] = len(streams), len(streams) + len(coded)
        records[number]["loop_start"], records[number]["loop_end"] = loop
        records[number]["type"] |= 16
        streams += coded
    data = font.read_bytes()
    at = data.index(b"smpl")
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    tables = data[at + 8 + size :]
    headers = tables.index(b"shdr")
    tables = tables[: headers + 8] + records.tobytes()
    samples = b"sdtasmpl" + struct.pack("<I", len(streams)) + streams
    body = data[12 : at - 12] + b"LIST" + struct.pack("<I", len(samples)) + samples + tables
    out.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"sfbk" + body)


def test_a_soundfont_of_ones_own_plays_like_the_bank_it_was_made_from(tmp_path: Path) -> None:
    midi = _celesta_font(tmp_path / "own.sf2")
    bank, own = synthesise(midi), synthesise(midi, soundfont=tmp_path / "own.sf2")
    assert decibels(np.mean((bank - own) ** 2) / np.mean(bank**2)) < -60


def test_an_sf3_is_decoded(tmp_path: Path) -> None:
    midi = _celesta_font(tmp_path / "own.sf2")
    _compressed(tmp_path / "own.sf2", tmp_path / "own.sf3")
    assert SoundFont(tmp_path / "own.sf3").compressed
    plain, coded = (synthesise(midi, soundfont=tmp_path / name) for name in ("own.sf2", "own.sf3"))
    assert decibels(np.mean((plain - coded) ** 2) / np.mean(plain**2)) < -20


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (lambda font: b"", "cannot be opened"),
        (lambda font: b"RIFF", "not an SF2"),
        (lambda font: b"RIFF" + font[4:8] + b"WAVE" + font[12:], "not an SF2"),
        (lambda font: font[: len(font) // 2], "cut off"),
        (lambda font: font[:12] + bytes(100_000), "a chunk without a name"),
        (lambda font: font[:12] + b"junk\0\0\0\0" * 20_000, "more than 1000 chunks"),
        (lambda font: font[:4] + (80).to_bytes(4, "little") + font[8:88], "no whole table|past its end"),
        (lambda font: font.replace(b"igen", b"igex"), "no whole table igen"),
    ],
)
def test_broken_soundfonts_are_named(tmp_path: Path, cut, message: str) -> None:
    _celesta_font(tmp_path / "own.sf2")
    path = tmp_path / "broken.sf2"
    path.write_bytes(cut((tmp_path / "own.sf2").read_bytes()))
    with pytest.raises(RenderError, match=message) as problem:
        SoundFont(path)
    assert str(path) in str(problem.value)
    with pytest.raises(RenderError, match="No such file"):
        SoundFont(tmp_path / "none.sf2")


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes are made otherwise there")
def test_of_a_soundfont_of_two_gigabytes_only_the_zones_are_read(tmp_path: Path) -> None:
    import resource

    midi = _celesta_font(tmp_path / "own.sf2")
    data = (tmp_path / "own.sf2").read_bytes()
    at = data.index(b"smpl") + 4
    size = int.from_bytes(data[at : at + 4], "little")
    hole = 2**31
    with (tmp_path / "huge.sf2").open("wb") as file:
        head = bytearray(data[: at + 4 + size])
        for place in (4, at - 12, at):
            head[place : place + 4] = (int.from_bytes(head[place : place + 4], "little") + hole).to_bytes(4, "little")
        file.write(head)
        file.seek(hole, 1)
        file.write(data[at + 4 + size :])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    own = synthesise(midi, soundfont=tmp_path / "huge.sf2")
    assert np.abs(own).max() > 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_instruments_of_older_banks_leave_the_cache_when_long_unused(tmp_path: Path) -> None:
    now, old, young, strange, kept = (tmp_path / name for name in ("a" * 16, "b" * 16, "c" * 16, "notes", "d" * 16))
    for folder in (old, young, strange, kept):
        folder.mkdir()
        for name in ("harp.pcm", "harp.json", "lock"):
            (folder / name).write_bytes(b"x")
    (kept / "mine.txt").write_bytes(b"x")
    long_ago = time.time() - (UNUSED_DAYS + 1) * 86_400
    for folder in (old, strange, kept):
        os.utime(folder, (long_ago, long_ago))
    files.decoded_streams([SMALL], cache=now)
    assert sorted(tmp_path.iterdir()) == sorted([now, old, young, strange, kept])  # there was no cache yet
    os.utime(now, (long_ago, long_ago))
    files.decoded_streams([SMALL], cache=now)
    assert sorted(tmp_path.iterdir()) == sorted([now, young, strange, kept])
    assert [path.name for path in kept.iterdir()] == ["mine.txt"]
    assert now.stat().st_mtime > long_ago + 86_400
