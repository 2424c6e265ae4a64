"""Damaged and odd FCPXML: a cut model or a sentence about what is wrong, never anything else."""

from __future__ import annotations

from pathlib import Path

from fcpxml_text import asset, clip, compound, document, gap, points, ref, t, tag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opened import on_files
from xml_cuts import SAMPLES, needs_samples
from xml_damage import damaged, survives

from emsync_bridge.timeline.fcpxml import writer
from emsync_bridge.timeline.reading import read_timeline as read

place = on_files(writer.place)

ANGLES = tag("mc-angle", clip(1, 0, 90), name="W", angleID="A") + tag("mc-angle", clip(2, 0, 90), angleID="B")
SMALL = document(
    tag("transition", offset=t(0), duration=t(4), name="In"),
    gap(0, 10, clip(2, 3602, 20, 5, lane=1), tag("marker", start=t(3603), value="m"), start=3600),
    clip(1, 10, 20, 100, tag("conform-rate", srcFrameRate="25") + points((0, 0), (120, 90), (300, 400))),
    ref("c", 30, 20, 900, tag("spine", clip(3, 0, 5), clip(4, 5, 5), lane=2, offset=t(905)), enabled="1"),
    tag("transition", offset=t(45), duration=t(10), name="Dissolve"),
    tag("mc-clip", tag("mc-source", angleID="B", srcEnable="all"), ref="mc", offset=t(50), start=t(9), duration=t(20)),
    tag("audition", clip(1, 70, 10, 0, lane=None), clip(2, 70, 10), offset=t(70)),
    tag("clip", tag("video", ref="a1", offset="0s", duration=t(99)), offset=t(80), start=t(3), duration=t(9), name="k"),
    resources=compound("c", clip(3, 900, 9), clip(4, 909, 30), begin=900)
    + tag("media", tag("multicam", ANGLES, format="f1", tcStart="0s"), id="mc", name="mc")
    + asset(7, start="3600s"),
    tcStart=t(0),
)


def check(folder: Path, data: bytes) -> None:
    # A storyline that nothing can be connected to, or a version of old, may be refused.
    survives(data, folder / "cut.fcpxml", read, place, may_refuse=True)


@given(damaged(SMALL))
def test_a_small_document(tmp_path_factory, data):
    check(tmp_path_factory.getbasetemp(), data)


if SAMPLES.is_dir():
    REAL = (SAMPLES / "fcpx_1_11_2997_drop.fcpxml").read_text(encoding="utf-8")

    @given(damaged(REAL))
    @settings(suppress_health_check=list(HealthCheck))
    def test_a_real_export(tmp_path_factory, data):
        check(tmp_path_factory.getbasetemp(), data)


@needs_samples
@given(st.sampled_from(["fcpx_1_11_disabled.fcpxml", "fcpx_1_8_compound.fcpxml"]), st.floats(0, 1))
def test_a_file_that_was_cut_off(tmp_path_factory, name, share):
    whole = (SAMPLES / name).read_bytes()
    check(tmp_path_factory.getbasetemp(), whole[: int(len(whole) * share)])
