"""The extractor of ``docs/adding-an-extractor.md`` does what the page says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from clips import Studio
from cuts import felt, movie_cut
from places import ROOT

from emsync_bridge.emotion.extractors.interface import Extractor
from emsync_bridge.picture.relink import relink

BLOCKS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "adding-an-extractor.md").read_text(encoding="utf-8"), re.S
)


@pytest.fixture
def warmth(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("warmth")
    exec(BLOCKS[0], module.__dict__)
    monkeypatch.setitem(sys.modules, "warmth", module)
    return module


def test_warm_light_counts_as_pleasant(studio: Studio, warmth: ModuleType) -> None:
    page: dict[str, object] = {}
    exec(BLOCKS[1], page)
    found = {}
    for colour in ("orange", "gray", "blue"):
        cut = movie_cut(studio.picture(f"{colour}.mp4", f"color={colour}:s=96x54:r=25:d=4"), 0, 4)
        found[colour] = page["valence"](cut, relink(cut.shots, timeline=Path("/nowhere/cut.otio")))  # type: ignore[operator]
    assert found["orange"] > found["gray"] > found["blue"]


def test_reasons_and_shares_are_its_own(studio: Studio, warmth: ModuleType) -> None:
    extractor: Extractor = warmth.WarmthExtractor()
    path = studio.picture("warm.mp4", "color=orange:s=96x54:r=25:d=4")
    (span,) = felt(movie_cut(path, 0, 4), extractors=[extractor]).curve.spans
    assert "warm light" in span.reason
    assert "warmth" in {name for name, _, _ in span.contributions}


def test_damaged_media_leave_the_curve_as_it_is(tmp_path: Path, warmth: ModuleType) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no movie" * 100)
    found = felt(movie_cut(broken, 0, 4), extractors=[warmth.WarmthExtractor()])
    assert found.curve.mean() == felt(movie_cut(None, 0, 4)).curve.mean()
    assert any("broken.mp4" in warning for warning in found.warnings)
