"""Content Credentials, read by the library of those who made C2PA."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.errors import RenderError
from emsync_bridge.files.wav_header import read_wav_header
from emsync_bridge.machine_mark import DIGITAL_SOURCE
from emsync_bridge.options import RenderOptions, ScoreOptions
from emsync_bridge.render.files.credentials import COMPOSITE_SOURCE, sign, signature_of
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.files.wav import write_wav
from emsync_bridge.scoring.settings import settings_of
from emsync_bridge.scoring.sound_steps import sign_media

c2pa = pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from certificates import STUDIO, make_certificate  # noqa: E402 (needs the extra)

MARK = "Machine-made music: by a test, seed 7"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def a_wav(path: Path) -> np.ndarray:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (48_000, 2)).astype(np.float32)
    write_wav(path, [sound], len(sound), stamp=Stamp(start=Fraction(3600), project="film"))
    return sound


def read(path: Path) -> tuple[str, dict]:
    with c2pa.Reader(str(path)) as reader:
        document = json.loads(reader.json())
        return reader.get_validation_state(), document["manifests"][document["active_manifest"]]


def action_of(manifest: dict) -> dict:
    actions = next(each for each in manifest["assertions"] if each["label"].startswith("c2pa.actions"))
    return actions["data"]["actions"][0]


def test_a_wav_says_who_made_it_and_sounds_as_before(tmp_path: Path, signer: tuple[Path, Path]) -> None:
    path = tmp_path / "music.wav"
    sound = a_wav(path)
    signature = signature_of(*signer)
    assert signature is not None
    sign(path, signature, MARK)
    state, manifest = read(path)
    assert state == "Valid"
    assert manifest["signature_info"]["issuer"] == STUDIO
    action = action_of(manifest)
    assert (action["action"], action["digitalSourceType"], action["description"]) == (
        "c2pa.created",
        DIGITAL_SOURCE,
        MARK,
    )
    with WavReader(path) as reader:
        assert np.abs(np.concatenate(list(reader.blocks(10_000))) - sound).max() < 1e-6
    assert read_wav_header(path).start == 3600
    assert [each.name for each in tmp_path.iterdir()] == ["music.wav"]


def test_a_changed_file_is_found_out(tmp_path: Path, signer: tuple[Path, Path]) -> None:
    path = tmp_path / "music.wav"
    a_wav(path)
    sign(path, signature_of(*signer), MARK)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert read(path)[0] == "Invalid"


def test_a_movie_is_a_composite(tmp_path: Path, signer: tuple[Path, Path]) -> None:
    movie = tmp_path / "cut.mp4"
    sources = ["-f", "lavfi", "-i", "color=black:s=32x32:d=0.4", "-f", "lavfi", "-i", "sine=d=0.4"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *sources, "-shortest", str(movie)]
    subprocess.run(command, check=True)
    sign(movie, signature_of(*signer), MARK, composite=True)
    state, manifest = read(movie)
    assert state == "Valid"
    assert action_of(manifest)["digitalSourceType"] == COMPOSITE_SOURCE


def test_the_sounding_files_of_a_cue_are_signed_and_the_key_is_not_named(
    tmp_path: Path, signer: tuple[Path, Path]
) -> None:
    kinds = ("audio", "stem strings", "alternate no-melody", "bwf", "audio under speech", "timecode")
    made = {kind: tmp_path / f"{kind}.wav" for kind in kinds} | {"midi": tmp_path / "a.mid"}
    for path in made.values():
        a_wav(path)
    cue = Cue(Spotting("film", 1.0, Fraction(25)), EmotionCurve(()), (Take(7, (), TempoMap()),))
    options = RenderOptions(certificate=signer[0], certificate_key=signer[1], room="dry")
    sign_media(cue, made, options)
    assert [kind for kind, path in made.items() if b"C2PA" in path.read_bytes()] == list(kinds[:-1])
    assert "seed 7" in json.dumps(read(made["audio"])[1])
    assert settings_of(ScoreOptions(render=options)) == {"room": "dry"}
    sign_media(cue, {"audio": made["midi"]}, RenderOptions())
    assert b"C2PA" not in made["midi"].read_bytes()


def test_what_cannot_sign_is_named_before_anything_is_made(
    tmp_path: Path, signer: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = signer
    other = make_certificate(tmp_path, "other")
    (tmp_path / "text.pem").write_text("no certificate")
    cases = [
        ((certificate, None), "certificate_key", "needs a certificate and its key"),
        ((None, key), "certificate", "needs a certificate and its key"),
        ((certificate, other[1]), "certificate_key", "not that of the first certificate"),
        ((tmp_path / "text.pem", key), "certificate", "no certificate in PEM"),
        ((certificate, tmp_path / "text.pem"), "certificate_key", "no private key"),
        ((certificate, key.with_name("signer.locked.key")), "certificate_key", "without a password"),
        ((tmp_path / "none.pem", key), "certificate", "No such file"),
    ]
    for files, setting, message in cases:
        with pytest.raises(RenderError, match=message) as problem:
            signature_of(*files)
        assert problem.value.setting == setting
    assert signature_of(None, None) is None
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(RenderError, match=r"emsync-bridge\[c2pa\]"):
        signature_of(certificate, key)


def test_a_certificate_that_may_not_sign_leaves_the_file_as_it_was(tmp_path: Path, signer: tuple[Path, Path]) -> None:
    path = tmp_path / "music.wav"
    a_wav(path)
    before = path.read_bytes()
    signature = signature_of(*signer)
    assert signature is not None
    root = signature.chain[signature.chain.index(b"-----BEGIN", 10) :]
    with pytest.raises(RenderError, match="cannot be signed"):
        sign(path, type(signature)(signature.algorithm, root, signature.key), MARK)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["music.wav"]


@pytest.mark.parametrize("small_disk", ["size=400k"], indirect=True)
def test_a_full_disk_is_said_and_leaves_the_file_as_it_was(small_disk: Path, signer: tuple[Path, Path]) -> None:
    path = small_disk / "music.wav"
    a_wav(path)
    before = path.read_bytes()
    signature = signature_of(*signer)
    assert signature is not None
    with pytest.raises(RenderError, match=r"cannot be signed.*[Rr]oom"):
        sign(path, signature, MARK)
    assert path.read_bytes() == before
    assert [each.name for each in small_disk.iterdir()] == ["music.wav"]
