"""The page on results names every file that a run may write, and the names that versions really get."""

from places import ROOT

from emsync_bridge.files.leftovers import claim_version
from emsync_bridge.files.overwriting import LEDGER
from emsync_bridge.midi.players import FAMILIES
from emsync_bridge.scoring.outputs import ENDINGS

PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_every_ending_of_a_result_is_on_the_page():
    stems = {f".{name}.wav" for name in FAMILIES if name != "strings"}  # one family stands for all
    lacking = {
        ending
        for ending in ENDINGS - stems
        if f"CUT{ending}" not in PAGE and f"`.{ending.rpartition('.')[2]}`" not in PAGE
    }
    assert not lacking


def test_versions_are_called_as_the_page_says(tmp_path):
    for number, name in enumerate(("CUT", "CUT v02", "CUT v03")):
        with claim_version(tmp_path, "CUT", ENDINGS) as given:
            (tmp_path / f"{given}.wav").write_bytes(bytes(number))
        assert given == name
        assert number == 0 or name in PAGE


def test_the_list_of_written_files_is_called_as_the_page_says():
    assert f"`{LEDGER}`" in PAGE
