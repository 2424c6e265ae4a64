"""Blind pairs of motifs: a page from two banks, on which a person listens, chooses and saves, in a real browser."""

import json

from click.testing import CliRunner
from page_driving import browser_path

from emsync_bridge.cli import main
from emsync_bridge.music.arranging.themes.motifs import motif_bank, to_row
from emsync_bridge.picture.probe import probe
from emsync_bridge.training.evaluation.pieces.motif_pairs import PAIRS, motif_pairs, motifs_from, played


def bank_file(path, motifs):
    path.write_text(json.dumps({"from": "test", "motifs": [to_row(motif) for motif in motifs]}), encoding="utf-8")
    return str(path)


def test_motifs_are_paired_by_mode_and_mood_with_each_source_on_either_side_as_often(tmp_path):
    motifs = motifs_from("bank")
    sources = bank_file(tmp_path / "a.json", motifs[::2]), bank_file(tmp_path / "b.json", motifs[1::2])
    first, second = map(motifs_from, sources)
    found = motif_pairs(first, second, sources)
    assert len(found) == PAIRS
    assert found == motif_pairs(first, second, sources)
    assert found != motif_pairs(first, second, sources, seed=2)
    assert sum(pair.sources[0] == sources[0] for pair in found) == PAIRS // 2
    for pair in found:
        assert pair.motifs[0].minor == pair.motifs[1].minor
        assert sorted(pair.sources) == sorted(sources)
        for motif, source in zip(pair.motifs, pair.sources, strict=True):
            assert motif in (first if source == sources[0] else second)
    assert not motif_pairs(first, first, sources)  # what both have is never compared


def test_a_motif_is_heard_twice():
    motif = motif_bank()[0]
    melody = [note for note in played(motif).notes if note.instrument == "piano"]
    assert len(melody) == 2 * len(motif.notes)
    assert [note.pitch - 12 for note in melody] == 2 * motif.pitches()


def test_a_person_listens_chooses_and_saves(tmp_path):
    from playwright.sync_api import sync_playwright

    by_mode = [motif for motif in motifs_from("bank") if not motif.minor][:2]
    sources = bank_file(tmp_path / "new.json", by_mode[:1]), bank_file(tmp_path / "old.json", by_mode[1:])
    page_folder = tmp_path / "page"
    done = CliRunner().invoke(main, ["evaluate", "--motifs", *sources, "--listen", str(page_folder)])
    assert done.exit_code == 0, done.output
    sounds = sorted(page_folder.glob("*.m4a"))
    assert [path.name for path in sounds] == ["01_a.m4a", "01_b.m4a"]
    assert abs(probe(sounds[0]).duration - 10.6) < 0.1  # four bars at 100 beats a minute, and a second
    text = (page_folder / "blind.html").read_text(encoding="utf-8")
    assert "new.json" not in text
    assert "old.json" not in text
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page(accept_downloads=True)
        page.goto((page_folder / "blind.html").as_uri())
        assert page.title() == "Which tune do you like better?"
        assert page.locator("canvas").is_hidden()
        page.click("#tie")
        page.click("#side1 .choose")
        with page.expect_download() as download:
            page.click("#save")
        saved = json.loads(download.value.path().read_text(encoding="utf-8"))
        browser.close()
    expected = motif_pairs(*map(motifs_from, sources), sources)
    assert [pair["chosen"] for pair in saved["pairs"]] == [expected[0].sources[1]]
    assert [(pair["left"], pair["right"]) for pair in saved["pairs"]] == [pair.sources for pair in expected]


def test_what_is_no_source_is_said(tmp_path):
    (tmp_path / "odd.json").write_text("[]")
    out = str(tmp_path / "page")
    done = CliRunner().invoke(main, ["evaluate", "--motifs", str(tmp_path / "odd.json"), "bank", "--listen", out])
    assert done.exit_code == 1
    assert "not a bank of motifs" in done.output
    same = CliRunner().invoke(main, ["evaluate", "--motifs", "bank", "bank", "--listen", out])
    assert same.exit_code == 2
    assert "no two motifs" in same.output
    alone = CliRunner().invoke(main, ["evaluate", "--motifs", "bank", "bank"])
    assert alone.exit_code == 2
