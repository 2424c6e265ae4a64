"""Final Cut Pro 7 XML in: retimed clips, and clips that hold others."""

from __future__ import annotations

from fractions import Fraction

import pytest
from xmeml_text import clip, document, file, frames, key, remap, sequence, track
from xml_cuts import opening

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut import builder
from emsync_bridge.timeline.reading import read_timeline as read


@pytest.fixture
def opened(tmp_path):
    return opening(read, tmp_path / "cut.xml")


@pytest.mark.parametrize(
    ("filters", "first", "source", "speed"),
    [
        (remap("50"), 100, 50, Fraction(1, 2)),
        (remap("200"), 100, 200, 2),
        (remap("950", keys=key(0, 0) + key(369, 3505)), 100, 950, Fraction(19, 2)),
        (remap("100", reverse=True, keys=key(0, 999) + key(999, 0)), 100, 899, -1),
        (remap("100", reverse=True), 100, 9900, -1),
        (remap("50", reverse=True, keys=key(0, 1000) + key(2000, 0)), 100, 950, Fraction(-1, 2)),
        (remap("-50"), 100, 10000 - 50, Fraction(-1, 2)),
        (remap("0"), 100, 100, 0),
        (remap("100", keys=key(0, 77) + key(86400, 77)), 86400, 77, 0),
        (remap("99", variable=True, keys=key(0, 0) + key(400, 100)), 100, 25, Fraction(1, 4)),
        # Premiere's virtual key frames may hold junk; the real ones decide.
        (
            remap(
                "99",
                variable=True,
                keys=key(0, 0)
                + key(100, 300)
                + key(140, -1815255671, "<speedvirtualkf>TRUE</speedvirtualkf><speedkfout>TRUE</speedkfout>"),
            ),
            50,
            150,
            3,
        ),
        ("<filter><enabled>FALSE</enabled>" + remap("50")[len("<filter>") :], 100, 100, 1),
    ],
)
def test_speed(opened, filters, first, source, speed):
    model = opened(document(sequence(track(clip(10, 50, first, first + 40, file(1), extra=filters)))))
    assert (model.leaves[0].source * 25, model.leaves[0].speed) == (source, speed)


def test_a_ramp_has_a_source_at_its_start_and_no_one_speed(opened):
    ramp = remap("150", variable=True, keys=key(0, 0) + key(20, 20) + key(40, 60))
    model = opened(document(sequence(track(clip(0, 40, 0, 40, file(1), extra=ramp)))))
    assert (model.leaves[0].source, model.leaves[0].speed) == (0, None)


def test_a_nest_at_double_speed_and_in_reverse(opened):
    nest = sequence(track(clip(0, 40, 0, 40, file(1)), clip(40, 100, 0, 60, file(2))), key="sequence-2")
    fast = clip(0, 50, 0, 50, nest, extra=remap("200"))
    back = clip(50, 150, 0, 100, '<sequence id="sequence-2"/>', extra=remap("100", reverse=True))
    back = back.replace("<duration>10000<", "<duration>100<")
    model = opened(document(sequence(track(fast, back))))
    assert [(row[0], row[1]) for row in frames(model)] == [(0, 20), (20, 50), (50, 110), (110, 150)]
    assert [leaf.media[-6:] for leaf in model.leaves] == ["m1.mov", "m2.mov", "m2.mov", "m1.mov"]
    assert [leaf.speed for leaf in model.leaves] == [2, 2, -1, -1]
    # backwards, the nest begins at its end: frame 59 of m2 lies between 60 and 59
    assert model.leaves[2].source * 25 == 60


def test_a_nest_with_a_ramp_and_a_freeze(opened):
    nest = sequence(track(clip(0, 40, 0, 40, file(1)), clip(40, 100, 0, 60, file(2))), key="sequence-2")
    ramp = remap("1", variable=True, keys=key(0, 0) + key(20, 20) + key(40, 60))
    still = remap("0", keys=key(0, 30) + key(10, 30))
    model = opened(
        document(
            sequence(
                track(
                    clip(0, 40, 0, 40, nest, extra=ramp),
                    clip(40, 50, 0, 10, '<sequence id="sequence-2"/>', extra=still),
                )
            )
        )
    )
    rows = [(leaf.start * 25, leaf.end * 25, leaf.media[-6:], leaf.source * 25, leaf.speed) for leaf in model.leaves]
    assert rows == [
        (0, 20, "m1.mov", 0, 1),
        (20, 30, "m1.mov", 20, 2),
        (30, 40, "m2.mov", 0, 2),
        (40, 50, "m1.mov", 30, 0),
    ]


def test_a_nest_of_another_rate_and_longer_than_its_content(opened):
    nest = sequence(track(clip(0, 30, 0, 30, file(1), base=30)), key="sequence-2", base=30)
    model = opened(document(sequence(track(clip(100, 150, 0, 50, nest)))))
    assert [row[:2] for row in frames(model)] == [(100, 125)]
    assert model.duration * 25 == 150


def test_a_nest_that_contains_itself_ends(opened):
    inner = clip(0, 10, 0, 10, '<sequence id="sequence-1"/>')
    model = opened(document(sequence(track(clip(0, 10, 0, 10, file(1)), inner))))
    assert len(model.leaves) == 1
    assert any("nested in itself" in warning for warning in model.warnings)


def test_nests_that_multiply_are_refused(opened, monkeypatch):
    def nests(level: int) -> list[str]:
        return [clip(0, 1, 0, 1, f'<sequence id="s{level + 1}"/>') for _ in range(30)]

    monkeypatch.setattr(builder, "MAX_STEPS", 3000)
    levels = [sequence(*map(track, nests(level)), key=f"s{level}") for level in range(6)]
    end = sequence(track(clip(0, 1, 0, 1, file(1))), key="s6")
    with pytest.raises(TimelineError, match="nests within nests"):
        opened(document(*levels, end))


def test_a_multiclip_shows_its_active_angle(opened):
    def angle(number: int, active: bool) -> str:
        shown = "TRUE" if active else "FALSE"
        return (
            f"<angle><activevideoangle>{shown}</activevideoangle><clip><name>cam {number}</name>"
            f"<media><video><track><clipitem>{file(number)}</clipitem></track></video></media></clip></angle>"
        )

    multi = f'<multiclip id="mc"><name>m</name>{angle(1, active=False)}{angle(2, active=True)}</multiclip>'
    model = opened(document(sequence(track(clip(0, 10, 0, 10, multi), clip(10, 20, 10, 20, '<multiclip id="mc"/>')))))
    assert [(leaf.angle, leaf.media[-6:]) for leaf in model.leaves] == [("cam 2", "m2.mov")] * 2
