from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import QUICK, Studio
from cuts import movie_cut, only
from numpy.typing import NDArray
from places import SHARED

from emsync_bridge.emotion.estimate import default_extractors
from emsync_bridge.emotion.extractors import face_networks
from emsync_bridge.emotion.extractors.face import AFFECT, FaceExtractor
from emsync_bridge.emotion.extractors.interface import ShotPart, features, split
from emsync_bridge.emotion.extractors.low_level import LookExtractor
from emsync_bridge.emotion.extractors.observe import observe
from emsync_bridge.errors import CheckpointError
from emsync_bridge.picture.relink import relink
from emsync_bridge.picture.shot_detection import SIDE, WIDE
from emsync_bridge.training.emotion.cues.people import judged_pictures, valences

PART = ShotPart(0, 0.0, 4.0, pace=4.0)


def portrait() -> NDArray[np.uint8]:
    """Return the photograph of a person that matplotlib brings along: red, green and blue, 600 x 512 pixels."""
    from matplotlib.cbook import get_sample_data

    picture = cv2.imread(str(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    assert picture is not None
    return np.ascontiguousarray(picture[:, :, ::-1])


def frame(height: float, *, light: float = 1.0, aspect: float = 16 / 9) -> NDArray[np.uint8]:
    """Return a decoded frame with a portrait that fills this share of the picture's height."""
    picture = portrait()[60:460, 60:460].astype(np.float32) * light
    canvas = np.full((720, round(720 * aspect), 3), 90 * light, np.float32)
    side = round(720 * height)
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    top, left = (720 - side) // 2, (canvas.shape[1] - side) // 2
    canvas[top : top + side, left : left + side] = small
    return cv2.resize(canvas, (WIDE, SIDE), interpolation=cv2.INTER_AREA).round().astype(np.uint8)  # type: ignore[return-value]


@pytest.mark.parametrize("height", [0.4, 0.7, 1.0])
def test_a_face_is_found_in_several_sizes(height: float) -> None:
    (row,) = FaceExtractor().measure_detailed([frame(height)], 16 / 9)
    assert row[0] > 0.02 * height**2
    assert row[1:].sum() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("aspect", [4 / 3, 1.0, 9 / 16, 2.39])
def test_proportions_are_those_of_the_picture(aspect: float) -> None:
    (row,) = FaceExtractor().measure_detailed([frame(0.6 if aspect > 0.8 else 0.4, aspect=aspect)], aspect)
    assert row[0] > 0


def test_bars_do_not_matter() -> None:
    plain = frame(0.8)
    boxed = np.zeros_like(plain)
    boxed[28:-28] = cv2.resize(plain, (WIDE, SIDE - 56), interpolation=cv2.INTER_AREA)
    (row,) = FaceExtractor().measure_detailed([boxed], 4 / 3)
    assert row[0] > 0


def test_small_dark_and_absent_faces_are_left_out() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, WIDE, 3), np.uint8)
    rows = FaceExtractor().measure_detailed([frame(0.1), frame(0.6, light=0.15), noise, np.zeros_like(noise)], 16 / 9)
    assert not rows.any()
    assert FaceExtractor().estimates(PART, rows) == []
    assert np.isnan(features(FaceExtractor(), rows)[:, 1:]).all()


def test_expressions_have_their_place_and_error_grows_with_absence() -> None:
    happy, angry = (np.eye(8, dtype=np.float32)[[i]] + np.array([[0.1] + [0.0] * 7], np.float32) for i in (2, 4))
    nobody = np.zeros((1, 8), np.float32)
    (always,) = FaceExtractor().estimates(PART, happy)
    (half,) = FaceExtractor().estimates(PART, np.concatenate((happy, nobody)))
    assert (always.affect.valence, always.affect.arousal) == pytest.approx((0.76, 0.48))
    assert always.reason == "happy face"
    assert (always.coverage, half.coverage) == (1.0, 0.5)
    assert half.sigma[0] == pytest.approx(always.sigma[0] * 2**0.5)
    (cross,) = FaceExtractor().estimates(PART, angry)
    assert cross.affect.valence < -0.4
    assert AFFECT.shape == (7, 2)


def test_the_default_looks_at_faces_and_says_so(studio: Studio, tmp_path: Path) -> None:
    still = tmp_path / "person.png"
    cv2.imwrite(str(still), portrait()[:, :, ::-1])
    path = studio.make("person.mp4", "-loop", "1", "-t", "2", "-i", still, "-vf", "scale=512:600,fps=25", *QUICK)
    extractors, left_out = default_extractors()
    assert left_out == []
    assert "face" in {extractor.name for extractor in extractors}
    span = only(path, end=2.0, extractors=[FaceExtractor()])
    assert "face" in {name for name, _, _ in span.contributions}
    assert span.sigma[0] < only(path, end=2.0, extractors=[LookExtractor()]).sigma[0]


def test_rows_of_one_decode_serve_faces_and_all_else(studio: Studio) -> None:
    path = studio.picture("nobody.mp4", "testsrc2=s=96x54:r=25:d=2")
    cut = movie_cut(path, 0, 2)
    parts = list(split(cut.shots, relink(cut.shots, timeline=Path("/nowhere/cut.otio"))))
    seen = observe(parts, [LookExtractor(), FaceExtractor()])
    assert seen.rows[0, "look"].shape[0] == 8
    assert seen.rows[0, "face"].shape == (2, 8)


def test_the_files_are_those_of_their_card(tmp_path: Path) -> None:
    card = json.loads(face_networks.DETECTOR.with_name("face_networks.json").read_text())
    for path in (face_networks.DETECTOR, face_networks.EXPRESSION):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == card["sha256"][path.name]
    assert "MIT" in face_networks.DETECTOR.with_name("face_networks.LICENSE").read_text()
    assert tuple(card["expressions"]) == face_networks.EXPRESSIONS
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(face_networks.DETECTOR.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="cannot be read"):
        face_networks.FaceNetworks(damaged)


@pytest.mark.skipif(not (SHARED / "data" / "oasis").is_dir(), reason="needs the rated photographs")
def test_faces_tell_the_valence_of_rated_photographs() -> None:
    """Found are 31 of 41 close-ups, and 27 of 34 signs are right; on these faces alone the expression has r 0.70."""
    folder = SHARED / "data" / "oasis"
    judged = list(judged_pictures(folder / "pictures_256.zip", folder / "ratings.csv"))
    close = [picture for picture in judged if " face " in picture.name]
    seen = [picture for picture in close if picture.has_face]
    assert len(close) == 41
    assert len(seen) >= 28
    truth = np.array([picture.valence for picture in seen])
    assert np.corrcoef(valences(seen, ("face",))[0], truth)[0, 1] >= 0.65
    sided = [picture for picture in close if abs(picture.valence) >= 0.1]
    found, _ = valences(sided, ("face", "colour"))
    assert np.mean([value * picture.valence > 0 for value, picture in zip(found, sided, strict=True)]) >= 0.75
