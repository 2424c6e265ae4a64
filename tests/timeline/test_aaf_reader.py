import builtins
import importlib.util
import logging
import random
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.cut.model import CutModel

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample timelines are not here")
needs_adapter = pytest.mark.skipif(not importlib.util.find_spec("otio_aaf_adapter"), reason="needs emsync-bridge[aaf]")


def read(path, **options):
    from emsync_bridge.timeline.reading import read_timeline as read

    return read(path, **options)


@cache
def sample(name):
    return read(SAMPLES / name)


# Lengths and starts as aaf2 alone gives them, without the adapter: for each composition mob the Length of every
# component of its picture slot's sequence, transitions taken off (aaf2.open(PATH).content.toplevel()).
@needs_samples
@needs_adapter
@pytest.mark.parametrize(
    ("name", "rate", "start", "spans"),
    [
        ("avid_30fps.aaf", 30, 108000, [(0, 26), (26, 158)]),
        ("avid_transition_markers.aaf", 24, 86400, [(0, 47), (47, 94), (94, 320)]),
        ("avid_mixdown_over_edit.aaf", 24, 86400, [(0, 50), (0, 175), (50, 101), (101, 175)]),
    ],
)
def test_real_files(name, rate, start, spans):
    model = sample(name)
    assert (model.rate, model.start_frame, model.drop_frame) == (rate, start, False)
    assert [(leaf.start * rate, leaf.end * rate) for leaf in model.leaves] == spans
    assert model.duration * rate == spans[-1][1]


@needs_samples
@needs_adapter
def test_a_dissolve_markers_and_names():
    model = sample("avid_transition_markers.aaf")
    assert [(t.start * 24, t.end * 24, t.edit * 24) for t in model.transitions] == [(23, 71, 47)]
    assert [leaf.name for leaf in model.leaves] == ["999_1", "999_2", "999_1"]
    assert {marker.name for marker in model.markers} == {"s999_1.gt_2"}
    assert [(edit.frame, edit.center, edit.kind) for edit in cut_list(model).edits] == [
        (47, 47, "transition"),
        (94, 94, "cut"),
    ]


@needs_samples
@needs_adapter
def test_a_mixdown_over_the_edit_does_not_hide_it():
    cuts = cut_list(sample("avid_mixdown_over_edit.aaf"))
    assert [edit.frame for edit in cuts.edits] == [50, 101]
    assert any("Video Mixdown" in warning for warning in cuts.warnings)


@needs_samples
@needs_adapter
def test_rate_and_sequence_options():
    path = SAMPLES / "avid_30fps.aaf"
    assert read(path, rate=Fraction(30000, 1001)).rate == Fraction(30000, 1001)
    assert read(path, sequence="OTIO_30_fps_test.Exported.01").name == "OTIO_30_fps_test.Exported.01"
    with pytest.raises(TimelineError, match=r"OTIO_30_fps_test\.Exported\.01"):
        read(path, sequence="another")


@needs_samples
@needs_adapter
def test_drop_frame_is_read_from_the_timecode_track(tmp_path):
    import aaf2

    copy = tmp_path / "copy.aaf"
    copy.write_bytes((SAMPLES / "avid_30fps.aaf").read_bytes())
    with aaf2.open(str(copy), "rw") as file:
        for mob in file.content.toplevel():
            for slot in mob.slots:
                slot.edit_rate = "30000/1001"
                if type(slot.segment).__name__ == "Timecode":
                    slot.segment["Drop"].value = True
    model = read(copy)
    assert (model.rate, model.drop_frame) == (Fraction(30000, 1001), True)


@needs_adapter
@pytest.mark.parametrize("zeros", [0, 4096])
def test_damaged_files_are_told(tmp_path, zeros):
    path = tmp_path / "broken.aaf"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(zeros))
    with pytest.raises(TimelineError, match="cannot be understood"):
        read(path)


@needs_samples
@needs_adapter
def test_bytes_changed_at_random_give_a_model_or_a_message(tmp_path, capfd):
    original = (SAMPLES / "avid_30fps.aaf").read_bytes()
    chance = random.Random(5)
    path = tmp_path / "changed.aaf"
    handlers = list(logging.getLogger().handlers)
    refused = 0
    for _ in range(12):
        data = bytearray(original[: chance.choice([len(original), chance.randrange(len(original))])])
        for _ in range(chance.choice([1, 10, 100])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            assert isinstance(read(path), CutModel)
        except TimelineError:
            refused += 1
    assert refused > 0
    assert capfd.readouterr().out == ""
    assert logging.getLogger().handlers == handlers


@needs_samples
def test_a_missing_package_is_named(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "aaf2" else found(name, *a))
    with pytest.raises(TimelineError, match=r"pip install \"emsync-bridge\[aaf\]\""):
        read(SAMPLES / "avid_30fps.aaf")


def test_the_module_loads_without_the_packages(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.split(".")[0] in ("aaf2", "otio_aaf_adapter"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    spec = importlib.util.find_spec("emsync_bridge.timeline.aaf.reader")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
