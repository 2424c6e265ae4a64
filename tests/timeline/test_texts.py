from __future__ import annotations

from pathlib import Path

import fcpxml_text as fcp
import pytest
import xmeml_text as fcp7

from emsync_bridge.cue import TimedText
from emsync_bridge.cue.trimming import trim_spotting
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.spotting.spot import spot


def test_words_of_fcpxml_captions_titles_and_markers(tmp_path: Path) -> None:
    words = '<text><text-style ref="ts1">She finally</text-style><text-style ref="ts1">cries</text-style></text>'
    caption = f'<caption lane="1" offset="{fcp.t(30)}" duration="{fcp.t(20)}" name="c">{words}</caption>'
    title = (
        f'<title lane="2" ref="f1" offset="{fcp.t(60)}" start="0s" duration="{fcp.t(25)}" name="Basic Title">'
        "<text><text-style>A happy end</text-style></text></title>"
    )
    marker = f'<marker start="{fcp.t(10)}" duration="{fcp.t(1)}" value="tense stakeout" note="slow build"/>'
    path = tmp_path / "cut.fcpxml"
    path.write_text(fcp.document(fcp.clip(1, 0, 100, 0, caption, title, marker)), encoding="utf-8")
    model = read_timeline(path)
    frame = float(model.frame)
    found = {text.source: text for text in spot(model).texts}
    assert found["caption"].text == "She finally cries"
    assert (found["caption"].start, found["caption"].end) == pytest.approx((30 * frame, 50 * frame))
    assert "A happy end" in {text.text for text in model.captions}
    assert (found["marker"].text, found["marker"].end) == ("tense stakeout. slow build", None)
    assert found["marker"].start == pytest.approx(10 * frame)


def test_words_of_xmeml_titles(tmp_path: Path) -> None:
    text = "<parameter><parameterid>str</parameterid><name>Text</name><value>Ten years later, alone</value></parameter>"
    effect = f"<effect><name>Text</name><effectid>Text</effectid><effectcategory>Text</effectcategory>{text}</effect>"
    generator = (
        f"<generatoritem><name>Text</name><duration>1000</duration>{fcp7.rate(25)}<in>0</in><out>50</out>"
        f"<start>0</start><end>50</end>{effect}</generatoritem>"
    )
    body = f"<media><video><track>{generator}</track></video></media>"
    sequence = f"<sequence><name>s</name><duration>50</duration>{fcp7.rate(25)}{body}</sequence>"
    path = tmp_path / "cut.xml"
    path.write_text(fcp7.document(sequence), encoding="utf-8")
    model = read_timeline(path)
    assert TimedText(0.0, "Ten years later, alone", "title", 2.0) in spot(model).texts


def test_words_move_with_a_trimmed_part(tmp_path: Path) -> None:
    marker = f'<marker start="{fcp.t(60)}" duration="{fcp.t(1)}" value="reunion"/>'
    path = tmp_path / "cut.fcpxml"
    path.write_text(fcp.document(fcp.clip(1, 0, 100, 0, marker)), encoding="utf-8")
    model = read_timeline(path)
    spotting = spot(model)
    frame = float(model.frame)
    trimmed = trim_spotting(spotting, 50 * frame, 100 * frame)
    assert [text.start for text in trimmed.texts if text.source == "marker"] == pytest.approx([10 * frame])
    early = trim_spotting(spotting, 0, 50 * frame)
    assert not [text for text in early.texts if text.source == "marker"]
