"""The setting that an error names, as each front end words it."""

import re
import shutil
import subprocess
from pathlib import Path

import opentimelineio as otio
import pytest
from click.testing import CliRunner
from emsync_bridge.resolve_scripts.menu.bridge import PAGE_CONTROLS, said_of

from emsync_bridge.cli import main
from emsync_bridge.errors import MusicError, TimelineError
from emsync_bridge.server.errors import to_response
from emsync_bridge.timeline.reading import read_timeline

PACKAGE = Path(__file__).parents[2]
PAGE = PACKAGE / "emsync_bridge" / "server" / "page" / "index.html"
SEED = MusicError("The generator keeps adding notes", hint="Try another seed", setting="seed")


@pytest.fixture
def two_reels(tmp_path):
    reels = otio.schema.SerializableCollection("reels")
    for name in ("A", "B"):
        reels.append(otio.schema.Timeline(name))
        reels[-1].tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video))
        length = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(24, 24))
        reels[-1].tracks[0].append(otio.schema.Clip("shot", source_range=length))
    otio.adapters.write_to_file(reels, str(tmp_path / "reels.otio"))
    return tmp_path / "reels.otio"


def controls_of_the_page():
    """Return the label of every control of the page that sets an option."""
    text = PAGE.read_text(encoding="utf-8")
    labels = dict(re.findall(r'<label for="([^"]+)"[^>]*>([^<]+)<', text))
    marked = re.findall(r'id="([^"]+)"[^>]* data-setting="([^"]+)"', text)
    return {setting: labels[control].strip() for control, setting in marked}


def test_the_command_names_its_option(two_reels):
    refused = CliRunner().invoke(main, ["spot", str(two_reels)])
    assert refused.exit_code == 1
    assert "'A', 'B'" in refused.output
    assert refused.output.rstrip().endswith("(--sequence).")


@pytest.mark.parametrize("sequence", [None, "C"])
def test_the_bridge_names_the_sequences_as_data(two_reels, sequence):
    with pytest.raises(TimelineError) as refused:
        read_timeline(two_reels, sequence=sequence)
    document = to_response(refused.value)
    assert (document["setting"], document["choices"]) == ("sequence", ["A", "B"])
    assert "choices" not in to_response(SEED)


def test_the_menu_names_the_control_of_the_page():
    assert said_of({"error": to_response(SEED)}, "").endswith("Try another seed ('Seed' on the emsync page).")
    assert said_of({"error": {"what": "No", "hint": "Wait"}}, "") == "No. Wait."


@pytest.mark.skipif(not shutil.which("luajit"), reason="needs luajit")
def test_the_menu_in_lua_names_it_in_the_same_words(tmp_path):
    lua = (PACKAGE / "resolve_scripts" / "lua" / "bridge.lua").as_posix()
    script = tmp_path / "say.lua"
    script.write_text(
        f"""
        local bridge = dofile("{lua}")(function() return {{}} end, {{ home = "/x", system = "linux" }}, {{}}, {{}})
        io.write(bridge.said({{ error = {{ what = "{SEED.what}", hint = "{SEED.hint}", setting = "seed" }} }}, ""))
        """
    )
    answer = subprocess.run(["luajit", str(script)], capture_output=True, text=True, check=True)
    assert answer.stdout == said_of({"error": to_response(SEED)}, "")


def test_the_page_has_the_controls_that_the_menus_name():
    shown = controls_of_the_page()
    assert {name: shown[name] for name in PAGE_CONTROLS} == PAGE_CONTROLS
    lua = (PACKAGE / "resolve_scripts" / "lua" / "bridge.lua").read_text(encoding="utf-8")
    table = re.search(r"page_controls = \{(.*?)\}", lua)[1]
    assert dict(re.findall(r'(\w+) = "([^"]+)"', table)) == PAGE_CONTROLS


def test_no_hint_outside_the_commands_names_an_option():
    named = []
    for path in sorted((PACKAGE / "emsync_bridge").rglob("*.py")):
        if "cli" not in path.parts and "gpu_run" not in path.parts:  # which is a command of its own
            text = path.read_text(encoding="utf-8")
            named += [f"{path}: {found}" for found in re.findall(r"hint=f?[\"'][^\n]*--[a-z][^\n]*", text)]
    assert [line for line in named if "emsync serve --open" not in line] == []
