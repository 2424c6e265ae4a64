"""Damaged and odd xmeml: a cut model or a sentence about what is wrong, never anything else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opened import on_files
from xmeml_text import clip, document, file, key, rate, remap, sequence, track, transition
from xml_cuts import SAMPLES, needs_samples
from xml_damage import damaged, survives

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.reading import read_timeline as read
from emsync_bridge.timeline.xmeml import writer

place = on_files(writer.place)

NEST = sequence(track(clip(0, 40, 0, 40, file(2)), clip(40, 60, 0, 20, file(3))), key="sequence-2", name="Nest")
SMALL = document(
    sequence(
        track(
            clip(0, -1, 0, 45, file(1), extra=remap("50", keys=key(0, 0) + key(90, 45))),
            transition(35, 45, extra="<cutPointTicks>50803200000</cutPointTicks>"),
            clip(-1, 90, 10, 65, NEST, extra=remap("120", variable=True, keys=key(0, 0) + key(20, 9) + key(60, 60))),
            clip(90, 99, 3, 12, '<file id="file-1"/>', extra="<marker><name>a</name><in>5</in><out>-1</out></marker>"),
        ),
        track(clip(10, 20, 0, 10, '<sequence id="sequence-2"/>'), enabled=True),
        audio=(track(clip(0, 99, 0, 99, '<file id="file-1"/>')),),
        extra=f"<timecode>{rate(25)}<string>01:00:00:00</string><displayformat>NDF</displayformat></timecode>"
        "<marker><name>b</name><comment>c</comment><in>7</in><out>9</out><pproColor>4281740498</pproColor></marker>",
    )
)


def check(folder: Path, data: bytes) -> None:
    survives(data, folder / "cut.xml", read, place)


@given(damaged(SMALL))
def test_a_small_document(tmp_path_factory, data):
    check(tmp_path_factory.getbasetemp(), data)


if SAMPLES.is_dir():
    PREMIERE = (SAMPLES / "premiere_nested_transitions.xml").read_text(encoding="utf-8")

    @given(damaged(PREMIERE))
    @settings(suppress_health_check=list(HealthCheck))
    def test_a_real_export(tmp_path_factory, data):
        check(tmp_path_factory.getbasetemp(), data)


@needs_samples
@given(st.sampled_from(["hiero_export.xml", "premiere_generators_2397.xml"]), st.floats(0, 1))
def test_a_file_that_was_cut_off(tmp_path_factory, name, share):
    whole = (SAMPLES / name).read_bytes()
    check(tmp_path_factory.getbasetemp(), whole[: int(len(whole) * share)])


def test_numbers_beyond_all_measure(tmp_path):
    text = document(sequence(track(clip(0, 10**14, 0, 10, file(1)))))
    path = tmp_path / "cut.xml"
    path.write_text(text)
    with pytest.raises(TimelineError, match="longer than a week"):
        read(path, rate=Fraction(25))
