"""``emsync place``: any WAV onto a timeline, by insertion or as a new timeline."""

from __future__ import annotations

import json
import struct
import wave
from fractions import Fraction
from pathlib import Path

import fcpxml_text as fcp
import numpy as np
import opentimelineio as otio
import otio_make as make
import pytest
import xmeml_text as xml
from click.testing import CliRunner
from xml_cuts import SAMPLES, needs_samples

from emsync_bridge.cli import main
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.wav import WavFormat, write_wav
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.premiere_names import ascii_name
from emsync_bridge.timeline.reading import read_timeline

EDL = """TITLE: CUT
001  A        V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00
002  B        V     D    012 00:00:00:00 00:00:04:00 01:00:02:00 01:00:06:00
003  B        V     C        00:00:10:00 00:00:12:00 01:00:06:00 01:00:08:00
"""


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "music.wav"
    write_sound(path)
    return path


def write_sound(path: Path, seconds: float = 2) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(int(8000 * seconds) * 4))


def run(*words: object):
    return CliRunner().invoke(main, ["place", *map(str, words)])


def edits(model):
    return [(edit.frame, edit.center, edit.kind) for edit in cut_list(model).edits]


def test_an_edl_becomes_a_new_otio_timeline(tmp_path, sound):
    source, out = tmp_path / "cut.edl", tmp_path / "cut.scored.otio"
    source.write_text(EDL)
    done = run(source, "--audio", sound, "--out", out, "--rate", "23.976")
    assert done.exit_code == 0, done.output
    assert "new timeline" in done.stderr
    before, after = read_timeline(source, rate=read_timeline(out).rate), read_timeline(out)
    assert float(after.rate) == pytest.approx(23.976, abs=1e-3)
    assert (edits(after), after.start_frame) == (edits(before), before.start_frame)
    tracks = json.loads(out.read_text())["tracks"]["children"]
    assert [track["kind"] for track in tracks] == ["Video", "Audio"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.edl", "cut.scored.otio", "music.wav"]


@pytest.mark.parametrize("name", ["cut.scored.edl", "cut.xml", "cut"])
def test_a_suffix_that_says_another_format_is_refused(tmp_path, sound, name):
    (tmp_path / "cut.edl").write_text(EDL)
    done = run(tmp_path / "cut.edl", "--audio", sound, "--out", tmp_path / name, "--rate", "24")
    assert done.exit_code in (1, 2)
    assert ".otio" in done.stderr
    assert not (tmp_path / name).exists()


@needs_samples
def test_an_aaf_becomes_a_new_otio_timeline(tmp_path, sound):
    pytest.importorskip("aaf2")
    source, out = SAMPLES / "avid_30fps.aaf", tmp_path / "cut.otio"
    done = run(source, "--audio", sound, "--out", out)
    assert done.exit_code == 0, done.output
    assert edits(read_timeline(out)) == edits(read_timeline(source))


def test_a_video_is_refused_without_naming_files_that_are_not_written(tmp_path, sound):
    video = tmp_path / "cut.mp4"
    video.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(64))
    done = run(video, "--audio", sound, "--out", tmp_path / "out.otio")
    assert done.exit_code == 1
    assert "Give the timeline" in done.stderr
    assert "beside" not in done.stderr


@pytest.mark.parametrize("editor", ["same", "premiere"])
def test_a_rate_that_the_document_lacks_can_be_given(tmp_path, sound, editor):
    text = fcp.document(fcp.clip(1, 0, 100), fcp.clip(2, 100, 100))
    text = text.replace(f'frameDuration="{fcp.t(1)}" ', "")
    source, out = tmp_path / "cut.fcpxml", tmp_path / ("out.otio" if editor == "premiere" else "out.fcpxml")
    source.write_text(text)
    assert run(source, "--audio", sound, "--out", out, "--for", editor).exit_code == 1
    done = run(source, "--audio", sound, "--out", out, "--for", editor, "--rate", "29.97")
    assert done.exit_code == 0, done.output
    assert edits(read_timeline(out, rate=fcp.RATE)) == [(100, 100, "cut")]


def test_for_premiere_clips_are_of_the_old_schema_with_plain_names_and_bare_paths(tmp_path):
    sound = tmp_path / "música \N{EN DASH} l'été.wav"
    write_sound(sound)
    fast = make.clip("B", 48, media="file:///m/b%20c.mov", effects=[make.warp(2.0)])
    source = make.save(tmp_path, make.timeline(make.track(make.clip("é—A", 48), fast, make.clip("C", 24))))
    out = tmp_path / "cut.premiere.otio"
    done = run(source, "--audio", sound, "--out", out, "--for", "premiere")
    assert done.exit_code == 0, done.output
    text = out.read_text()
    assert "Clip.2" not in text
    assert "media_references" not in text
    document = json.loads(text)
    clips = [child for track in document["tracks"]["children"] for child in track["children"]]
    references = [clip["media_reference"] for clip in clips]
    assert [reference["target_url"] for reference in references[1:2]] == ["/m/b c.mov"]
    assert references[-1]["target_url"] == str(tmp_path / "musica _ l_ete.wav")
    assert (tmp_path / "musica _ l_ete.wav").read_bytes() == sound.read_bytes()
    assert all(reference["name"].isascii() for reference in references)
    assert edits(read_timeline(out)) == edits(read_timeline(source))
    # Premiere counts the source that is played: 96 frames at double speed fill 48.
    assert clips[1]["source_range"]["duration"]["value"] == 96


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("été", "ete"),
        ("a \N{EN DASH} b", "a _ b"),
        ("it's $5", "it_s _5"),
        ("映画", "media"),
        ("ok (1)-b_c.d", "ok (1)-b_c.d"),
    ],
)
def test_names_for_premiere(name, plain):
    assert ascii_name(name) == plain
    assert ascii_name(plain) == plain


def stamped(path: Path, seconds: int) -> Path:
    """A WAV whose broadcast extension says when it begins."""
    write_sound(path)
    data = path.read_bytes()
    body = bytes(338) + struct.pack("<Q", seconds * 8000) + bytes(256)
    chunk = b"bext" + struct.pack("<I", len(body)) + body
    size = struct.pack("<I", len(data) - 8 + len(chunk))
    path.write_bytes(b"RIFF" + size + data[8:12] + chunk + data[12:])
    return path


def test_a_time_reference_of_the_sound_is_where_its_source_begins(tmp_path):
    """Editors take the WAV's own timecode for its beginning, so the document has to say the same."""
    sound = stamped(tmp_path / "music.wav", 3600)
    otio = make.save(tmp_path, make.timeline(make.track(make.clip("A", 48))))
    assert run(otio, "--audio", sound, "--out", tmp_path / "out.otio").exit_code == 0
    clip = json.loads((tmp_path / "out.otio").read_text())["tracks"]["children"][-1]["children"][0]
    available = clip["media_references"]["DEFAULT_MEDIA"]["available_range"]
    assert clip["source_range"]["start_time"]["value"] == available["start_time"]["value"] == 86400

    fcpxml = tmp_path / "cut.fcpxml"
    fcpxml.write_text(fcp.document(fcp.clip(1, 0, 100), rate=fcp.RATE).replace(fcp.t(1), "1/24s"))
    assert run(fcpxml, "--audio", sound, "--out", tmp_path / "out.fcpxml").exit_code == 0
    text = (tmp_path / "out.fcpxml").read_text()
    assert text.count('start="3600s"') == 2

    xmeml = tmp_path / "cut.xml"
    xmeml.write_text(xml.document(xml.sequence(xml.track(xml.clip(0, 100, 0, 100, xml.file(1))))))
    assert run(xmeml, "--audio", sound, "--out", tmp_path / "out.xml").exit_code == 0
    text = (tmp_path / "out.xml").read_text()
    assert "<frame>90000</frame>" in text
    assert "<string>01:00:00:00</string>" in text


def test_a_copy_for_premiere_replaces_nothing(tmp_path):
    sound, mine = tmp_path / "l'été.wav", tmp_path / "l_ete.wav"
    write_sound(sound)
    mine.write_bytes(b"mine")
    source = make.save(tmp_path, make.timeline(make.track(make.clip("A", 48))))
    done = run(source, "--audio", sound, "--out", tmp_path / "cut.premiere.otio", "--for", "premiere")
    assert done.exit_code == 0, done.output
    assert mine.read_bytes() == b"mine"
    assert (tmp_path / "l_ete 2.wav").read_bytes() == sound.read_bytes()


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
@pytest.mark.parametrize("rate", [44100, 96000])
def test_every_format_that_is_rendered_is_placed(tmp_path, rate, bits):
    source, out, music = tmp_path / "cut.edl", tmp_path / "cut.scored.otio", tmp_path / "music.wav"
    source.write_text(EDL)
    blocks = [np.zeros((rate, 2), np.float32)] * 3
    write_wav(music, blocks, 3 * rate, form=WavFormat(rate, bits), stamp=Stamp(start=Fraction(3600)))
    done = run(source, "--audio", music, "--out", out, "--rate", "25")
    assert done.exit_code == 0, done.output
    placed = next(clip for clip in otio.adapters.read_from_file(out).find_clips() if clip.name == "music.wav")
    assert placed.source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(90_000, 25), otio.opentime.RationalTime(75, 25)
    )

    cut = tmp_path / "cut.xml"
    cut.write_text(xml.document(xml.sequence(xml.track(xml.clip(0, 100, 0, 100, xml.file(1))))))
    assert run(cut, "--audio", music, "--out", tmp_path / "out.xml").exit_code == 0
    depth = int(bits.rstrip("f"))
    sound = f"<depth>{depth}</depth><samplerate>{rate}</samplerate>"
    assert sound in "".join((tmp_path / "out.xml").read_text().split())
