"""Timelines that no music can be put into are refused before any is composed."""

import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.scoring import steps

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.2">
  <resources>
    <format id="r1" frameDuration="1/25s" width="1920" height="1080"/>
    <asset id="r2" name="a" src="file:///m/a.mov" start="0s" duration="20s" hasVideo="1" format="r1"/>
  </resources>
  <project name="Old"><sequence format="r1" duration="8s" tcStart="0s" tcFormat="NDF"><spine>
    <clip name="a" offset="0s" duration="4s"><video ref="r2" duration="20s"/></clip>
    <clip name="b" offset="4s" duration="4s" start="8s"><video ref="r2" duration="20s"/></clip>
  </spine></sequence></project>
</fcpxml>
"""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.fcpxml"
    path.write_text(OLD)
    return path


def test_fcpxml_that_is_too_old_is_refused_before_anything_is_composed(old, tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "compose", lambda *_: pytest.fail("music was composed"))
    ran = CliRunner().invoke(main, ["score", str(old), "--out", str(tmp_path / "out")])
    said = " ".join(ran.output.split())
    assert ran.exit_code == 1
    assert "Music can be put into FCPXML from version 1.6 on; this is an older one" in said
    assert "Export FCPXML 1.6 or newer" in said
    assert "emsync compose" in said
    assert [path.name for path in tmp_path.iterdir()] == [old.name]


def test_it_is_still_spotted(old):
    ran = CliRunner().invoke(main, ["spot", str(old)])
    assert ran.exit_code == 0, ran.output
