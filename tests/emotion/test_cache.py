from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import Studio
from cuts import felt, movie_cut

from emsync_bridge.emotion.extractors.cache import DiskCache, digest
from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor
from emsync_bridge.emotion.extractors.shared_decode import SharedDecode
from emsync_bridge.picture.shot_detection import detect_shots

PICTURE, SOUND = "testsrc2=s=64x48:r=25:d=8", "anoisesrc=d=8:c=pink:a=0.3:seed=1"


@pytest.fixture
def movie(studio: Studio) -> Path:
    return studio.movie("cached.mp4", PICTURE, SOUND)


def test_a_second_look_measures_nothing(movie: Path, tmp_path: Path) -> None:
    first = felt(movie_cut(movie, 0, 3, 8), memory=DiskCache(tmp_path))
    again = felt(movie_cut(movie, 0, 3, 8), memory=DiskCache(tmp_path))
    assert first.measured == 64
    assert again.measured == 0
    assert again.curve == first.curve == felt(movie_cut(movie, 0, 3, 8)).curve


def test_a_re_edit_looks_only_at_what_is_new(movie: Path, tmp_path: Path) -> None:
    felt(movie_cut(movie, 0, 3, 5), memory=DiskCache(tmp_path))
    longer = felt(movie_cut(movie, 0, 2, 6), memory=DiskCache(tmp_path))
    assert longer.measured == 2 * 4


def test_a_renamed_file_is_known_and_a_changed_one_is_not(movie: Path, studio: Studio, tmp_path: Path) -> None:
    felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path / "kept"))
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(movie.read_bytes())
    assert felt(movie_cut(moved, 0, 3), memory=DiskCache(tmp_path / "kept")).measured == 0
    content = bytearray(movie.read_bytes())
    content[-1] ^= 1
    moved.write_bytes(content)
    assert digest(moved) != digest(movie)


def test_key_frames_and_exact_samples_are_kept_apart(movie: Path, tmp_path: Path) -> None:
    felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path), keyframes=True)
    assert felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path)).measured >= 12


def test_another_version_starts_anew(movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path), extractors=[LookExtractor()])
    monkeypatch.setattr(LookExtractor, "version", "next")
    assert felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path), extractors=[LookExtractor()]).measured == 12


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04 not really", b"\x80\x04K\x01."])
def test_a_damaged_cache_only_costs_time(movie: Path, tmp_path: Path, harm: bytes) -> None:
    expected = felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path)).curve
    for kept in tmp_path.glob("*.npz"):
        kept.write_bytes(harm)
    assert felt(movie_cut(movie, 0, 3), memory=DiskCache(tmp_path)).curve == expected


def test_nothing_is_unpickled(movie: Path, tmp_path: Path) -> None:
    felt(movie_cut(movie, 0, 1), memory=DiskCache(tmp_path), extractors=[SoundExtractor()])
    (kept,) = tmp_path.glob("*.npz")
    with kept.open("wb") as file:
        np.savez(file, samples=np.array([object()], dtype=object), rows=np.zeros((1, 2), np.float32))
    assert DiskCache(tmp_path).recall(movie, SoundExtractor(), "exact") == {}


def test_an_unwritable_place_only_costs_time(movie: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert felt(movie_cut(movie, 0, 1), memory=DiskCache(blocked / "below")).measured > 0


def test_it_stays_small(movie: Path, tmp_path: Path) -> None:
    felt(movie_cut(movie, 0, 1), memory=DiskCache(tmp_path, most_bytes=1))
    assert list(tmp_path.glob("*")) == []
    felt(movie_cut(movie, 0, 1), memory=DiskCache(tmp_path))
    assert len(list(tmp_path.glob("*"))) == 2


def test_an_onlooker_spares_the_second_look(movie: Path, tmp_path: Path) -> None:
    plain = felt(movie_cut(movie, 0, 3, 8), extractors=[LookExtractor()])
    memory = DiskCache(tmp_path)
    onlooker = SharedDecode(movie, [LookExtractor(), SoundExtractor()], memory)
    found = detect_shots(movie, watch=onlooker)
    onlooker.finish(float(found.duration))
    again = felt(movie_cut(movie, 0, 3, 8), extractors=[LookExtractor()], memory=memory)
    assert again.measured == 0
    for one, other in zip(plain.curve.spans, again.curve.spans, strict=True):
        assert other.affect.valence == pytest.approx(one.affect.valence, abs=0.002)
        assert other.affect.arousal == pytest.approx(one.affect.arousal, abs=0.002)


def test_movement_is_not_counted_across_a_cut(studio: Studio, tmp_path: Path) -> None:
    path = studio.edit("hop.mp4", [f"color={c}:s=64x48:r=25:d=2" for c in ("black", "white", "black")])
    memory = DiskCache(tmp_path)
    onlooker = SharedDecode(path, [LookExtractor()], memory)
    detect_shots(path, watch=onlooker)
    onlooker.finish(6.0)
    for result in (felt(movie_cut(path, 0, 2, 4, 6), memory=memory), felt(movie_cut(path, 0, 2, 4, 6))):
        assert all("still" in span.reason for span in result.curve.spans)
