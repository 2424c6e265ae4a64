"""Headers of WAV files: all that the package writes, what others write, and what is damaged."""

from __future__ import annotations

import struct
import sys
from fractions import Fraction

import numpy as np
import pytest

from emsync_bridge.errors import MediaError
from emsync_bridge.files.wav_header import FLOAT, PCM, WavHeader, read_wav_header
from emsync_bridge.render.files import wav
from emsync_bridge.render.files.metadata import Stamp

FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, PCM, 2, 48000, 288000, 6, 24)


def riff(*chunks: bytes, head: bytes = b"RIFF") -> bytes:
    body = b"".join(chunks)
    return head + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_every_format_that_is_written_is_read(tmp_path, rate, bits):
    path = tmp_path / "a.wav"
    wav.write_wav(path, [np.zeros((1001, 2), np.float32)], 1001, form=wav.WavFormat(rate, bits))
    found = read_wav_header(path)
    assert (found.channels, found.rate, found.samples) == (2, rate, 1001)
    assert (found.kind, found.bits) == (FLOAT if bits == "32f" else PCM, int(bits.rstrip("f")))
    assert path.stat().st_size - found.data == 1001 * 2 * found.bits // 8


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes are made otherwise there")
def test_rf64_tells_its_length_in_64_bits(tmp_path):
    path, samples = tmp_path / "a.wav", 1 << 30  # 6 GiB, all but the header a hole
    large = struct.pack("<4sIQQQI", b"ds64", 28, 0, samples * 6, samples, 0)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RF64", 2**32 - 1, b"WAVE") + large + FORMAT + b"data\xff\xff\xff\xff")
        begins = file.tell()
        file.truncate(begins + samples * 6)
    assert read_wav_header(path) == WavHeader(PCM, 2, 48000, 24, samples, begins)


def test_the_extensible_format_of_other_programs_is_read(tmp_path):
    path = tmp_path / "a.wav"
    body = struct.pack("<HHIIHHHHIH14s", 0xFFFE, 6, 48000, 1152000, 24, 32, 22, 32, 0x3F, FLOAT, bytes(14))
    path.write_bytes(
        riff(b"JUNK\x03\0\0\0abc\0", b"fmt ", struct.pack("<I", len(body)), body, b"data\x30\0\0\0", bytes(48))
    )
    found = read_wav_header(path)
    assert (found.kind, found.channels, found.bits, found.samples) == (FLOAT, 6, 32, 2)


def test_the_time_reference_is_the_start(tmp_path):
    path = tmp_path / "a.wav"
    stamp = Stamp(start=Fraction(3600))
    wav.write_wav(path, [np.zeros((10, 2), np.float32)], 10, stamp=stamp)
    assert read_wav_header(path).start == 3600


@pytest.mark.parametrize("length", [2**32 - 1, 60_000])
def test_a_file_that_ends_early_counts_as_long_as_it_is(tmp_path, length):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(FORMAT, b"data", struct.pack("<I", length), bytes(600)))
    assert read_wav_header(path).samples == 100


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "does not begin as one"),
        (b"ID3" + bytes(500), "does not begin as one"),
        (riff(FORMAT), "cut off"),
        (riff(FORMAT)[:30], "cut off"),
        (riff(b"data\x06\0\0\0", bytes(6)), "before their format"),
        (riff(FORMAT.replace(b"\x01\0\x02\0", b"\x55\0\x02\0"), b"data\x06\0\0\0", bytes(6)), "kind 85"),
        (riff(FORMAT.replace(b"\x01\0\x02\0", b"\x01\0\0\0"), b"data\x06\0\0\0", bytes(6)), "0 channels"),
    ],
)
def test_damaged_files_are_refused_with_what_is_wrong(tmp_path, content, problem):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=problem) as refused:
        read_wav_header(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(MediaError, match="cannot be opened"):
        read_wav_header(tmp_path / "a.wav")
